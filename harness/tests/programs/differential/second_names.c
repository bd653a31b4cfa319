/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names with two underscores, and others, that no header declares any more but older binaries
 * hold. glibc keeps most of them for old versions alone: the reference says which.
 */
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "differential.h"

#define OLD(name, result, ...)    \
	result name(__VA_ARGS__); \
	__asm__(".symver " #name ", " #name "@GLIBC_2.2.5")

OLD(__pthread_mutex_init, int, pthread_mutex_t *, const pthread_mutexattr_t *);
OLD(__pthread_mutex_destroy, int, pthread_mutex_t *);
OLD(__pthread_mutex_lock, int, pthread_mutex_t *);
OLD(__pthread_mutex_trylock, int, pthread_mutex_t *);
OLD(__pthread_mutex_unlock, int, pthread_mutex_t *);
OLD(__pthread_rwlock_init, int, pthread_rwlock_t *, const pthread_rwlockattr_t *);
OLD(__pthread_rwlock_destroy, int, pthread_rwlock_t *);
OLD(__pthread_rwlock_rdlock, int, pthread_rwlock_t *);
OLD(__pthread_rwlock_wrlock, int, pthread_rwlock_t *);
OLD(__pthread_rwlock_tryrdlock, int, pthread_rwlock_t *);
OLD(__pthread_rwlock_trywrlock, int, pthread_rwlock_t *);
OLD(__pthread_rwlock_unlock, int, pthread_rwlock_t *);
OLD(__pthread_once, int, pthread_once_t *, void (*)(void));
OLD(__pthread_getspecific, void *, pthread_key_t);
OLD(__pthread_setspecific, int, pthread_key_t, const void *);
int __pthread_key_create(pthread_key_t *, void (*)(void *));
int old_yield(void);
int old_consistent(pthread_mutex_t *);
__asm__(".symver old_consistent, pthread_mutex_consistent_np@GLIBC_2.4");
__asm__(".symver old_yield, pthread_yield@GLIBC_2.2.5");

static void *others_try(void *mutex)
{
	if (GIVES(__pthread_mutex_trylock(mutex)) == 0)
		GIVES(__pthread_mutex_unlock(mutex));
	return NULL;
}

static void *locks_and_dies(void *mutex)
{
	GIVES(__pthread_mutex_lock(mutex));
	return NULL;
}

static void mutex(int type, int robust)
{
	pthread_mutexattr_t attr;
	pthread_mutex_t m;
	int depth = 1;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	pthread_mutexattr_setrobust(&attr, robust);
	GIVES(__pthread_mutex_init(&m, &attr));
	pthread_mutexattr_destroy(&attr);
	GIVES(__pthread_mutex_lock(&m));
	depth += GIVES(__pthread_mutex_trylock(&m)) == 0;
	if (type != PTHREAD_MUTEX_NORMAL)
		depth += GIVES(__pthread_mutex_lock(&m)) == 0;
	in_thread(others_try, &m);
	while (depth-- > 0)
		GIVES(__pthread_mutex_unlock(&m));
	if (type != PTHREAD_MUTEX_NORMAL)
		GIVES(__pthread_mutex_unlock(&m));
	in_thread(others_try, &m);
	if (robust == PTHREAD_MUTEX_ROBUST) {
		in_thread(locks_and_dies, &m);
		GIVES(__pthread_mutex_lock(&m));
		gives("pthread_mutex_consistent_np", old_consistent(&m));
		GIVES(__pthread_mutex_unlock(&m));
		in_thread(locks_and_dies, &m);
		GIVES(__pthread_mutex_lock(&m));
		GIVES(__pthread_mutex_unlock(&m));
		GIVES(__pthread_mutex_trylock(&m));
	}
	gives("pthread_mutex_consistent_np", old_consistent(&m));
	GIVES(__pthread_mutex_destroy(&m));
}

static void *others_try_rwlock(void *lock)
{
	if (GIVES(__pthread_rwlock_tryrdlock(lock)) == 0)
		GIVES(__pthread_rwlock_unlock(lock));
	if (GIVES(__pthread_rwlock_trywrlock(lock)) == 0)
		GIVES(__pthread_rwlock_unlock(lock));
	return NULL;
}

static void rwlock(int kind)
{
	pthread_rwlockattr_t attr;
	pthread_rwlock_t lock;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, kind);
	GIVES(__pthread_rwlock_init(&lock, kind ? &attr : NULL));
	pthread_rwlockattr_destroy(&attr);
	GIVES(__pthread_rwlock_rdlock(&lock));
	GIVES(__pthread_rwlock_rdlock(&lock));
	in_thread(others_try_rwlock, &lock);
	GIVES(__pthread_rwlock_unlock(&lock));
	GIVES(__pthread_rwlock_unlock(&lock));
	GIVES(__pthread_rwlock_wrlock(&lock));
	GIVES(__pthread_rwlock_rdlock(&lock));
	GIVES(__pthread_rwlock_wrlock(&lock));
	in_thread(others_try_rwlock, &lock);
	GIVES(__pthread_rwlock_unlock(&lock));
	in_thread(others_try_rwlock, &lock);
	GIVES(__pthread_rwlock_destroy(&lock));
}

