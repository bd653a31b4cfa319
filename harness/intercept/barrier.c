/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_barrier_*. The attribute functions stay glibc's; what they set, process sharing, changes
 * nothing here. */
#include <pthread.h>

#include "intercept/timed.h"

INTERPOSE int pthread_barrier_init(pthread_barrier_t *barrier, const pthread_barrierattr_t *attr,
				   unsigned count)
{
	(void)attr;
	TOUCH(barrier);
	engine_publish(OP_BARRIER_INIT, barrier, CALLER)->args[0] = count;
	return engine_step_int();
}

INTERPOSE int pthread_barrier_destroy(pthread_barrier_t *barrier)
{
	TOUCH(barrier);
	engine_publish(OP_BARRIER_DESTROY, barrier, CALLER);
	return engine_step_int();
}

INTERPOSE int pthread_barrier_wait(pthread_barrier_t *barrier)
{
	TOUCH(barrier);
	return step_for_lock(OP_BARRIER_WAIT, barrier, OP_NO_DEADLINE, CALLER);
}
