/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command had the kernel kill this process when it dies itself. A killed process removes
 * nothing, so from takeover on the kernel sends a signal of which nobody but us is told, the
 * program's signals being virtual: the handler ends the schedule's processes and removes what they
 * made.
 */
#include "engine/processes/orphan.h"

#include <linux/prctl.h>
#include <signal.h>
#include <stddef.h>

#include "base/sys.h"
#include "engine/calls/sud.h"
#include "engine/processes/processes.h"
#include "engine/reset/undo.h"

int32_t orphan_schedule;

static long command;

static void on_death(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	(void)context;
	if (sys_call0(SYS_getppid) == command)
		return;
	/* It makes children and objects until it has ended, so it comes first. */
	if (orphan_schedule > 0) {
		sys_call2(SYS_kill, orphan_schedule, SIGKILL);
		processes_await_end(orphan_schedule);
	}
	processes_kill();
	processes_await_all();
	undo_reset();
	sys_call1(SYS_exit_group, 0);
}

void orphan_init(void)
{
	command = sys_call0(SYS_getppid);
	if (sud_set_handler(SIGPWR, on_death, 0) == 0)
		sys_call5(SYS_prctl, PR_SET_PDEATHSIG, SIGPWR, 0, 0, 0);
}
