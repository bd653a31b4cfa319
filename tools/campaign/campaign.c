/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: wait for ended targets, for the user and for the clock; decide what each worker does
 * next. */
#include "campaign/campaign.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "campaign/differs.h"
#include "campaign/places.h"
#include "jostle/interrupt.h"
#include "jostle/options.h"
#include "jostle/progress.h"
#include "jostle/say.h"

#define TICK_MS     50
#define STRIKES_MAX 3  /* targets lost in a row without getting on */
#define DEATHS_MAX  32 /* schedules that end their process, before each gets one of its own */
#define HANGS_MAX   3  /* each costs the whole hang timeout */

/* One attempt at a campaign, with one reset. */
struct attempt {
	struct campaign *campaign;
	struct worker *workers;
	uint32_t worker_count;
	uint32_t reset;
	uint64_t started_ns;
	uint64_t next_exec;                        /* RESET_EXEC: the next schedule to hand out */
	struct places seen_places, learned_places; /* RESET_EXEC: reported; handed out */
	bool closing; /* no new work; what a target died of is still recorded */
	uint64_t closed_ns;
	bool abandoned; /* kill everything */
	bool fall_back;
	bool leaving;   /* to begin again with one worker, when these have ended their schedules */
	uint32_t hangs; /* RESET_EXEC, where no worker remembers earlier schedules */
	struct progress progress;
};

static void close_attempt(struct attempt *attempt, enum campaign_ending ending)
{
	if (attempt->closing)
		return;
	attempt->closing = true;
	attempt->closed_ns = clock_now_ns();
	attempt->campaign->ending = ending;
	for (uint32_t i = 0; i < attempt->worker_count; i++)
		BOARD_STORE(attempt->workers[i].slot.board->stop, 1);
}

static void start(struct attempt *attempt, struct worker *worker)
{
	const struct plan *plan = &attempt->campaign->plan;
	struct board_config *config = &worker->slot.board->config;

	if (worker->started)
		slot_restart(&worker->slot);
	else
		slot_clear(&worker->slot);
	worker->started = true;
	plan_configure(plan, config);
	config->reset = attempt->reset;
	config->worker = worker->index;
	config->workers = attempt->worker_count;
	config->first_batch = worker->first_batch;
	worker_configure_deaths(worker, config);
	if (attempt->reset == RESET_EXEC) {
		struct gather *gather = &attempt->campaign->gather;

		/* Each process is too short-lived to learn: the longest of the learning batch it
		 * is. */
		if (worker->exec_schedule >= BOARD_BATCH && !gather->learned_steps_max) {
			gather->learned_steps_max = gather->steps_max;
			gather->learned_threads_max = gather->threads_max;
		}
		config->worker = 0;
		config->workers = 1;
		config->exec_schedule = worker->exec_schedule;
		config->first_batch = worker->exec_schedule / BOARD_BATCH;
		if (!plan->learned_steps_max) {
			config->learned_steps_max = gather->learned_steps_max;
			config->learned_threads_max = gather->learned_threads_max;
		}
		config->points = slot_append(&worker->slot, attempt->learned_places.at,
					     attempt->learned_places.count * sizeof(uint64_t));
	} else {
		if (attempt->closing)
			config->schedules = worker_last_death(worker) + 1;
		if (plan->point_count)
			config->points = slot_append(&worker->slot, plan->points,
						     plan->point_count * sizeof(uint64_t));
	}
	if (worker_configure_folder(worker) ||
	    process_start(&worker->process, attempt->campaign->launch, &worker->slot)) {
		attempt->campaign->ending = ENDED_FAILED;
		attempt->abandoned = true;
		return;
	}
	worker_started(worker, clock_now_ns());
}

static bool any_running(const struct attempt *attempt)
{
	for (uint32_t i = 0; i < attempt->worker_count; i++)
		if (attempt->workers[i].process.pid > 0)
			return true;
	return false;
}

/*
 * RESET_EXEC: gives idle workers the next schedules, in order. The learning batch comes first, in
 * parts and alone, since what it teaches is part of the configuration of all others.
 */
