/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan says to each target, and running a single one of them. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "campaign/campaign.h"
#include "campaign/hang.h"
#include "jostle/interrupt.h"

#define TICK_MS 50 /* the watchdog looks so often */

const char *reset_name(uint32_t reset)
{
	static const char *const names[] = { "auto", "snapshot", "fork", "exec" };

	return reset <= RESET_EXEC ? names[reset] : "unknown";
}

void plan_configure(const struct plan *plan, struct board_config *config)
{
	config->seed = plan->seed;
	config->schedules = plan->schedules;
	config->reset = plan->reset;
	config->step_bound = plan->step_bound;
	config->expect_exit = plan->expect_exit;
	config->verify_every = plan->verify_every;
	config->until_first = plan->until_first;
	config->spurious = plan->spurious;
	config->ignore_accesses = plan->ignore_accesses;
	config->sequential = plan->sequential;
	config->with = plan->with;
	config->threads_limit = plan->threads_limit;
	config->memory_limit = plan->memory_limit;
	config->steer[0] = plan->steer[0];
	config->steer[1] = plan->steer[1];
	config->learned_steps_max = plan->learned_steps_max;
	config->learned_threads_max = plan->learned_threads_max;
	snprintf(config->strategy, sizeof(config->strategy), "%s", plan->strategy);
	snprintf(config->workdir, sizeof(config->workdir), "%s",
		 plan->workdir ? plan->workdir : "");
}

bool plan_learns_before(const struct plan *plan, uint64_t schedule)
{
	schedule -= plan->first_batch * BOARD_BATCH;
	return schedule > 0 && schedule <= BOARD_BATCH && (schedule & (schedule - 1)) == 0;
}

bool plan_is_done(const struct plan *plan, const struct board *board)
{
	const uint32_t count = board->status.finding_count;

	for (uint32_t i = 0; plan->until_first && i < count && i < BOARD_FINDINGS_MAX; i++)
		if (board->findings[i].finding.severity + 1U >= plan->until_first)
			return true;
	return false;
}

bool worker_run_to_end(struct worker *worker, uint64_t hang_timeout_ns, enum worker_end *end)
{
	const unsigned interrupts = interrupt_count();

	worker_started(worker, clock_now_ns());
	for (;;) {
		struct pollfd polled[] = { { .fd = worker->process.pidfd, .events = POLLIN },
					   { .fd = interrupt_fd(), .events = POLLIN } };

		poll(polled, 2, TICK_MS);
		if (polled[0].revents) {
			*end = worker_ended(worker);
			return true;
		}
		if (interrupt_count() > interrupts) {
			process_kill(&worker->process, NULL);
			return false;
		}
		if (!worker->hung && worker_is_stuck(worker, clock_now_ns(), hang_timeout_ns)) {
			worker->hung = true;
			hang_capture(worker);
			kill(-worker->process.pid, SIGKILL);
		}
	}
}