static int runs;
static pthread_key_t key;

static void run(void)
{
	runs++;
}

static void destroyed(void *value)
{
	runs += (int)(long)value;
}

static void *once_again(void *once)
{
	GIVES(__pthread_once(once, run));
	with(", ran %d", runs);
	return NULL;
}

static void *own_value(void *unused)
{
	IS_SO(__pthread_getspecific(key), __pthread_getspecific(key) == NULL);
	GIVES(__pthread_setspecific(key, (void *)100));
	IS_SO(__pthread_getspecific(key), __pthread_getspecific(key) == (void *)100);
	return unused;
}

static void onces_and_keys(void)
{
	pthread_once_t once = PTHREAD_ONCE_INIT, other = PTHREAD_ONCE_INIT;
	pthread_key_t many[PTHREAD_KEYS_MAX + 1];
	int made = 0, error;

	once_again(&once);
	once_again(&once);
	in_thread(once_again, &once);
	in_thread(once_again, &other);
	once_again(&other);
	GIVES(__pthread_key_create(&key, destroyed));
	in_thread(own_value, NULL);
	with(", runs %d", runs);
	IS_SO(__pthread_getspecific(key), __pthread_getspecific(key) == NULL);
	GIVES(__pthread_setspecific(key, (void *)1));
	IS_SO(__pthread_getspecific(key), __pthread_getspecific(key) == (void *)1);
	GIVES(__pthread_setspecific(key, NULL));
	IS_SO(__pthread_getspecific(key), __pthread_getspecific(key) == NULL);
	GIVES(__pthread_setspecific(key + PTHREAD_KEYS_MAX, NULL));
	while ((error = __pthread_key_create(&many[made], NULL)) == 0)
		made++;
	gives("__pthread_key_create(one too many)", error);
	while (made > 0)
		pthread_key_delete(many[--made]);
	pthread_key_delete(key);
	GIVES(__pthread_setspecific(key, &key)); /* deleted */
	for (int i = 0; i < 3; i++) {
		GIVES(__pthread_key_create(&key, NULL));
		pthread_key_delete(key);
	}
}

static void *yields(void *unused)
{
	gives("pthread_yield", old_yield());
	return unused;
}

void second_names(void)
{
	mutex(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED);
	mutex(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED);
	mutex(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED);
	mutex(PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ROBUST);
	mutex(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_ROBUST);
	rwlock(0);
	rwlock(PTHREAD_RWLOCK_PREFER_READER_NP);
	rwlock(PTHREAD_RWLOCK_PREFER_WRITER_NP);
	rwlock(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	rwlock(0);
	onces_and_keys();
	for (int i = 0; i < 4; i++)
		gives("pthread_yield", old_yield());
	in_thread(yields, NULL);
}