static void hand_out(struct attempt *attempt)
{
	const struct plan *plan = &attempt->campaign->plan;
	const uint64_t schedules = plan->schedules;

	for (uint32_t i = 0; i < attempt->worker_count && !attempt->closing && !attempt->leaving &&
			     !attempt->abandoned;
	     i++) {
		struct worker *worker = &attempt->workers[i];

		if (worker->process.pid > 0)
			continue;
		if (attempt->next_exec >= schedules ||
		    (plan_learns_before(plan, attempt->next_exec) && any_running(attempt)))
			return;
		if (plan_learns_before(plan, attempt->next_exec))
			places_copy(&attempt->learned_places, &attempt->seen_places);
		worker->exec_schedule = attempt->next_exec++;
		worker->death_count = 0;
		worker->record_death = false;
		worker->started = false;
		start(attempt, worker);
	}
}

static void refuse(struct attempt *attempt, const struct worker *worker)
{
	struct campaign *campaign = attempt->campaign;
	char said[512];
	size_t size = slot_tail(worker->slot.err_fd, said, sizeof(said) - 1);

	while (size > 0 && (said[size - 1] == '\n' || said[size - 1] == ' '))
		size--;
	said[size] = '\0';
	snprintf(campaign->refusal, sizeof(campaign->refusal), "%.*s%s%s",
		 (int)sizeof(worker->slot.board->status.refusal),
		 worker->slot.board->status.refusal, size ? "; it wrote: " : "", said);
	gather_add(&campaign->gather, &worker->slot);
	campaign->ending = ENDED_REFUSED;
	attempt->abandoned = true;
}

/* The whole campaign begins again, with the next slower reset. */
static void use_slower_reset(struct attempt *attempt, const char *why)
{
	struct campaign *campaign = attempt->campaign;

	attempt->reset++;
	snprintf(campaign->fallback, sizeof(campaign->fallback), "%.*s",
		 (int)sizeof(campaign->fallback) - 1, why);
	attempt->fall_back = true;
	attempt->abandoned = true;
}

static void fall_back(struct attempt *attempt, const struct worker *worker)
{
	const struct board_status *status = &worker->slot.board->status;

	if (attempt->reset == RESET_AUTO)
		attempt->reset = status->reset == RESET_FORK ? RESET_FORK : RESET_SNAPSHOT;
	if (attempt->reset == RESET_EXEC)
		refuse(attempt, worker);
	else
		use_slower_reset(attempt, status->refusal);
	differs_tell(worker->slot.board, attempt->campaign->differs,
		     sizeof(attempt->campaign->differs));
}

/*
 * When the program uses something that schedules share which run at the same time, what they came
 * to is worth nothing, and the whole campaign begins again with one worker. Each target may end its
 * schedule first, in which the program perhaps puts away what it made.
 */
static bool leaves_for_one_worker(struct attempt *attempt, const struct worker *worker)
{
	const uint32_t common = BOARD_LOAD(worker->slot.board->status.common);

	if (attempt->leaving)
		return true;
	if (common == COMMON_NOTHING || attempt->worker_count == 1 || attempt->closing)
		return false;
	attempt->leaving = attempt->fall_back = true;
	attempt->campaign->common = common;
	attempt->campaign->plan.jobs = 1;
	for (uint32_t i = 0; i < attempt->worker_count; i++)
		BOARD_STORE(attempt->workers[i].slot.board->stop, 1);
	return true;
}

/* The schedules that hung until now, after one more did. */
static uint32_t one_more_hang(struct attempt *attempt)
{
	return attempt->reset == RESET_EXEC
		       ? ++attempt->hangs
		       : workers_deaths(attempt->workers, attempt->worker_count, true);
}

/*
 * A schedule that ends its process costs a snapshot everything, a fork one child. The limit is one
 * for all workers together, so that it does not depend on their number which reset is used.
 */
static bool dies_too_often(const struct attempt *attempt)
{
	return (attempt->reset == RESET_AUTO || attempt->reset == RESET_SNAPSHOT) &&
	       workers_deaths(attempt->workers, attempt->worker_count, false) >= DEATHS_MAX;
}

/*
 * What the board says is worth nothing, and neither is what it said of earlier schedules. With a
 * process for each schedule there is just that one in doubt: its end is recorded on a new board.
 */
