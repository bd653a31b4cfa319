/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the perturbed run's own board, which the program may have written anything to, and from how
 * its process ended, to findings on an ordinary board. A run has one ending: who fails an assertion
 * aborts because of it, and who reported a broken invariant need not be told about its exit status.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "event/event.h"
#include "event/thread.h"
#include "perturb/perturb_hang.h"
#include "perturb/perturb_run.h"
#include "perturb/perturb_words.h"
#include "record/place.h"

#define OUTPUT_MAX (64U << 10)

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint64_t key_of(const struct board *board, const struct finding *finding)
{
	uint64_t key = hash_fold(HASH_START, (uint64_t)finding->kind << 8 | finding->cause);
	uint64_t sites = 0;

	key = hash_fold(key, (uint64_t)(uint32_t)finding->signal << 32 | (uint32_t)finding->status);
	key = hash_bytes(key, finding->text, strnlen(finding->text, sizeof(finding->text)));
	/* Who merely stands behind differs from run to run: of the waits only the first counts, and
	 * all that explain it. */
	for (uint16_t i = 0; i < finding->site_count; i++)
		if (finding->sites[i].role != SITE_WAITS || finding->cause == CAUSE_LOCK_CYCLE)
			sites += hash_mix(hash_fold(place_of(board, finding->sites[i].pc),
						    finding->sites[i].role));
	return hash_fold(key, sites);
}

static void name_thread(const struct perturb_board *from, struct finding_site *site)
{
	if (site->thread < PERTURB_THREADS_MAX)
		memcpy(site->thread_name, from->threads[site->thread].name,
		       sizeof(site->thread_name) - 1);
}

/* Standard output first: each stream is a file of its own, and their order is not known. */
static struct board_piece keep_output(struct slot *slot)
{
	static char text[OUTPUT_MAX];
	size_t size = slot_tail(slot->out_fd, text, sizeof(text) / 2);

	size += slot_tail(slot->err_fd, text + size, sizeof(text) - size);
	return slot_append(slot, text, size);
}

void perturb_run_add(struct perturb_run *run, const struct finding *finding)
{
	const struct perturb_config *config = &run->perturb.board->config;
	struct board *board = run->slot.board;
	static uint32_t words[PERTURB_WORDS_MAX];
	struct board_finding *record;

	if (board->status.finding_count == BOARD_FINDINGS_MAX) {
		board->status.findings_lost++;
		return;
	}
	record = &board->findings[board->status.finding_count++];
	record->finding = *finding;
	record->finding.inexact = 1;
	record->first_schedule = run->number;
	record->seed = config->seed;
	record->count = 1;
	record->values = slot_append(
		&run->slot, words, perturb_to_words(run->perturb.board, words) * sizeof(words[0]));
	record->output = keep_output(&run->slot);
	snprintf(record->strategy, sizeof(record->strategy), "%s",
		 perturb_strategy_name(config->strategy));
}

static void add_finding(struct perturb_run *run, struct finding *finding)
{
	for (uint16_t i = 0; i < finding->site_count; i++)
		name_thread(run->perturb.board, &finding->sites[i]);
	finding->key = key_of(run->slot.board, finding);
	perturb_run_add(run, finding);
}

/* What the library reported while the program ran. True when there was any. */
static bool add_reported(struct perturb_run *run)
{
	const struct perturb_board *from = run->perturb.board;
	const uint32_t count = least(from->finding_count, PERTURB_FINDINGS_MAX);
	bool any = false;

	for (uint32_t i = 0; i < count; i++) {
		struct finding finding = from->findings[i].finding;

		if (!from->findings[i].ready || finding.kind >= FINDING_KIND_COUNT)
			continue;
		finding.text[sizeof(finding.text) - 1] = '\0';
		finding.site_count = finding.site_count ? 1 : 0;
		finding.thread = from->findings[i].entry < PERTURB_THREADS_MAX
					 ? (uint16_t)from->findings[i].entry
					 : THREAD_NONE;
		finding.sites[0].thread = finding.thread;
		finding.sites[0].step = UINT32_MAX;
		add_finding(run, &finding);
		any = true;
	}
	return any;
}

