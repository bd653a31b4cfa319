/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fork reset: this process stays at main's entry as the template, and each schedule runs in a
 * child of it. What the schedule came to is in shared memory (engine.result, the board) when the
 * child has ended, however it ended.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "engine/calls/system.h"
#include "engine/campaign.h"
#include "engine/descriptors/fd.h"
#include "engine/output.h"
#include "engine/processes/orphan.h"
#include "engine/processes/processes.h"
#include "engine/reset/regions.h"
#include "engine/reset/undo.h"

static void fork_crashed(int status)
{
	struct schedule_result *r = engine.result;
	struct finding f = { .kind = FINDING_CRASH,
			     .cause = CAUSE_KILLED,
			     .severity = SEVERITY_ERROR };

	if (WIFEXITED(status) && WEXITSTATUS(status) == BOARD_EXIT_DIED)
		return; /* the child reported it itself */
	f.thread = THREAD_NONE;
	f.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	f.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	r->event_hash = 0;
	report_add(&f);
}

/* Runs schedule campaign.number in a child; its result is in shared memory afterwards. */
static void fork_run(void)
{
	const long template = sys_call0(SYS_getpid);
	struct schedule_result *r = engine.result;
	int status = 0;
	long pid;

	r->ended = 0;
	r->need_slots = 0;
	r->finding_count = 0;
	processes.count = 0;
	regions_restore_common();
	pid = process_clone(CLONE_PARENT_SETTID | SIGCHLD, (long)&orphan_schedule, 0, 0);
	if (pid < 0)
		campaign_leave(STATE_REFUSED,
			       "fork failed: too many processes or not enough memory");
	if (pid == 0) {
		campaign.child = true;
		engine.forked_schedule = true;
		sys_call5(SYS_prctl, 1 /* PR_SET_PDEATHSIG */, SIGKILL, 0, 0, 0);
		if (sys_call0(SYS_getppid) != template)
			sys_call1(SYS_exit_group, 0);
		sud_rearm_after_fork();
		schedule_begin(campaign.number, campaign_seed(campaign.number));
		fiber_enter(&engine_fibers[0]);
	}
	BOARD_STORE(engine.board->status.schedule, campaign.number);
	while (sys_call4(SYS_wait4, pid, (long)&status, 0, 0) == -EINTR)
		continue;
	orphan_schedule = 0;
	if (!r->ended) {
		processes_kill();
		undo_reset();
		r->number = campaign.number;
		r->seed = campaign_seed(campaign.number);
		if (!r->need_slots)
			fork_crashed(status);
	}
}

void fork_campaign(void)
{
	if (regions_keep_common() != 0)
		campaign_fallback("memory that is shared before main could not be saved");
	for (;;) {
		const struct board_death *death;

		group_stop_if_asked();
		if (campaign.number >= campaign.batch_end) {
			group_finish_batch();
			continue;
		}
		death = campaign_death(campaign.number);
		if (death) {
			campaign_add_death(death);
			campaign.number++;
			continue;
		}
		fork_run();
		campaign_check_board();
		fd_rewind();
		output_touched = true; /* in the child, whose copy of the flag is gone */
		if (engine.result->need_slots) {
			output_reset(campaign.number, false);
			campaign_grow_pool(engine.result->need_slots);
			continue;
		}
		campaign_settle();
		output_reset(engine.result->number, campaign.counted && campaign.first_run);
	}
}
