/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog asks /proc for processor time only when the heartbeat has been still for a while: it
 * costs as much as ps. */
#include "campaign/worker.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "campaign/workfolder.h"
#include "jostle/say.h"

#define LINGER_NS   2000000000ULL /* an ended campaign's process may take this long to exit */
#define LOOK_MAX_NS 250000000ULL  /* that much of the time between two looks counts */
#define LOADED_FACTOR \
	12 /* so many times the limit by the clock is a hang however little time it was given */
#define OVERDUE_FACTOR (2 * LOADED_FACTOR) /* nobody is waited for any more */

uint64_t clock_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

int worker_open(struct worker *worker, uint32_t index)
{
	*worker = (struct worker){ .index = index,
				   .exec_schedule = BOARD_NO_SCHEDULE,
				   .process = { .pidfd = -1 } };
	return slot_open(&worker->slot);
}

void worker_close(struct worker *worker)
{
	if (worker->process.pid > 0)
		process_kill(&worker->process, NULL);
	slot_close(&worker->slot);
	workfolder_remove(worker->folder, worker->folder_lock);
}

int worker_configure_folder(struct worker *worker)
{
	struct board_config *config = &worker->slot.board->config;

	if (!config->workdir[0])
		return 0;
	if (!worker->folder[0] &&
	    workfolder_make(worker->folder, sizeof(worker->folder), &worker->folder_lock))
		return EXIT_USAGE;
	memcpy(config->workdir_copy, worker->folder, sizeof(config->workdir_copy));
	return 0;
}

void worker_configure_deaths(const struct worker *worker, struct board_config *config)
{
	config->death_count = worker->death_count;
	memcpy(config->deaths, worker->deaths, sizeof(config->deaths));
	if (!worker->record_death)
		return;
	config->died_at = worker->newest.schedule;
	config->died_signal = worker->newest.signal;
	config->died_status = worker->newest.status;
	config->died_hang = worker->newest.hang;
}

static bool heartbeat(struct worker *worker)
{
	const struct board_status *status = &worker->slot.board->status;
	uint64_t steps = BOARD_LOAD(status->steps), schedule = BOARD_LOAD(status->schedule);
	uint64_t batch = BOARD_LOAD(status->batch), committed = BOARD_LOAD(status->committed);
	uint32_t state = BOARD_LOAD(status->state);
	/* Steps are told by the thousand; who computes between them has taken its time with fewer.
	 */
	uint32_t choices = BOARD_LOAD(worker->slot.board->choice_count);

	if (steps == worker->seen_steps && schedule == worker->seen_schedule &&
	    batch == worker->seen_batch && committed == worker->seen_committed &&
	    state == worker->seen_state && choices == worker->seen_choices)
		return false;
	worker->seen_steps = steps;
	worker->seen_schedule = schedule;
	worker->seen_batch = batch;
	worker->seen_committed = committed;
	worker->seen_state = state;
	worker->seen_choices = choices;
	return true;
}

void worker_started(struct worker *worker, uint64_t now_ns)
{
	worker->given = worker->slot.board->config;
	heartbeat(worker);
	worker->looked_at_ns = now_ns;
	worker->still_ns = 0;
	worker->cpu_known = false;
	worker->hung = false;
}

bool worker_is_stuck(struct worker *worker, uint64_t now_ns, uint64_t limit_ns)
{
	const uint64_t since_ns = now_ns - worker->looked_at_ns;
	uint64_t still_ns, cpu_ns;

	worker->looked_at_ns = now_ns;
	if (heartbeat(worker)) {
		worker->still_ns = 0;
		worker->cpu_known = false;
		return false;
	}
	/* When we ourselves, or the whole machine, stood still, the target did so as well. */
	worker->still_ns += since_ns < LOOK_MAX_NS ? since_ns : LOOK_MAX_NS;
	still_ns = worker->still_ns;
	/* It has nothing more to say and need not be waited for. */
	if (worker->seen_state == STATE_DONE || worker->seen_state == STATE_STOPPED ||
	    worker->seen_state == STATE_REFUSED)
		return still_ns >= LINGER_NS;
	if (still_ns < limit_ns / 8)
		return false;
	cpu_ns = process_group_cpu_ns(worker->process.pid);
	if (!worker->cpu_known) {
		worker->cpu_known = true;
		/* What it may have used since the heartbeat went still, so that a hang is not
		 * charged too little. */
		worker->seen_cpu_ns = cpu_ns > still_ns ? cpu_ns - still_ns : 0;
	}
	/* Children of the program that ended took their time with them. */
	cpu_ns = cpu_ns > worker->seen_cpu_ns ? cpu_ns - worker->seen_cpu_ns : 0;
	if (cpu_ns >= limit_ns || still_ns >= LOADED_FACTOR * limit_ns)
		return true;
	/* On a loaded machine a computing target is given its time, also when it waits for a
	 * processor or a disk; one that wants neither is blocked for good. */
	return still_ns >= 2 * limit_ns && cpu_ns < limit_ns / 10 &&
	       !process_group_busy(worker->process.pid);
}

