/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_spin_*. */
#include <pthread.h>

#include "intercept/timed.h"

static int perform(enum op_kind kind, pthread_spinlock_t *lock, void *site)
{
	TOUCH(lock);
	engine_publish(kind, (const void *)(uintptr_t)lock, site);
	return engine_step_int();
}

INTERPOSE int pthread_spin_init(pthread_spinlock_t *lock, int pshared)
{
	(void)pshared; /* glibc accepts every value */
	return perform(OP_SPIN_INIT, lock, CALLER);
}

INTERPOSE int pthread_spin_destroy(pthread_spinlock_t *lock)
{
	return perform(OP_SPIN_DESTROY, lock, CALLER);
}

INTERPOSE int pthread_spin_lock(pthread_spinlock_t *lock)
{
	TOUCH(lock);
	return step_for_lock(OP_SPIN_LOCK, (const void *)(uintptr_t)lock, OP_NO_DEADLINE, CALLER);
}

INTERPOSE int pthread_spin_trylock(pthread_spinlock_t *lock)
{
	return perform(OP_SPIN_TRYLOCK, lock, CALLER);
}

INTERPOSE int pthread_spin_unlock(pthread_spinlock_t *lock)
{
	return perform(OP_SPIN_UNLOCK, lock, CALLER);
}
