/* SPDX-License-Identifier: Apache-2.0 */
/* sem_* of unnamed semaphores, and of those that sem_open() gave out: -1 and errno where the models
 * say an error number. */
#include <errno.h>
#include <semaphore.h>

#include "intercept/timed.h"

static int failed(long error)
{
	errno = (int)error;
	return -1;
}

static int perform(void)
{
	const long error = engine_step();

	return error ? failed(error) : 0;
}

INTERPOSE int sem_init(sem_t *sem, int pshared, unsigned value)
{
	struct op *op;

	TOUCH(sem);
	op = engine_publish(OP_SEM_INIT, sem, CALLER);
	op->args[0] = value;
	op->args[1] = pshared != 0;
	return perform();
}

INTERPOSE int sem_destroy(sem_t *sem)
{
	TOUCH(sem);
	engine_publish(OP_SEM_DESTROY, sem, CALLER);
	return perform();
}

static struct op *publish_wait(sem_t *sem, void *site)
{
	struct op *op;

	TOUCH(sem);
	op = engine_publish(OP_SEM_WAIT, sem, site);
	op->flags = OP_CANCELLATION_POINT | OP_INTERRUPTIBLE;
	return op;
}

INTERPOSE int sem_wait(sem_t *sem)
{
	publish_wait(sem, CALLER);
	return perform();
}

INTERPOSE int sem_trywait(sem_t *sem)
{
	TOUCH(sem);
	engine_publish(OP_SEM_TRYWAIT, sem, CALLER);
	return perform();
}

INTERPOSE int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict abstime)
{
	if (!timed_valid(abstime))
		return failed(EINVAL);
	timed_deadline(publish_wait(sem, CALLER), CLOCK_REALTIME, abstime);
	return perform();
}

INTERPOSE int sem_clockwait(sem_t *restrict sem, clockid_t clock,
			    const struct timespec *restrict abstime)
{
	if (!timed_clock(clock) || !timed_valid(abstime))
		return failed(EINVAL);
	timed_deadline(publish_wait(sem, CALLER), clock, abstime);
	return perform();
}

INTERPOSE int sem_post(sem_t *sem)
{
	TOUCH(sem);
	engine_publish(OP_SEM_POST, sem, CALLER);
	return perform();
}

INTERPOSE int sem_getvalue(sem_t *restrict sem, int *restrict value)
{
	long now;

	TOUCH(sem);
	engine_publish(OP_SEM_GETVALUE, sem, CALLER);
	now = engine_step();
	if (now < 0)
		return failed(-now);
	*value = (int)now;
	return 0;
}
