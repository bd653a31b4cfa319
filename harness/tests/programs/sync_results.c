/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the functions of pthread.h, semaphore.h and threads.h return, one expectation a line. Exits
 * 0 when all hold, natively as well as controlled; prints those that do not. No line depends on the
 * schedule, and none is undefined.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int failures;

#define EXPECT(expression, expected)                                                          \
	do {                                                                                  \
		const long expect_got = (long)(expression), expect_want = (long)(expected);   \
		if (expect_got != expect_want) {                                              \
			printf("%d: %s is %ld, not %ld\n", __LINE__, #expression, expect_got, \
			       expect_want);                                                  \
			failures++;                                                           \
		}                                                                             \
	} while (0)

/* The call fails with -1 and this error. */
#define FAILS(expression, error)        \
	do {                            \
		errno = 0;              \
		EXPECT(expression, -1); \
		EXPECT(errno, error);   \
	} while (0)

static const struct timespec past = { 1, 0 }, invalid = { 1, 1000000000 };

static struct timespec from_now(clockid_t clock, long ms)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* Runs the function in a thread of its own, to its end. */
static void *in_thread(void *(*function)(void *), void *argument)
{
	pthread_t thread;
	void *value = NULL;

	EXPECT(pthread_create(&thread, NULL, function, argument), 0);
	EXPECT(pthread_join(thread, &value), 0);
	return value;
}

static void *lock_and_die(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_lock(mutex);
}

static void *trylock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_trylock(mutex);
}

static void *unlock(void *mutex)
{
	return (void *)(intptr_t)pthread_mutex_unlock(mutex);
}

static void mutex_of(pthread_mutex_t *mutex, int type, int robust, int protocol)
{
	pthread_mutexattr_t attr;

	EXPECT(pthread_mutexattr_init(&attr), 0);
	EXPECT(pthread_mutexattr_settype(&attr, type), 0);
	EXPECT(pthread_mutexattr_setrobust(&attr, robust), 0);
	EXPECT(pthread_mutexattr_setprotocol(&attr, protocol), 0);
	EXPECT(pthread_mutex_init(mutex, &attr), 0);
	EXPECT(pthread_mutexattr_destroy(&attr), 0);
}

static void mutexes(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	struct timespec soon = from_now(CLOCK_REALTIME, 2);

	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_trylock(&m), EBUSY);
	EXPECT(in_thread(trylock, &m), EBUSY);
	EXPECT(pthread_mutex_timedlock(&m, &past), ETIMEDOUT);
	EXPECT(pthread_mutex_timedlock(&m, &soon), ETIMEDOUT);
	EXPECT(pthread_mutex_timedlock(&m, &invalid), EINVAL);
	EXPECT(pthread_mutex_clocklock(&m, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	EXPECT(pthread_mutex_clocklock(&m, CLOCK_PROCESS_CPUTIME_ID, &past), EINVAL);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_timedlock(&m, &invalid), 0);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_consistent(&m), EINVAL);
	EXPECT(pthread_mutex_destroy(&m), 0);

	mutex_of(&m, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_trylock(&m), 0);
	EXPECT(in_thread(unlock, &m), EPERM);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(in_thread(trylock, &m), EBUSY);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_unlock(&m), EPERM);
	EXPECT(pthread_mutex_destroy(&m), 0);

	mutex_of(&m, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_INHERIT);
	EXPECT(pthread_mutex_unlock(&m), EPERM);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_mutex_lock(&m), EDEADLK);
	EXPECT(pthread_mutex_timedlock(&m, &past), EDEADLK);
	EXPECT(in_thread(unlock, &m), EPERM);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_destroy(&m), 0);
}

static void robust_mutexes(void)
{
	pthread_mutex_t m;

	mutex_of(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, PTHREAD_PRIO_NONE);
	EXPECT(in_thread(lock_and_die, &m), 0);
	EXPECT(in_thread(lock_and_die, &m), EOWNERDEAD);
	EXPECT(pthread_mutex_trylock(&m), EOWNERDEAD);
	EXPECT(pthread_mutex_consistent(&m), 0);
	EXPECT(pthread_mutex_consistent(&m), EINVAL);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(in_thread(lock_and_die, &m), 0);
	EXPECT(pthread_mutex_lock(&m), EOWNERDEAD);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_mutex_lock(&m), ENOTRECOVERABLE);
	EXPECT(pthread_mutex_destroy(&m), 0);
}

