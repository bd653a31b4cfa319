/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks and sleeping by libc's names. Everything else that tells the time (clock, timespec_get,
 * ftime) asks the vDSO or the kernel and is caught there.
 */
#include <sched.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/sys.h"
#include "intercept/result.h"

INTERPOSE int clock_gettime(clockid_t clock, struct timespec *now)
{
	return (int)CALL(SYS_clock_gettime, clock, (long)now);
}

/* The kernel's function of that name has no errors to tell but a bad address. */
INTERPOSE int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	return (int)CALL(SYS_gettimeofday, (long)now, (long)zone);
}

INTERPOSE time_t time(time_t *now)
{
	return (time_t)CALL(SYS_time, (long)now);
}

INTERPOSE int nanosleep(const struct timespec *duration, struct timespec *left)
{
	return (int)CALL(SYS_nanosleep, (long)duration, (long)left);
}

/* Returns the error's number, not -1. */
INTERPOSE int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
			      struct timespec *left)
{
	const long args[6] = { clock, flags, (long)time, (long)left };

	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return EINVAL;
	return (int)-system_call(SYS_clock_nanosleep, args, CALLER);
}

INTERPOSE int usleep(useconds_t microseconds)
{
	const struct timespec duration = { .tv_sec = microseconds / 1000000,
					   .tv_nsec = microseconds % 1000000 * 1000L };

	return (int)CALL(SYS_nanosleep, (long)&duration);
}

/* What is left when a handler interrupted it, in whole seconds. */
INTERPOSE unsigned sleep(unsigned seconds)
{
	const struct timespec duration = { .tv_sec = seconds };
	struct timespec left = { 0, 0 };
	const long args[6] = { (long)&duration, (long)&left };

	if (libc_result(system_call(SYS_nanosleep, args, CALLER)) == 0)
		return 0;
	return (unsigned)left.tv_sec;
}

/* libc reads the processor's number from memory that the kernel writes: a constant is as true, and
 * always the same. */
INTERPOSE int sched_getcpu(void)
{
	unsigned cpu = 0;
	const long error = CALL(SYS_getcpu, (long)&cpu);

	return error < 0 ? -1 : (int)cpu;
}
