/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits that are cancelled or interrupted. A cancelled condition wait runs its clean-up with the
 * mutex held; a cancelled initialiser is run again by the next; a semaphore's value is not lost
 * with the thread that was cancelled; a signal handler ends a semaphore wait, and runs during all
 * other waits, which then go on. Exits 0 when all of that is so, natively as well as controlled.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                \
	do {                                                              \
		if (!(condition)) {                                       \
			printf("%d: not so: %s\n", __LINE__, #condition); \
			exit(1);                                          \
		}                                                         \
	} while (0)

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static sem_t sem, ready, entered;
static pthread_once_t once;
static int cleaned, runs, handled;

static void unlock(void *unused)
{
	(void)unused;
	cleaned++;
	REQUIRE(pthread_mutex_unlock(&mutex) == 0);
}

static void *wait_for_nothing(void *unused)
{
	(void)unused;
	REQUIRE(pthread_mutex_lock(&mutex) == 0);
	pthread_cleanup_push(unlock, NULL);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
	return NULL;
}

static void cancelled_while_waiting(void)
{
	pthread_mutexattr_t attr;
	pthread_t threads[2];
	void *value;

	/* One that would refuse to be unlocked by who does not hold it. */
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&mutex, &attr);
	pthread_cond_init(&cond, NULL);
	cleaned = 0;
	for (int i = 0; i < 2; i++)
		REQUIRE(pthread_create(&threads[i], NULL, wait_for_nothing, NULL) == 0);
	for (int i = 0; i < 2; i++)
		REQUIRE(pthread_cancel(threads[i]) == 0);
	for (int i = 0; i < 2; i++) {
		REQUIRE(pthread_join(threads[i], &value) == 0);
		REQUIRE(value == PTHREAD_CANCELED);
	}
	REQUIRE(cleaned == 2);
	REQUIRE(pthread_cond_destroy(&cond) == 0);
	REQUIRE(pthread_mutex_destroy(&mutex) == 0);
}

static void *take(void *unused)
{
	(void)unused;
	REQUIRE(sem_wait(&sem) == 0);
	return NULL;
}

static void a_value_is_not_lost(void)
{
	pthread_t cancelled, other;
	void *value;
	int left;

	sem_init(&sem, 0, 0);
	REQUIRE(pthread_create(&cancelled, NULL, take, NULL) == 0);
	REQUIRE(pthread_create(&other, NULL, take, NULL) == 0);
	REQUIRE(pthread_cancel(cancelled) == 0);
	REQUIRE(sem_post(&sem) == 0);
	REQUIRE(sem_post(&sem) == 0);
	REQUIRE(pthread_join(cancelled, &value) == 0);
	REQUIRE(pthread_join(other, NULL) == 0);
	REQUIRE(sem_getvalue(&sem, &left) == 0);
	/* Cancelled before it took one, or after: the books are right. */
	REQUIRE(left == (value == PTHREAD_CANCELED ? 1 : 0));
	sem_destroy(&sem);
}

static void initialise(void)
{
	if (++runs > 1)
		return;
	sem_post(&entered);
	for (;;)
		sem_wait(&sem);
}

static void *enter(void *unused)
{
	(void)unused;
	REQUIRE(pthread_once(&once, initialise) == 0);
	return NULL;
}

static void an_initialiser_is_cancelled(void)
{
	const pthread_once_t fresh = PTHREAD_ONCE_INIT;
	pthread_t first, second;
	void *value;

	once = fresh;
	runs = 0;
	sem_init(&sem, 0, 0);
	sem_init(&entered, 0, 0);
	REQUIRE(pthread_create(&first, NULL, enter, NULL) == 0);
	while (sem_wait(&entered) != 0)
		;
	REQUIRE(pthread_create(&second, NULL, enter, NULL) == 0);
	REQUIRE(pthread_cancel(first) == 0);
	REQUIRE(pthread_join(first, &value) == 0);
	REQUIRE(value == PTHREAD_CANCELED);
	REQUIRE(pthread_join(second, &value) == 0);
	REQUIRE(value == NULL);
	REQUIRE(runs == 2);
	sem_destroy(&sem);
	sem_destroy(&entered);
}

static void handle(int signo)
{
	(void)signo;
	handled++;
}

static void *wait_and_be_interrupted(void *unused)
{
	int error;

	(void)unused;
	sem_post(&ready);
	/* The handler may run before the wait begins: then nobody ends it but a post. */
	error = sem_wait(&sem) == 0 ? 0 : errno;
	REQUIRE(error == 0 || error == EINTR);
	REQUIRE(handled == 1);
	if (error == EINTR)
		REQUIRE(sem_wait(&sem) == 0);
	return NULL;
}

