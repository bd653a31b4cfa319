/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions behind ours: whatever comes next in the order in which the loader looks names up.
 * That is libtsan's interceptor in a TSan build, and libc's function, which Valgrind replaces by
 * its own, below Valgrind: neither is hidden by us, both are called.
 *
 * All are looked up when the library is loaded; a call that comes before that looks its own up.
 */
#ifndef JOSTLE_THREADS_REAL_H
#define JOSTLE_THREADS_REAL_H

#include <stdint.h>

#define REAL_LIST(X)                  \
	X(pthread_create)             \
	X(pthread_join)               \
	X(pthread_timedjoin_np)       \
	X(pthread_clockjoin_np)       \
	X(pthread_tryjoin_np)         \
	X(pthread_once)               \
	X(pthread_mutex_lock)         \
	X(pthread_mutex_trylock)      \
	X(pthread_mutex_timedlock)    \
	X(pthread_mutex_clocklock)    \
	X(pthread_mutex_unlock)       \
	X(pthread_cond_init)          \
	X(pthread_cond_destroy)       \
	X(pthread_cond_wait)          \
	X(pthread_cond_timedwait)     \
	X(pthread_cond_clockwait)     \
	X(pthread_cond_signal)        \
	X(pthread_cond_broadcast)     \
	X(pthread_rwlock_rdlock)      \
	X(pthread_rwlock_tryrdlock)   \
	X(pthread_rwlock_timedrdlock) \
	X(pthread_rwlock_wrlock)      \
	X(pthread_rwlock_trywrlock)   \
	X(pthread_rwlock_timedwrlock) \
	X(pthread_rwlock_unlock)      \
	X(pthread_spin_lock)          \
	X(pthread_spin_trylock)       \
	X(pthread_spin_unlock)        \
	X(pthread_barrier_wait)       \
	X(sem_wait)                   \
	X(sem_timedwait)              \
	X(sem_clockwait)              \
	X(sem_trywait)                \
	X(sem_post)                   \
	X(thrd_create)                \
	X(thrd_join)                  \
	X(thrd_yield)                 \
	X(mtx_lock)                   \
	X(mtx_trylock)                \
	X(mtx_timedlock)              \
	X(mtx_unlock)                 \
	X(cnd_wait)                   \
	X(cnd_timedwait)              \
	X(cnd_signal)                 \
	X(cnd_broadcast)              \
	X(call_once)                  \
	X(sched_yield)                \
	X(nanosleep)                  \
	X(clock_nanosleep)            \
	X(usleep)                     \
	X(sleep)                      \
	X(read)                       \
	X(write)                      \
	X(send)                       \
	X(recv)                       \
	X(accept)                     \
	X(poll)                       \
	X(close)                      \
	X(kill)                       \
	X(fork)                       \
	X(waitpid)                    \
	X(wait)                       \
	X(__assert_fail)

enum real_index {
#define X(name) REAL_##name,
	REAL_LIST(X)
#undef X
		REAL_COUNT
};

/* Never 0: a function that does not exist cannot have been called. As a number, since ISO C has no
 * cast from object to function. */
uintptr_t real_find(enum real_index index);
/* Looks all of them up. */
void real_init(void);

#define REAL(name) ((__typeof__(&name))real_find(REAL_##name))

#endif