static void start_afresh(struct attempt *attempt, struct worker *worker)
{
	struct gather *gather = &attempt->campaign->gather;
	const struct board_death *death = &worker->newest;

	if (attempt->reset != RESET_EXEC) {
		attempt->reset = RESET_FORK;
		use_slower_reset(attempt, "the program writes over memory that is not its own, and "
					  "spoiled what was recorded");
		return;
	}
	if (worker->hung && one_more_hang(attempt) >= HANGS_MAX)
		close_attempt(attempt, ENDED_HANGS);
	slot_clear(&worker->slot);
	worker->started = false;
	if (death->hang || death->signal || death->status) {
		worker->deaths[0] = *death;
		worker->death_count = 1;
		worker->record_death = true;
		start(attempt, worker);
		return;
	}
	gather->schedules++;
	gather->spoiled++;
	gather_note(gather,
		    "schedules in which the program wrote over memory that is not its own and "
		    "went on: what came of them is not known",
		    1);
}

/* A target is gone without having done its work. Goes on with a new one unless that is hopeless. */
static void replace(struct attempt *attempt, struct worker *worker)
{
	if (worker->hung && attempt->campaign->plan.until_first)
		close_attempt(attempt, ENDED_FIRST);
	else if (worker->hung && one_more_hang(attempt) >= HANGS_MAX)
		close_attempt(attempt, ENDED_HANGS);
	if (dies_too_often(attempt) && !attempt->closing) {
		if (attempt->reset == RESET_AUTO)
			attempt->reset = RESET_SNAPSHOT;
		use_slower_reset(
			attempt,
			"many schedules end the process, which a snapshot cannot take back");
		return;
	}
	if (worker->strikes >= STRIKES_MAX || worker->death_count == BOARD_DEATHS_MAX) {
		close_attempt(attempt, ENDED_DEATHS);
		if (worker->strikes >= STRIKES_MAX)
			worker->record_death = false;
	}
	if (attempt->closing && !worker->record_death)
		gather_add(&attempt->campaign->gather, &worker->slot);
	else
		start(attempt, worker);
}

static void handle_end(struct attempt *attempt, struct worker *worker)
{
	const enum worker_end end = worker_ended(worker);
	bool enough;

	if (end != WORKER_SPOILED && end != WORKER_REFUSED &&
	    leaves_for_one_worker(attempt, worker))
		return;
	switch (end) {
	case WORKER_DONE:
		enough = plan_is_done(&attempt->campaign->plan, worker->slot.board);
		places_add(&attempt->seen_places, worker->slot.board);
		gather_add(&attempt->campaign->gather, &worker->slot);
		if (enough)
			close_attempt(attempt, ENDED_FIRST);
		return;
	case WORKER_REFUSED:
		refuse(attempt, worker);
		return;
	case WORKER_FALLBACK:
		fall_back(attempt, worker);
		return;
	case WORKER_SPOILED:
		start_afresh(attempt, worker);
		return;
	default:
		replace(attempt, worker);
	}
}

static void wait_for_something(struct attempt *attempt)
{
	struct pollfd polled[JOBS_MAX + 1];
	struct worker *running[JOBS_MAX];
	nfds_t count = 0;

	for (uint32_t i = 0; i < attempt->worker_count; i++) {
		if (attempt->workers[i].process.pid <= 0)
			continue;
		running[count] = &attempt->workers[i];
		polled[count++] = (struct pollfd){ .fd = attempt->workers[i].process.pidfd,
						   .events = POLLIN };
	}
	polled[count] = (struct pollfd){ .fd = interrupt_fd(), .events = POLLIN };
	if (poll(polled, count + 1, TICK_MS) <= 0)
		return;
	for (nfds_t i = 0; i < count && !attempt->abandoned; i++)
		if (polled[i].revents)
			handle_end(attempt, running[i]);
}

