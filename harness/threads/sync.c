/* SPDX-License-Identifier: Apache-2.0 */
/* semaphore.h, barriers. */
#include <pthread.h>
#include <semaphore.h>

#include "threads/point.h"
#include "threads/real.h"

static bool begin(enum op_kind kind, const volatile void *object, const void *site, bool timed)
{
	return point_begin(&(struct point){ kind, object, NULL, site, timed });
}

static int end(int result)
{
	point_end();
	return result;
}

EXPORT int sem_wait(sem_t *sem)
{
	if (!begin(OP_SEM_WAIT, sem, CALLER, false))
		return REAL(sem_wait)(sem);
	return end(REAL(sem_wait)(sem));
}

EXPORT int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until)
{
	if (!begin(OP_SEM_WAIT, sem, CALLER, true))
		return REAL(sem_timedwait)(sem, until);
	return end(REAL(sem_timedwait)(sem, until));
}

EXPORT int sem_clockwait(sem_t *restrict sem, clockid_t clock,
			 const struct timespec *restrict until)
{
	if (!begin(OP_SEM_WAIT, sem, CALLER, true))
		return REAL(sem_clockwait)(sem, clock, until);
	return end(REAL(sem_clockwait)(sem, clock, until));
}

EXPORT int sem_trywait(sem_t *sem)
{
	if (!begin(OP_SEM_TRYWAIT, sem, CALLER, true))
		return REAL(sem_trywait)(sem);
	return end(REAL(sem_trywait)(sem));
}

EXPORT int sem_post(sem_t *sem)
{
	if (!begin(OP_SEM_POST, sem, CALLER, true))
		return REAL(sem_post)(sem);
	return end(REAL(sem_post)(sem));
}

EXPORT int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	if (!begin(OP_BARRIER_WAIT, barrier, CALLER, false))
		return REAL(pthread_barrier_wait)(barrier);
	return end(REAL(pthread_barrier_wait)(barrier));
}