/* It stands still, and will be found stuck, or has only to record what its last target died of. */
static bool will_end(const struct worker *worker, uint64_t limit_ns)
{
	return worker->process.pid > 0 &&
	       (worker->hung || worker->record_death || worker->still_ns >= limit_ns);
}

bool workers_are_overdue(const struct worker *workers, uint32_t count, uint64_t since_ns,
			 uint64_t limit_ns)
{
	if (since_ns < limit_ns)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (will_end(&workers[i], limit_ns))
			return since_ns >= OVERDUE_FACTOR * limit_ns;
	return true;
}

/* Does a worker before this one know of that schedule, too? All of them run the learning batch. */
static bool died_before(const struct worker *workers, uint32_t index, uint64_t schedule)
{
	for (uint32_t i = 0; i < index; i++)
		for (uint32_t k = 0; k < workers[i].death_count; k++)
			if (workers[i].deaths[k].schedule == schedule)
				return true;
	return false;
}

uint32_t workers_deaths(const struct worker *workers, uint32_t count, bool hangs)
{
	uint32_t deaths = 0;

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < workers[i].death_count; k++) {
			const struct board_death *death = &workers[i].deaths[k];

			deaths += (death->hang != 0) == hangs &&
				  !died_before(workers, i, death->schedule);
		}
	return deaths;
}

static void remember(struct worker *worker, const struct board_death *death)
{
	uint32_t at = worker->death_count;

	worker->newest = *death;
	worker->record_death = true;
	for (uint32_t i = 0; i < worker->death_count; i++)
		if (worker->deaths[i].schedule == death->schedule) {
			worker->strikes++; /* it was to be stepped over */
			return;
		}
	if (worker->death_count == BOARD_DEATHS_MAX)
		return;
	worker->strikes = 0;
	while (at > 0 && worker->deaths[at - 1].schedule > death->schedule) {
		worker->deaths[at] = worker->deaths[at - 1];
		at--;
	}
	worker->deaths[at] = *death;
	worker->death_count++;
}

uint64_t worker_last_death(const struct worker *worker)
{
	uint64_t last = worker->newest.schedule;

	for (uint32_t i = 0; i < worker->death_count; i++)
		if (worker->deaths[i].schedule / BOARD_BATCH == worker->first_batch &&
		    worker->deaths[i].schedule > last)
			last = worker->deaths[i].schedule;
	return last;
}

/* All that a program can do to the board without meaning to is write over it. */
static bool is_spoiled(const struct worker *worker)
{
	const struct board *board = worker->slot.board;

	return board->magic != BOARD_MAGIC || board->version != BOARD_VERSION ||
	       memcmp(&board->config, &worker->given, sizeof(worker->given)) != 0;
}

/* What is known of the end of a target whose board is spoiled: which schedule it was if it had but
 * one, and how it ended. */
static enum worker_end end_spoiled(struct worker *worker, int status)
{
	const struct board_config *given = &worker->given;

	worker->newest = (struct board_death){
		.schedule =
			given->mode == MODE_REPLAY ? given->replay_schedule : given->exec_schedule,
		.signal = WIFSIGNALED(status) && !worker->hung ? WTERMSIG(status) : 0,
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
		.hang = worker->hung,
	};
	return WORKER_SPOILED;
}

enum worker_end worker_ended(struct worker *worker)
{
	struct board *board = worker->slot.board;
	struct board_death death = { 0 };
	int status = 0;

	process_reap(&worker->process, &status);
	if (is_spoiled(worker))
		return end_spoiled(worker, status);
	switch (BOARD_LOAD(board->status.state)) {
	case STATE_DONE:
	case STATE_STOPPED:
		worker->record_death = false;
		return WORKER_DONE;
	case STATE_FALLBACK:
		return WORKER_FALLBACK;
	case STATE_RUNNING:
	case STATE_DIED:
		break;
	case STATE_REFUSED:
		return WORKER_REFUSED;
	default:
		if (worker->hung)
			snprintf(board->status.refusal, sizeof(board->status.refusal),
				 "made no progress before main began; it was ended after the "
				 "--hang-timeout");
		else if (WIFSIGNALED(status))
			snprintf(board->status.refusal, sizeof(board->status.refusal),
				 "was ended by signal %d before main began", WTERMSIG(status));
		else if (board->status.state == STATE_NONE)
			snprintf(board->status.refusal, sizeof(board->status.refusal),
				 "ended with status %d, and the preloaded library never took over",
				 WEXITSTATUS(status));
		else
			snprintf(board->status.refusal, sizeof(board->status.refusal),
				 "ended with status %d before main began", WEXITSTATUS(status));
		return WORKER_REFUSED;
	}
	death.schedule = BOARD_LOAD(board->status.schedule);
	death.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	death.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	death.hang = worker->hung;
	if (BOARD_LOAD(board->status.state) == STATE_DIED && board->config.died_signal)
		death.signal = board->config.died_signal;
	worker->first_batch = BOARD_LOAD(board->status.batch);
	if (death.schedule == BOARD_NO_SCHEDULE) {
		worker->strikes++;
		return WORKER_LOST;
	}
	remember(worker, &death);
	return WORKER_DIED;
}