static void add_ending(struct perturb_run *run, const struct plan *plan, int status, bool reported)
{
	struct finding finding = { .severity = SEVERITY_ERROR,
				   .thread = THREAD_NONE,
				   .address = UINT64_MAX };

	if (run->hung) {
		perturb_hang(run->perturb.board, run->hung == WATCH_STANDS, &finding);
	} else if (WIFSIGNALED(status) && !(reported && WTERMSIG(status) == SIGABRT)) {
		finding.kind = FINDING_CRASH;
		finding.signal = WTERMSIG(status);
		finding.cause = WTERMSIG(status) == SIGABRT   ? CAUSE_ABORT
				: WTERMSIG(status) == SIGKILL ? CAUSE_KILLED
							      : CAUSE_SIGNAL;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) != plan->expect_exit && !reported) {
		finding.kind = FINDING_EXIT;
		finding.cause = CAUSE_EXIT_STATUS;
		finding.status = WEXITSTATUS(status);
	} else {
		return;
	}
	add_finding(run, &finding);
}

static void copy_modules(const struct perturb_board *from, struct board *board)
{
	const uint32_t count = least(from->module_count, PERTURB_MODULES_MAX);

	memcpy(board->modules, from->modules, count * sizeof(from->modules[0]));
	for (uint32_t i = 0; i < count; i++)
		board->modules[i].path[BOARD_PATH_MAX - 1] = '\0';
	board->status.module_count = count;
}

static void copy_outcomes(const struct perturb_board *from, struct board *board)
{
	for (uint32_t i = 0; i < least(from->outcome_count, PERTURB_OUTCOMES_MAX); i++) {
		struct board_outcome *outcome = &board->outcomes[board->outcome_count];

		if (!from->outcomes[i].ready)
			continue;
		snprintf(outcome->text, sizeof(outcome->text), "%.*s",
			 (int)sizeof(outcome->text) - 1, from->outcomes[i].text);
		outcome->count = 1;
		board->outcome_count++;
	}
	if (from->outcome_count > PERTURB_OUTCOMES_MAX)
		board->outcomes_lost = from->outcome_count - PERTURB_OUTCOMES_MAX;
}

static void add_note(struct board *board, const char *text)
{
	struct board_note *note = &board->notes[board->status.note_count++];

	snprintf(note->text, sizeof(note->text), "%s", text);
	note->count = 1;
}

/* Threads that nobody named are known by the function that they started with: the log says which.
 */
static void log_starts(struct perturb_run *run)
{
	static struct event events[PERTURB_THREADS_MAX];
	const struct perturb_board *from = run->perturb.board;
	size_t count = 0;

	for (uint32_t i = 0; i < least(from->thread_count, PERTURB_THREADS_MAX); i++)
		if (from->threads[i].state != PERTURB_UNUSED && from->threads[i].routine)
			events[count++] = (struct event){ .thread = (uint16_t)i,
							  .kind = OP_THREAD_START,
							  .site = from->threads[i].routine };
	run->slot.board->status.events = slot_append(&run->slot, events, count * sizeof(events[0]));
}

void perturb_run_judge(struct perturb_run *run, const struct plan *plan,
		       struct perturb_learned *learned)
{
	const uint64_t elapsed_ns = clock_now_ns() - run->perturb.configured_ns;
	const struct perturb_board *from = run->perturb.board;
	struct board *board = run->slot.board;
	int status = 0;

	process_reap(&run->process, &status);
	if (learned && !run->hung)
		perturb_learn(learned, &run->perturb, elapsed_ns);
	copy_modules(from, board);
	copy_outcomes(from, board);
	log_starts(run);
	board->status.committed = 1;
	board->status.reset = RESET_EXEC;
	board->status.threads_max = least(from->thread_count, PERTURB_THREADS_MAX);
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		board->status.scheduled_points += from->threads[i].points;
	board->status.controlled =
		board->status.scheduled_points > 0 && board->status.threads_max > 0;
	if (from->thread_count > PERTURB_THREADS_MAX)
		add_note(board, "threads beyond the 256th of a run: they were held up, but what "
				"they wait for is not known");
	if (from->checks_skipped)
		add_note(board, "invariants without a guard, beside another detector or beyond the "
				"32nd: checked at the end of a run only");
	add_ending(run, plan, status, add_reported(run));
}
