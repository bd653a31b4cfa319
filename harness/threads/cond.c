/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_cond_*. */
#include <pthread.h>

#include "threads/real.h"
#include "threads/wait.h"

static bool anybody_waits(uint64_t condition)
{
	uint32_t count = __atomic_load_n(&perturb_board->thread_count, __ATOMIC_RELAXED);

	if (count > PERTURB_THREADS_MAX)
		return true; /* some thread is not on the board */
	for (uint32_t i = 0; i < count; i++) {
		const struct perturb_thread *entry = &perturb_board->threads[i];

		if (__atomic_load_n(&entry->state, __ATOMIC_ACQUIRE) == PERTURB_WAITS &&
		    entry->op == OP_COND_WAIT && entry->object == condition)
			return true;
	}
	return false;
}

bool signal_begin(enum op_kind kind, const volatile void *condition, const void *site)
{
	const uint64_t object = (uint64_t)(uintptr_t)condition;
	struct perturb_thread *entry;

	if (!point_begin(&(struct point){ kind, condition, NULL, site, true }))
		return false;
	entry = self.entry;
	if (entry && !anybody_waits(object)) {
		entry->signals[entry->signal_count % PERTURB_SIGNALS_MAX] =
			(struct perturb_signal){ object, (uint64_t)(uintptr_t)site };
		entry->signal_count++;
	}
	return true;
}

/*
 * libc has two kinds of conditions under one set of names. Who asks without a version (libtsan,
 * DRD's own preload) would get init and destroy from the old kind and the waits, which are ours,
 * from the new: so that nobody mixes them, these two lead to the new kind as well.
 */
EXPORT int pthread_cond_init(pthread_cond_t *restrict condition,
			     const pthread_condattr_t *restrict attributes)
{
	return REAL(pthread_cond_init)(condition, attributes);
}

EXPORT int pthread_cond_destroy(pthread_cond_t *condition)
{
	return REAL(pthread_cond_destroy)(condition);
}

EXPORT int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex)
{
	if (!wait_begin(condition, mutex, CALLER, false))
		return REAL(pthread_cond_wait)(condition, mutex);
	return wait_end(REAL(pthread_cond_wait)(condition, mutex), mutex, CALLER);
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict condition,
				  pthread_mutex_t *restrict mutex,
				  const struct timespec *restrict until)
{
	if (!wait_begin(condition, mutex, CALLER, true))
		return REAL(pthread_cond_timedwait)(condition, mutex, until);
	return wait_end(REAL(pthread_cond_timedwait)(condition, mutex, until), mutex, CALLER);
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict condition,
				  pthread_mutex_t *restrict mutex, clockid_t clock,
				  const struct timespec *restrict until)
{
	if (!wait_begin(condition, mutex, CALLER, true))
		return REAL(pthread_cond_clockwait)(condition, mutex, clock, until);
	return wait_end(REAL(pthread_cond_clockwait)(condition, mutex, clock, until), mutex,
			CALLER);
}

EXPORT int pthread_cond_signal(pthread_cond_t *condition)
{
	int result;

	if (!signal_begin(OP_COND_SIGNAL, condition, CALLER))
		return REAL(pthread_cond_signal)(condition);
	result = REAL(pthread_cond_signal)(condition);
	point_end();
	return result;
}

EXPORT int pthread_cond_broadcast(pthread_cond_t *condition)
{
	int result;

	if (!signal_begin(OP_COND_BROADCAST, condition, CALLER))
		return REAL(pthread_cond_broadcast)(condition);
	result = REAL(pthread_cond_broadcast)(condition);
	point_end();
	return result;
}