static void ceilings(void)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	int ceiling = -1;

	EXPECT(pthread_mutex_getprioceiling(&m, &ceiling), EINVAL);
	EXPECT(pthread_mutexattr_init(&attr), 0);
	EXPECT(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT), 0);
	EXPECT(pthread_mutexattr_setprioceiling(&attr, 20), 0);
	EXPECT(pthread_mutex_init(&m, &attr), 0);
	EXPECT(pthread_mutex_getprioceiling(&m, &ceiling), 0);
	EXPECT(ceiling, 20);
	EXPECT(pthread_mutex_setprioceiling(&m, 1000, &ceiling), EINVAL);
	EXPECT(pthread_mutex_destroy(&m), 0);
	EXPECT(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST), 0);
	EXPECT(pthread_mutex_init(&m, &attr), ENOTSUP);
	EXPECT(pthread_mutexattr_destroy(&attr), 0);
}

static void conditions(void)
{
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER, checked;
	struct timespec soon = from_now(CLOCK_REALTIME, 2);
	pthread_condattr_t attr;

	EXPECT(pthread_cond_signal(&c), 0);
	EXPECT(pthread_cond_broadcast(&c), 0);
	EXPECT(pthread_mutex_lock(&m), 0);
	EXPECT(pthread_cond_timedwait(&c, &m, &past), ETIMEDOUT);
	EXPECT(pthread_cond_timedwait(&c, &m, &soon), ETIMEDOUT);
	EXPECT(pthread_cond_timedwait(&c, &m, &invalid), EINVAL);
	EXPECT(pthread_cond_clockwait(&c, &m, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	EXPECT(pthread_cond_clockwait(&c, &m, CLOCK_THREAD_CPUTIME_ID, &past), EINVAL);
	EXPECT(in_thread(trylock, &m), EBUSY);
	EXPECT(pthread_mutex_unlock(&m), 0);
	EXPECT(pthread_cond_destroy(&c), 0);

	EXPECT(pthread_condattr_init(&attr), 0);
	EXPECT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), 0);
	EXPECT(pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	EXPECT(pthread_cond_init(&c, &attr), 0);
	mutex_of(&checked, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	EXPECT(pthread_cond_wait(&c, &checked), EPERM);
	EXPECT(pthread_mutex_lock(&checked), 0);
	soon = from_now(CLOCK_MONOTONIC, 2);
	EXPECT(pthread_cond_timedwait(&c, &checked, &soon), ETIMEDOUT);
	EXPECT(pthread_mutex_unlock(&checked), 0);
	EXPECT(pthread_cond_destroy(&c), 0);
	EXPECT(pthread_condattr_destroy(&attr), 0);
}

static void *try_to_read(void *lock)
{
	const int error = pthread_rwlock_tryrdlock(lock);

	if (!error)
		pthread_rwlock_unlock(lock);
	return (void *)(intptr_t)error;
}

static void *try_to_write(void *lock)
{
	const int error = pthread_rwlock_trywrlock(lock);

	if (!error)
		pthread_rwlock_unlock(lock);
	return (void *)(intptr_t)error;
}

static void rwlocks(void)
{
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;

	EXPECT(pthread_rwlock_rdlock(&rw), 0);
	EXPECT(pthread_rwlock_tryrdlock(&rw), 0);
	EXPECT(in_thread(try_to_read, &rw), 0);
	EXPECT(in_thread(try_to_write, &rw), EBUSY);
	EXPECT(pthread_rwlock_timedwrlock(&rw, &past), ETIMEDOUT);
	EXPECT(pthread_rwlock_clockwrlock(&rw, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	EXPECT(pthread_rwlock_unlock(&rw), 0);
	EXPECT(pthread_rwlock_unlock(&rw), 0);
	EXPECT(pthread_rwlock_timedwrlock(&rw, &invalid), EINVAL);
	EXPECT(pthread_rwlock_wrlock(&rw), 0);
	EXPECT(pthread_rwlock_wrlock(&rw), EDEADLK);
	EXPECT(pthread_rwlock_rdlock(&rw), EDEADLK);
	EXPECT(pthread_rwlock_trywrlock(&rw), EBUSY);
	EXPECT(in_thread(try_to_read, &rw), EBUSY);
	EXPECT(pthread_rwlock_timedrdlock(&rw, &past), EDEADLK);
	EXPECT(pthread_rwlock_clockrdlock(&rw, CLOCK_BOOTTIME, &past), EINVAL);
	EXPECT(pthread_rwlock_unlock(&rw), 0);
	EXPECT(pthread_rwlock_destroy(&rw), 0);
}

static void spinlocks_and_barriers(void)
{
	pthread_spinlock_t spin;
	pthread_barrier_t b;

	EXPECT(pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE), 0);
	EXPECT(pthread_spin_lock(&spin), 0);
	EXPECT(pthread_spin_trylock(&spin), EBUSY);
	EXPECT(pthread_spin_unlock(&spin), 0);
	EXPECT(pthread_spin_trylock(&spin), 0);
	EXPECT(pthread_spin_unlock(&spin), 0);
	EXPECT(pthread_spin_destroy(&spin), 0);

	EXPECT(pthread_barrier_init(&b, NULL, 0), EINVAL);
	EXPECT(pthread_barrier_init(&b, NULL, UINT_MAX), EINVAL);
	EXPECT(pthread_barrier_init(&b, NULL, 1), 0);
	EXPECT(pthread_barrier_wait(&b), PTHREAD_BARRIER_SERIAL_THREAD);
	EXPECT(pthread_barrier_wait(&b), PTHREAD_BARRIER_SERIAL_THREAD);
	EXPECT(pthread_barrier_destroy(&b), 0);
}

static void *arrive(void *barrier)
{
	return (void *)(intptr_t)pthread_barrier_wait(barrier);
}

static void one_of_three_is_serial(void)
{
	pthread_barrier_t b;
	pthread_t threads[2];
	int serial;

	EXPECT(pthread_barrier_init(&b, NULL, 3), 0);
	for (int i = 0; i < 2; i++)
		EXPECT(pthread_create(&threads[i], NULL, arrive, &b), 0);
	serial = pthread_barrier_wait(&b) == PTHREAD_BARRIER_SERIAL_THREAD;
	for (int i = 0; i < 2; i++) {
		void *value;

		EXPECT(pthread_join(threads[i], &value), 0);
		serial += value == (void *)(intptr_t)PTHREAD_BARRIER_SERIAL_THREAD;
	}
	EXPECT(serial, 1);
	EXPECT(pthread_barrier_destroy(&b), 0);
}

static void semaphores(void)
{
	sem_t s;
	struct timespec soon = from_now(CLOCK_REALTIME, 2);
	int value = -1;

	FAILS(sem_init(&s, 0, (unsigned)INT_MAX + 1), EINVAL);
	EXPECT(sem_init(&s, 0, 1), 0);
	EXPECT(sem_wait(&s), 0);
	FAILS(sem_trywait(&s), EAGAIN);
	FAILS(sem_timedwait(&s, &past), ETIMEDOUT);
	FAILS(sem_timedwait(&s, &soon), ETIMEDOUT);
	FAILS(sem_timedwait(&s, &invalid), EINVAL);
	FAILS(sem_clockwait(&s, CLOCK_MONOTONIC, &past), ETIMEDOUT);
	FAILS(sem_clockwait(&s, CLOCK_PROCESS_CPUTIME_ID, &past), EINVAL);
	EXPECT(sem_post(&s), 0);
	EXPECT(sem_getvalue(&s, &value), 0);
	EXPECT(value, 1);
	FAILS(sem_timedwait(&s, &invalid), EINVAL);
	EXPECT(sem_timedwait(&s, &past), 0);
	errno = 77;
	EXPECT(sem_post(&s), 0);
	EXPECT(errno, 77);
	EXPECT(sem_destroy(&s), 0);
}

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
	mutexes();
	robust_mutexes();
	ceilings();
	conditions();
	rwlocks();
	spinlocks_and_barriers();
	one_of_three_is_serial();
	semaphores();
	named_semaphores();
	onces();
	keys();
	c11();
	if (failures == 0)
		puts("every result is as expected");
	return failures != 0;
}
