/* SPDX-License-Identifier: Apache-2.0 */
/* Continues sync_results.c: named semaphores, once, keys, and C11's names. */
#include "sync_results.h"

static void named_semaphores(void)
{
	char name[64], elsewhere[80], longest[300];
	sem_t *a, *b;
	int value = -1;

	snprintf(name, sizeof(name), "/jostle-test-%d", (int)getpid());
	snprintf(elsewhere, sizeof(elsewhere), "/none%s", name);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	EXPECT(sem_open(name, 0), SEM_FAILED);
	EXPECT(errno, ENOENT);
	EXPECT(sem_open(elsewhere, O_CREAT, 0600, 1), SEM_FAILED);
	EXPECT(errno, EINVAL);
	EXPECT(sem_open(longest, O_CREAT, 0600, 1), SEM_FAILED);
	EXPECT(errno, EINVAL);
	longest[NAME_MAX] = '\0';
	EXPECT(sem_open(longest, O_CREAT, 0600, 1), SEM_FAILED);
	EXPECT(errno, ENAMETOOLONG);
	FAILS(sem_unlink(elsewhere), ENOENT);
	EXPECT(sem_open(name, O_CREAT, 0600, (unsigned)INT_MAX + 1), SEM_FAILED);
	EXPECT(errno, EINVAL);
	a = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
	EXPECT(a != SEM_FAILED, 1);
	EXPECT(sem_open(name, O_CREAT | O_EXCL, 0600, 2), SEM_FAILED);
	EXPECT(errno, EEXIST);
	b = sem_open(name, O_CREAT, 0600, 7);
	EXPECT(a == b, 1);
	EXPECT(sem_getvalue(b, &value), 0);
	EXPECT(value, 2);
	EXPECT(sem_wait(a), 0);
	EXPECT(sem_close(b), 0);
	EXPECT(sem_wait(a), 0);
	FAILS(sem_trywait(a), EAGAIN);
	EXPECT(sem_unlink(name), 0);
	FAILS(sem_unlink(name), ENOENT);
	EXPECT(sem_open(name, 0), SEM_FAILED);
	EXPECT(errno, ENOENT);
	EXPECT(sem_post(a), 0);
	EXPECT(sem_close(a), 0);
}

static int initialised;

static void initialise(void)
{
	initialised++;
}

static void initialise_and_leave(void)
{
	initialised += 100;
	pthread_exit(NULL);
}

static pthread_once_t left = PTHREAD_ONCE_INIT;

static void *leave_once(void *unused)
{
	pthread_once(&left, initialise_and_leave);
	return unused;
}

static void onces(void)
{
	pthread_once_t posix = PTHREAD_ONCE_INIT;
	once_flag c11 = ONCE_FLAG_INIT;

	initialised = 0;
	EXPECT(pthread_once(&posix, initialise), 0);
	EXPECT(pthread_once(&posix, initialise), 0);
	call_once(&c11, initialise);
	call_once(&c11, initialise);
	EXPECT(initialised, 2);
	left = (pthread_once_t)PTHREAD_ONCE_INIT;
	in_thread(leave_once, NULL);
	EXPECT(pthread_once(&left, initialise), 0);
	EXPECT(initialised, 103);
}

static pthread_key_t key, late_key;
static int rounds, destroyed;

static void destroy_value(void *value)
{
	destroyed += (int)(intptr_t)value;
	EXPECT(pthread_getspecific(key), NULL);
	if (++rounds < 10)
		pthread_setspecific(key, value);
}

static void *set_values(void *unused)
{
	EXPECT(pthread_getspecific(key), NULL);
	EXPECT(pthread_setspecific(key, (void *)3), 0);
	EXPECT(pthread_setspecific(late_key, (void *)5), 0);
	EXPECT(pthread_getspecific(key), 3);
	EXPECT(pthread_getspecific(late_key), 5);
	return unused;
}

