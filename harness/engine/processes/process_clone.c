/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of processes. A program writes its process id into log lines, names of files and
 * requests, and whether it has four digits or five makes each of them longer or shorter: an input
 * that no schedule controls. Where the kernel lets us choose (clone3(2) with set_tid, which needs
 * CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE), every process of a schedule gets one of five digits.
 * Each target begins elsewhere, so that two seldom want the same number; a number in use is left
 * out.
 */
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>

#include "base/hash.h"
#include "base/sys.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

#define LEAST   10000
#define TARGETS 300 /* ranges of numbers: all below the smallest limit that Linux knows, 32768 */
#define RANGE   72
_Static_assert(RANGE > PROCESSES_MAX, "a number for each process");
_Static_assert(LEAST + TARGETS * RANGE < 32768, "pid_max");

static bool refused; /* the kernel does not let us choose */

static uint64_t first_number(void)
{
	const uint64_t target = hash_mix((uint64_t)engine.board->status.pid) % TARGETS;

	return LEAST + target * RANGE;
}

long process_clone(long flags, long parent_tid, long child_tid, long tls)
{
	pid_t number;
	struct clone_args args = {
		.flags = (uint64_t)flags & ~(uint64_t)CSIGNAL,
		.exit_signal = (uint64_t)flags & CSIGNAL,
		.parent_tid = (uint64_t)parent_tid,
		.child_tid = (uint64_t)child_tid,
		.tls = (uint64_t)tls,
		.set_tid = (uint64_t)(uintptr_t)&number,
		.set_tid_size = 1,
	};

	for (uint32_t i = processes.count; i < RANGE && !refused; i++) {
		long pid;

		number = (pid_t)(first_number() + i);
		pid = sys_call2(SYS_clone3, (long)&args, sizeof(args));
		if (pid >= 0)
			return pid;
		refused = pid != -EEXIST;
	}
	return sys_call5(SYS_clone, flags, 0, parent_tid, child_tid, tls);
}