/* One way to wait for what main holds or brings about, in the words of one primitive. */
static pthread_rwlock_t rwlock;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;

static void lock_mutex(void)
{
	REQUIRE(pthread_mutex_lock(&mutex) == 0);
	REQUIRE(pthread_mutex_unlock(&mutex) == 0);
}

static void read_lock(void)
{
	REQUIRE(pthread_rwlock_rdlock(&rwlock) == 0);
	REQUIRE(pthread_rwlock_unlock(&rwlock) == 0);
}

static void write_lock(void)
{
	REQUIRE(pthread_rwlock_wrlock(&rwlock) == 0);
	REQUIRE(pthread_rwlock_unlock(&rwlock) == 0);
}

static void lock_spin(void)
{
	REQUIRE(pthread_spin_lock(&spin) == 0);
	REQUIRE(pthread_spin_unlock(&spin) == 0);
}

static void arrive(void)
{
	const int result = pthread_barrier_wait(&barrier);

	REQUIRE(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
}

static int told;

static void wait_until_told(void)
{
	REQUIRE(pthread_mutex_lock(&mutex) == 0);
	while (!told)
		REQUIRE(pthread_cond_wait(&cond, &mutex) == 0);
	REQUIRE(pthread_mutex_unlock(&mutex) == 0);
}

static void *wait_and_be_handled(void *way)
{
	sem_post(&ready);
	(*(void (**)(void))way)();
	REQUIRE(handled == 1);
	return NULL;
}

static void handlers(void)
{
	static void (*const ways[])(void) = {
		lock_mutex, read_lock, write_lock, lock_spin, arrive, wait_until_told,
	};
	struct sigaction action = { .sa_handler = handle };
	pthread_t thread;

	REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
	sem_init(&sem, 0, 0);
	sem_init(&ready, 0, 0);
	handled = 0;
	REQUIRE(pthread_create(&thread, NULL, wait_and_be_interrupted, NULL) == 0);
	while (sem_wait(&ready) != 0)
		;
	REQUIRE(pthread_kill(thread, SIGUSR1) == 0);
	while (__atomic_load_n(&handled, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	REQUIRE(sem_post(&sem) == 0);
	REQUIRE(pthread_join(thread, NULL) == 0);

	pthread_mutex_init(&mutex, NULL);
	pthread_cond_init(&cond, NULL);
	pthread_rwlock_init(&rwlock, NULL);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	pthread_barrier_init(&barrier, NULL, 2);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		handled = told = 0;
		REQUIRE(pthread_mutex_lock(&mutex) == 0);
		REQUIRE(pthread_rwlock_wrlock(&rwlock) == 0);
		REQUIRE(pthread_spin_lock(&spin) == 0);
		REQUIRE(pthread_create(&thread, NULL, wait_and_be_handled,
				       (void *)(uintptr_t)&ways[i]) == 0);
		while (sem_wait(&ready) != 0)
			;
		if (ways[i] == wait_until_told)
			REQUIRE(pthread_mutex_unlock(&mutex) == 0);
		REQUIRE(pthread_kill(thread, SIGUSR1) == 0);
		while (__atomic_load_n(&handled, __ATOMIC_ACQUIRE) == 0)
			sched_yield();
		if (ways[i] == wait_until_told)
			REQUIRE(pthread_mutex_lock(&mutex) == 0);
		told = 1;
		REQUIRE(pthread_cond_signal(&cond) == 0);
		REQUIRE(pthread_mutex_unlock(&mutex) == 0);
		REQUIRE(pthread_rwlock_unlock(&rwlock) == 0);
		REQUIRE(pthread_spin_unlock(&spin) == 0);
		if (ways[i] == arrive)
			arrive();
		REQUIRE(pthread_join(thread, NULL) == 0);
	}
	pthread_barrier_destroy(&barrier);
	pthread_spin_destroy(&spin);
	pthread_rwlock_destroy(&rwlock);
	pthread_cond_destroy(&cond);
	pthread_mutex_destroy(&mutex);
	sem_destroy(&sem);
	sem_destroy(&ready);
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";

	if (!strcmp(only, "signals")) {
		handlers();
	} else {
		cancelled_while_waiting();
		a_value_is_not_lost();
		an_initialiser_is_cancelled();
	}
	puts("as it should be");
	return 0;
}
