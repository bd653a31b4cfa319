/* SPDX-License-Identifier: Apache-2.0 */
/* sem_* of unnamed semaphores, and of those that sem_open() gave out: -1 and errno where the models
 * say an error number. */
#include <errno.h>
#include <semaphore.h>

#include "engine/signal.h"
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

/* Handlers that were all installed with SA_RESTART end only a wait that has a deadline. */
static int wait_for(sem_t *sem, uint64_t deadline_ns, void *site)
{
	long error;

	TOUCH(sem);
	do {
		struct op *op = engine_publish(OP_SEM_WAIT, sem, site);

		op->flags = OP_CANCELLATION_POINT | OP_INTERRUPTIBLE;
		op->deadline_ns = deadline_ns;
		signal_forget_handlers();
		error = engine_step();
	} while (error == EINTR && signal_restarts(deadline_ns == OP_NO_DEADLINE));
	return error ? failed(error) : 0;
}

INTERPOSE int sem_wait(sem_t *sem)
{
	return wait_for(sem, OP_NO_DEADLINE, CALLER);
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
	return wait_for(sem, timed_deadline(CLOCK_REALTIME, abstime), CALLER);
}

INTERPOSE int sem_clockwait(sem_t *restrict sem, clockid_t clock,
			    const struct timespec *restrict abstime)
{
	if (!timed_clock(clock) || !timed_valid(abstime))
		return failed(EINVAL);
	return wait_for(sem, timed_deadline(clock, abstime), CALLER);
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
