/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading clocks and sleeping. Each reading moves virtual time on by a microsecond, so that a loop
 * that waits for a moment gets there. A thread that does nothing but read the clock yields after 32
 * readings, and its steps grow, so that ten seconds do not take ten million readings. What the
 * readings of a process took is all of its processor time: it does not compute while it waits. A
 * loop that asks for something else than the time (FIONREAD, sigpending), and would wait for ever
 * here, makes hundreds of calls without an operation: from then on each counts as a reading, unless
 * nobody is there who could end the loop.
 */
#include "engine/calls/call_time.h"

#include <errno.h>
#include <stddef.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "engine/alone.h"
#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/signal.h"

#define NS_PER_S           1000000000ULL
#define READS_BEFORE_YIELD 32
#define CALLS_AT_ONCE      256
#define STEP_NS            1000ULL
#define STEP_NS_MAX        50000000ULL

static struct {
	thread_id thread;
	uint32_t step;
	uint32_t reads;
	uint64_t ns;
} streak;
static struct {
	thread_id thread;
	uint32_t step;
	uint32_t count;
} calls;
static uint64_t computed_ns;

uint64_t time_computed(void)
{
	return computed_ns;
}

void time_reset(void)
{
	streak.step = UINT32_MAX;
	streak.reads = 0;
	streak.ns = STEP_NS;
	calls.step = UINT32_MAX;
	computed_ns = 0;
}

void time_pass(void *site)
{
	const thread_id id = engine_current->id;

	if (streak.thread != id || streak.step != engine_world.step) {
		streak.thread = id;
		streak.step = engine_world.step;
		streak.reads = 0;
		streak.ns = STEP_NS;
	}
	world_advance_to(&engine_world, engine_world.now_ns + streak.ns);
	computed_ns += streak.ns;
	if (++streak.reads < READS_BEFORE_YIELD || engine_aside())
		return;
	streak.reads = 0;
	engine_publish(OP_CLOCK_READ, NULL, site);
	engine_step();
	/* Still nothing but readings of this thread's: go on faster. */
	if (streak.thread == id && engine_world.step == streak.step + 1 && streak.ns < STEP_NS_MAX)
		streak.ns *= 2;
	streak.thread = id;
	streak.step = engine_world.step;
}

void time_called(void *site)
{
	const thread_id id = engine_current->id;

	if (calls.thread != id || calls.step != engine_world.step) {
		calls.thread = id;
		calls.step = engine_world.step;
		calls.count = 0;
	}
	if (++calls.count <= CALLS_AT_ONCE || alone())
		return; /* alone, it is left to the command, which calls it a hang */
	time_pass(site);
	/* A step that only let time pass is not what the thread did. */
	if (streak.thread == id && streak.step == engine_world.step)
		calls.step = engine_world.step;
}

long time_read(clockid_t clock, uint64_t *ns, void *site)
{
	if (!engine_clock(clock, ns))
		return -EINVAL;
	time_pass(site);
	engine_clock(clock, ns);
	return 0;
}

long call_clock_gettime(struct call *c)
{
	struct timespec *to = (struct timespec *)c->args[1];
	uint64_t ns;
	const long error = time_read((clockid_t)c->args[0], &ns, c->site);

	if (error)
		return error;
	if (!to)
		return -EFAULT;
	to->tv_sec = (time_t)(ns / NS_PER_S);
	to->tv_nsec = (long)(ns % NS_PER_S);
	return 0;
}

long call_gettimeofday(struct call *c)
{
	struct timeval *to = (struct timeval *)c->args[0];
	struct timezone *zone = (struct timezone *)c->args[1];
	uint64_t ns;
	const long error = time_read(CLOCK_REALTIME, &ns, c->site);

	if (error)
		return error;
	if (to) {
		to->tv_sec = (time_t)(ns / NS_PER_S);
		to->tv_usec = (suseconds_t)(ns % NS_PER_S / 1000);
	}
	if (zone)
		zone->tz_minuteswest = zone->tz_dsttime = 0;
	return 0;
}

long call_time(struct call *c)
{
	time_t *to = (time_t *)c->args[0];
	uint64_t ns;
	const long error = time_read(CLOCK_REALTIME, &ns, c->site);

	if (error)
		return error;
	if (to)
		*to = (time_t)(ns / NS_PER_S);
	return (long)(ns / NS_PER_S);
}

/* Clock ticks of a hundredth of a second, all of it user time. */
long call_times(struct call *c)
{
	struct tms *to = (struct tms *)c->args[0];
	uint64_t ns;
	const long error = time_read(CLOCK_MONOTONIC, &ns, c->site);

	if (error)
		return error;
	if (to) {
		to->tms_utime = (clock_t)(computed_ns / 10000000);
		to->tms_stime = to->tms_cutime = to->tms_cstime = 0;
	}
	return (long)(ns / 10000000);
}

long call_clock_settime(struct call *c)
{
	const struct timespec *to = (const struct timespec *)c->args[1];

	if (c->nr == SYS_clock_settime && (c->args[0] != CLOCK_REALTIME || to->tv_sec < 0 ||
					   to->tv_nsec < 0 || to->tv_nsec >= (long)NS_PER_S))
		return -EINVAL;
	engine_note("setting the system's clock was refused");
	return -EPERM;
}

long time_sleep(uint64_t deadline_ns, uint32_t cancellation, void *site)
{
	struct op *op;
	long result;

	do {
		op = engine_publish(OP_SLEEP, NULL, site);
		op->flags = OP_INTERRUPTIBLE | cancellation;
		op->deadline_ns = deadline_ns;
		signal_forget_handlers();
		result = engine_step();
	} while (result == -EINTR && signal_restarts(false));
	return result;
}

static void write_left(struct timespec *left, uint64_t deadline_ns)
{
	const uint64_t rest =
		deadline_ns > engine_world.now_ns ? deadline_ns - engine_world.now_ns : 0;

	if (!left)
		return;
	left->tv_sec = (time_t)(rest / NS_PER_S);
	left->tv_nsec = (long)(rest % NS_PER_S);
}

long call_nanosleep(struct call *c)
{
	uint64_t deadline_ns;
	const int error =
		engine_deadline_relative((const struct timespec *)c->args[0], &deadline_ns);
	long result;

	if (error)
		return -error;
	result = time_sleep(deadline_ns, call_cancellation(c), c->site);
	if (result == -EINTR)
		write_left((struct timespec *)c->args[1], deadline_ns);
	return result;
}

long call_clock_nanosleep(struct call *c)
{
	const struct timespec *time = (const struct timespec *)c->args[2];
	const bool absolute = c->args[1] & TIMER_ABSTIME;
	uint64_t deadline_ns, now_ns;
	const int error = !engine_clock((clockid_t)c->args[0], &now_ns) ? EINVAL
			  : absolute ? engine_deadline((clockid_t)c->args[0], time, &deadline_ns)
				     : engine_deadline_relative(time, &deadline_ns);
	long result;

	if (error)
		return -error;
	result = time_sleep(deadline_ns, call_cancellation(c), c->site);
	if (result == -EINTR && !absolute)
		write_left((struct timespec *)c->args[3], deadline_ns);
	return result;
}
