/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers whose function runs in a thread, and the same of message queues: libc would make a thread
 * that waits for them. What sends signals, and what libc made before main or makes without control,
 * is libc's own; its calls are trapped.
 *
 * Ours are known by their number in the table of timers (engine/time/vtimer.h), which no pointer of
 * libc's looks like, and no number of a timer that libc got from there differs from.
 */
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#include "base/sys.h"
#include "engine/takeover/real.h"
#include "engine/time/vtimer.h"
#include "intercept/result.h"

static bool is_ours(timer_t timer)
{
	return !system_is_native() && (uintptr_t)timer < VTIMERS_MAX;
}

INTERPOSE int timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
	int number = 0;
	long result;

	if (!event || event->sigev_notify != SIGEV_THREAD || system_is_native())
		return real.timer_create(clock, event, timer);
	result = CALL(SYS_timer_create, clock, (long)event, (long)&number);
	if (result == 0)
		*timer = (timer_t)(intptr_t)number;
	return (int)result;
}

INTERPOSE int timer_settime(timer_t timer, int flags, const struct itimerspec *restrict value,
			    struct itimerspec *restrict old)
{
	if (!is_ours(timer))
		return real.timer_settime(timer, flags, value, old);
	return (int)CALL(SYS_timer_settime, (long)timer, flags, (long)value, (long)old);
}

INTERPOSE int timer_gettime(timer_t timer, struct itimerspec *value)
{
	if (!is_ours(timer))
		return real.timer_gettime(timer, value);
	return (int)CALL(SYS_timer_gettime, (long)timer, (long)value);
}

INTERPOSE int timer_getoverrun(timer_t timer)
{
	if (!is_ours(timer))
		return real.timer_getoverrun(timer);
	return (int)CALL(SYS_timer_getoverrun, (long)timer);
}

INTERPOSE int timer_delete(timer_t timer)
{
	if (!is_ours(timer))
		return real.timer_delete(timer);
	return (int)CALL(SYS_timer_delete, (long)timer);
}

INTERPOSE int mq_notify(mqd_t queue, const struct sigevent *event)
{
	if (system_is_native())
		return real.mq_notify(queue, event);
	return (int)CALL(SYS_mq_notify, queue, (long)event);
}