static void look_after(struct attempt *attempt)
{
	const struct plan *plan = &attempt->campaign->plan;
	const uint64_t now_ns = clock_now_ns();
	const unsigned interrupts = interrupt_count();

	if (interrupts)
		close_attempt(attempt, ENDED_INTERRUPTED);
	if (interrupts > 1) {
		attempt->campaign->ending = ENDED_INTERRUPTED;
		attempt->abandoned = true;
	}
	if (now_ns - attempt->started_ns >= plan->time_ns)
		close_attempt(attempt, ENDED_TIME);
	if (attempt->closing && !attempt->abandoned &&
	    workers_are_overdue(attempt->workers, attempt->worker_count,
				clock_now_ns() - attempt->closed_ns, plan->hang_timeout_ns)) {
		gather_note(&attempt->campaign->gather,
			    "schedules that were cut off, since they went on for long after the "
			    "campaign's end (see --hang-timeout)",
			    1);
		attempt->abandoned = true;
	}
	for (uint32_t i = 0; i < attempt->worker_count; i++) {
		struct worker *worker = &attempt->workers[i];

		if (worker->process.pid > 0)
			leaves_for_one_worker(attempt, worker);
		if (worker->process.pid <= 0 || worker->hung ||
		    !worker_is_stuck(worker, now_ns, plan->hang_timeout_ns))
			continue;
		worker->hung = true;
		kill(-worker->process.pid, SIGKILL);
	}
	if (plan->progress)
		progress_show(&attempt->progress, &attempt->campaign->gather, attempt->workers,
			      attempt->worker_count, now_ns);
}

static void attempt_run(struct attempt *attempt)
{
	struct campaign *campaign = attempt->campaign;

	campaign->ending = ENDED_SCHEDULES;
	for (uint32_t i = 0; i < attempt->worker_count && !attempt->abandoned; i++) {
		if (worker_open(&attempt->workers[i], i)) {
			campaign->ending = ENDED_FAILED;
			attempt->abandoned = true;
			attempt->worker_count = i;
		} else if (attempt->reset != RESET_EXEC) {
			attempt->workers[i].first_batch = campaign->plan.first_batch;
			start(attempt, &attempt->workers[i]);
		}
	}
	for (;;) {
		if (attempt->reset == RESET_EXEC)
			hand_out(attempt);
		if (attempt->abandoned || !any_running(attempt))
			break;
		wait_for_something(attempt);
		look_after(attempt);
	}
	/* Ended by itself before the first schedule of its share: nothing to kill. Else what is
	 * left is killed here. */
	for (uint32_t i = 0; i < attempt->worker_count; i++) {
		struct worker *worker = &attempt->workers[i];

		if (worker->process.pid > 0 && !attempt->fall_back &&
		    campaign->ending != ENDED_REFUSED) {
			process_kill(&worker->process, NULL);
			gather_add(&campaign->gather, &worker->slot);
		}
		worker_close(worker);
	}
}

void campaign_run(struct campaign *campaign, const struct plan *plan, struct launch *launch)
{
	struct attempt attempt = { .campaign = campaign,
				   .reset = plan->reset,
				   .started_ns = clock_now_ns() };
	struct worker *workers = calloc(plan->jobs, sizeof(*workers));

	if (!workers)
		abort();
	*campaign = (struct campaign){ .plan = *plan, .launch = launch };
	progress_init(&attempt.progress, attempt.started_ns);
	do {
		gather_fini(&campaign->gather);
		attempt.fall_back = attempt.abandoned = attempt.closing = attempt.leaving = false;
		attempt.hangs = 0;
		attempt.next_exec = plan->first_batch * BOARD_BATCH;
		places_fini(&attempt.seen_places);
		places_fini(&attempt.learned_places);
		places_set(&attempt.learned_places, plan->points, plan->point_count);
		attempt.workers = workers;
		attempt.worker_count = campaign->plan.jobs;
		attempt_run(&attempt);
	} while (attempt.fall_back);
	places_fini(&attempt.seen_places);
	places_fini(&attempt.learned_places);
	if (plan->progress)
		progress_erase(&attempt.progress);
	campaign->seconds = (double)(clock_now_ns() - attempt.started_ns) / 1e9;
	if (campaign->gather.reset == RESET_AUTO)
		campaign->gather.reset = attempt.reset;
	gather_finish(&campaign->gather);
	process_sweep();
	free(workers);
}

void campaign_fini(struct campaign *campaign)
{
	gather_fini(&campaign->gather);
}
