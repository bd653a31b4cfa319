/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pthread_once() and call_once(). The initialiser runs between two operations; however it is left
 * other than by returning (cancellation, pthread_exit, a C++ exception), the unwinder comes by the
 * cleanup and the next caller runs it anew.
 */
#include <pthread.h>
#include <stdbool.h>
#include <threads.h>

#include "intercept/timed.h"

struct attempt {
	void *control;
	void *site;
	bool returned;
};

static void leave(struct attempt *attempt)
{
	engine_publish(attempt->returned ? OP_ONCE_END : OP_ONCE_ABANDON, attempt->control,
		       attempt->site);
	engine_step();
}

static void once(void *control, void (*initialise)(void), void *site)
{
	TOUCH(control);
	if (step_for_lock(OP_ONCE_BEGIN, control, OP_NO_DEADLINE, site) == ONCE_RUN) {
		__attribute__((cleanup(leave))) struct attempt attempt = { control, site, false };

		initialise();
		attempt.returned = true;
	}
}

INTERPOSE int pthread_once(pthread_once_t *control, void (*initialise)(void))
{
	once(control, initialise, CALLER);
	return 0;
}

INTERPOSE void call_once(once_flag *flag, void (*initialise)(void))
{
	once(flag, initialise, CALLER);
}

ALIAS(__pthread_once, pthread_once);
