/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hanging or slow? On real threads nobody counts steps, so the kernel is asked what each thread of
 * the process group waits for. A run stands when every thread waits for another one without a time
 * limit (futex, join, child, pipe) and none has moved between several looks. A thread that
 * computes, sleeps, waits with a timeout or for the outside may go on by itself: such a run is only
 * called stuck after a limit in processor time or, when it does not compute, by the clock.
 */
#ifndef JOSTLE_TOOL_PERTURB_WATCH_H
#define JOSTLE_TOOL_PERTURB_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum watch_verdict {
	WATCH_GOES_ON,
	WATCH_STANDS, /* all threads wait for each other */
	WATCH_STUCK,  /* beyond the limit */
};

struct watch {
	uint64_t started_ns, looked_ns, still_ns;
	uint64_t signature; /* of all threads: who, times used, switches made */
	uint64_t heartbeat, beat_cpu_ns;
	uint64_t still_limit_ns; /* --hang-timeout: no run is still for twice that */
	unsigned sleepers;       /* threads in each process that are not the program's, and sleep */
	unsigned same;           /* looks with one signature, all of them waiting */
};

/* What a thread waits for, as far as the kernel tells. */
enum wait_state {
	WAIT_RUNS,    /* or is about to */
	WAIT_OTHERS,  /* for other threads or processes of the program, without a limit */
	WAIT_TIME,    /* until some time at the latest */
	WAIT_UNKNOWN, /* for the outside, or nobody tells */
};

/* From the text of /proc/PID/task/TID/syscall. is_pipe: whether its first argument is the
 * descriptor of a pipe or an eventfd. Pure. */
enum wait_state wait_state_of(const char *text, bool is_pipe);

void watch_begin(struct watch *watch, uint64_t now_ns);

/*
 * heartbeat: points passed by all threads together. native_ns: what a run takes that nobody holds
 * up, 0 when it is not known yet. limit_ns: of
 * --hang-timeout, and so many times more as a detector is slow.
 */
enum watch_verdict watch_look(struct watch *watch, pid_t group, uint64_t now_ns, uint64_t heartbeat,
			      uint64_t native_ns, uint64_t limit_ns);

#endif
