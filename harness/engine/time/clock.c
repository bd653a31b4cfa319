/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual clocks. One virtual time moves them all: CLOCK_MONOTONIC begins at 0 with each schedule,
 * the others stand at a constant distance from it. The epoch is a constant as well: the calendar
 * does not decide which bug is found.
 */
#include <errno.h>
#include <stddef.h>

#include "engine/calls/call_time.h"
#include "engine/engine.h"

#define NS_PER_S     1000000000ULL
#define EPOCH_NS     (1767225600ULL * NS_PER_S) /* 2026-01-01 00:00:00 UTC */
#define TAI_AHEAD_NS (37ULL * NS_PER_S)
#define BOOT_NS \
	(1000ULL * NS_PER_S) /* CLOCK_MONOTONIC when main begins: programs subtract from it */

/* Distance of a clock from the world's time, in two's complement: a processor's clock stands while
 * the others go on. */
static bool offset_of(clockid_t clock, uint64_t *offset_ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
		*offset_ns = EPOCH_NS;
		return true;
	case CLOCK_TAI:
		*offset_ns = EPOCH_NS + TAI_AHEAD_NS;
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		*offset_ns = BOOT_NS;
		return true;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		*offset_ns = time_computed() - engine_world.now_ns;
		return true;
	default:
		/* Negative numbers are the CPU clocks of processes and threads
		 * (clock_getcpuclockid); with both low bits set, a device's, which we have not. */
		*offset_ns = time_computed() - engine_world.now_ns;
		return clock < 0 && (clock & 3) != 3;
	}
}

bool engine_clock(clockid_t clock, uint64_t *ns)
{
	uint64_t offset_ns;

	if (!offset_of(clock, &offset_ns))
		return false;
	*ns = engine_world.now_ns + offset_ns;
	return true;
}

static bool valid(const struct timespec *t)
{
	return t->tv_nsec >= 0 && t->tv_nsec < (long)NS_PER_S;
}

/* Times beyond five centuries wait for ever, as near as makes no difference. */
static uint64_t to_ns(const struct timespec *t)
{
	if (t->tv_sec < 0)
		return 0;
	if ((uint64_t)t->tv_sec >= OP_NO_DEADLINE / NS_PER_S / 2)
		return OP_NO_DEADLINE / 2;
	return (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec;
}

int engine_deadline(clockid_t clock, const struct timespec *abstime, uint64_t *deadline_ns)
{
	uint64_t offset_ns, at;

	if (!valid(abstime) || !offset_of(clock, &offset_ns))
		return EINVAL;
	at = to_ns(abstime);
	if (at < OP_NO_DEADLINE / 2)
		at = (int64_t)(at - offset_ns) > 0 ? at - offset_ns : 0;
	*deadline_ns = at;
	return 0;
}

int engine_deadline_relative(const struct timespec *duration, uint64_t *deadline_ns)
{
	if (!valid(duration) || duration->tv_sec < 0)
		return EINVAL;
	*deadline_ns = engine_world.now_ns + to_ns(duration);
	return 0;
}