static void keys(void)
{
	pthread_key_t many[PTHREAD_KEYS_MAX];
	int made = 0;
	tss_t tss;

	rounds = destroyed = 0;
	EXPECT(pthread_key_create(&key, destroy_value), 0);
	while (made < PTHREAD_KEYS_MAX && pthread_key_create(&many[made], NULL) == 0)
		made++;
	EXPECT(made > PTHREAD_KEYS_MAX / 2, 1);
	EXPECT(pthread_key_create(&late_key, NULL), EAGAIN);
	EXPECT(tss_create(&tss, NULL), thrd_error);
	late_key = many[made - 1];
	EXPECT(pthread_setspecific(key, (void *)1), 0);
	in_thread(set_values, NULL);
	EXPECT(rounds, PTHREAD_DESTRUCTOR_ITERATIONS);
	EXPECT(destroyed, 3 * PTHREAD_DESTRUCTOR_ITERATIONS);
	EXPECT(pthread_getspecific(key), 1);
	EXPECT(pthread_getspecific(late_key), NULL);
	while (made > 0)
		EXPECT(pthread_key_delete(many[--made]), 0);
	EXPECT(pthread_key_delete(key), 0);
	EXPECT(pthread_key_create(&key, NULL), 0);
	EXPECT(pthread_getspecific(key), NULL);
	EXPECT(pthread_key_delete(key), 0);
	EXPECT(tss_create(&tss, NULL), thrd_success);
	EXPECT(tss_set(tss, (void *)9), thrd_success);
	EXPECT(tss_get(tss), 9);
	tss_delete(tss);
}

static mtx_t mtx;

static int c11_body(void *argument)
{
	EXPECT(mtx_trylock(&mtx), thrd_busy);
	EXPECT(mtx_timedlock(&mtx, &past), thrd_timedout);
	if (argument)
		thrd_exit(-7);
	return INT_MIN;
}

static void c11(void)
{
	thrd_t thread;
	cnd_t cnd;
	int result = 0;

	EXPECT(mtx_init(&mtx, mtx_timed), thrd_success);
	EXPECT(mtx_lock(&mtx), thrd_success);
	EXPECT(thrd_create(&thread, c11_body, NULL), thrd_success);
	EXPECT(thrd_join(thread, &result), thrd_success);
	EXPECT(result, INT_MIN);
	EXPECT(thrd_create(&thread, c11_body, &mtx), thrd_success);
	EXPECT(thrd_equal(thread, thrd_current()), 0);
	EXPECT(thrd_join(thread, &result), thrd_success);
	EXPECT(result, -7);
	EXPECT(cnd_init(&cnd), thrd_success);
	EXPECT(cnd_signal(&cnd), thrd_success);
	EXPECT(cnd_broadcast(&cnd), thrd_success);
	EXPECT(cnd_timedwait(&cnd, &mtx, &past), thrd_timedout);
	EXPECT(cnd_timedwait(&cnd, &mtx, &invalid), thrd_error);
	EXPECT(mtx_unlock(&mtx), thrd_success);
	cnd_destroy(&cnd);
	mtx_destroy(&mtx);
	EXPECT(mtx_init(&mtx, mtx_plain | mtx_recursive), thrd_success);
	EXPECT(mtx_lock(&mtx), thrd_success);
	EXPECT(mtx_trylock(&mtx), thrd_success);
	EXPECT(mtx_unlock(&mtx), thrd_success);
	EXPECT(mtx_unlock(&mtx), thrd_success);
	EXPECT(mtx_unlock(&mtx), thrd_error);
	mtx_destroy(&mtx);
	EXPECT(thrd_sleep(&(struct timespec){ 0, 1000 }, NULL), 0);
	EXPECT(thrd_sleep(&invalid, NULL), -2);
	thrd_yield();
}

int main(void)
{
	named_semaphores();
	onces();
	keys();
	c11();
	if (failures == 0)
		puts("every result is as expected");
	return failures != 0;
}
