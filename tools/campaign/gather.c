/* SPDX-License-Identifier: Apache-2.0 */
/* Sums, maxima, unions, and for each finding the least schedule: all of them commute, which is the
 * point. */
#include "campaign/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUTPUT_MAX (64U << 10)

static void *copy_bytes(const void *bytes, size_t size)
{
	void *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

/* Room for one more: twice as much as before whenever it is full, which is at powers of two. */
static void *grow(void *array, size_t count, size_t element_size)
{
	void *bigger;

	if (count & (count - 1))
		return array;
	bigger = reallocarray(array, count ? 2 * count : 1, element_size);
	if (!bigger)
		abort();
	return bigger;
}

void decisions_copy(struct decisions *decisions, const struct board *board,
		    const struct board_finding *record)
{
	const struct board_piece choices = record->choices, values = record->values;
	const void *bytes = board_bytes(board, choices);

	*decisions = (struct decisions){ 0 };
	if (bytes) {
		decisions->choice_count = choices.size / sizeof(uint16_t);
		decisions->choices = copy_bytes(bytes, decisions->choice_count * sizeof(uint16_t));
	}
	bytes = board_bytes(board, values);
	if (bytes) {
		decisions->value_count = values.size / sizeof(uint32_t);
		decisions->values = copy_bytes(bytes, decisions->value_count * sizeof(uint32_t));
	}
	decisions->point_count =
		record->point_count < BOARD_POINTS_MAX ? record->point_count : BOARD_POINTS_MAX;
	decisions->points =
		copy_bytes(board->points, decisions->point_count * sizeof(board->points[0]));
}

void decisions_fini(struct decisions *decisions)
{
	free(decisions->choices);
	free(decisions->values);
	free(decisions->points);
	*decisions = (struct decisions){ 0 };
}

static void found_fini(struct found *found)
{
	decisions_fini(&found->decisions);
	free(found->output);
}

static void found_fill(struct found *found, const struct board *board,
		       const struct board_finding *record)
{
	const void *output = board_bytes(board, record->output);

	*found = (struct found){
		.finding = record->finding,
		.first_schedule = record->first_schedule,
		.seed = record->seed,
		.count = record->count,
		.event_hash = record->event_hash,
		.steps = record->steps,
	};
	if (found->finding.site_count > FINDING_SITES_MAX)
		found->finding.site_count = FINDING_SITES_MAX;
	found->finding.text[FINDING_TEXT_MAX - 1] = '\0';
	snprintf(found->strategy, sizeof(found->strategy), "%.*s",
		 (int)sizeof(record->strategy) - 1, record->strategy);
	decisions_copy(&found->decisions, board, record);
	if (output) {
		found->output_size =
			record->output.size < OUTPUT_MAX ? record->output.size : OUTPUT_MAX;
		found->output = copy_bytes(output, found->output_size);
	}
}

static void add_finding(struct gather *gather, const struct board *board,
			const struct board_finding *record)
{
	struct found *found = gather->founds, *end = found + gather->found_count;
	uint64_t count = record->count;

	while (found < end && found->finding.key != record->finding.key)
		found++;
	if (found < end) {
		count += found->count;
		if (found->first_schedule <= record->first_schedule) {
			found->count = count;
			return;
		}
		found_fini(found);
	} else {
		gather->founds = grow(gather->founds, gather->found_count, sizeof(*gather->founds));
		found = &gather->founds[gather->found_count++];
	}
	found_fill(found, board, record);
	found->count = count;
}

void gather_note(struct gather *gather, const char *text, uint64_t count)
{
	struct board_note *note = gather->notes, *end = note + gather->note_count;

	while (note < end && strcmp(note->text, text) != 0)
		note++;
	if (note == end) {
		gather->notes = grow(gather->notes, gather->note_count, sizeof(*gather->notes));
		note = &gather->notes[gather->note_count++];
		*note = (struct board_note){ 0 };
		snprintf(note->text, sizeof(note->text), "%s", text);
	}
	note->count += count;
}

static void add_outcome(struct gather *gather, const struct board_outcome *added)
{
	struct board_outcome *outcome = gather->outcomes, *end = outcome + gather->outcome_count;

	while (outcome < end && strncmp(outcome->text, added->text, sizeof(outcome->text)) != 0)
		outcome++;
	if (outcome == end) {
		gather->outcomes =
			grow(gather->outcomes, gather->outcome_count, sizeof(*gather->outcomes));
		outcome = &gather->outcomes[gather->outcome_count++];
		*outcome = *added;
		outcome->text[sizeof(outcome->text) - 1] = '\0';
		outcome->count = 0;
	}
	outcome->count += added->count;
}

static void add_hash(void *context, uint64_t hash)
{
	hashes_add(context, hash);
}

static uint32_t most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void add_status(struct gather *gather, const struct board_status *status)
{
	gather->schedules += status->committed;
	gather->event_hash += status->event_hash;
	gather->verified += status->verified;
	gather->mismatched += status->mismatched;
	gather->batches_redone += status->batches_redone;
	gather->preemptions += status->preemptions;
	gather->kills += status->kills;
	gather->findings_lost += status->findings_lost;
	gather->steer_met += status->steer_met;
	gather->steer_harmless += status->steer_harmless;
	gather->steer_orders[0] += status->steer_orders[0];
	gather->steer_orders[1] += status->steer_orders[1];
	gather->scheduled_points += status->scheduled_points;
	gather->switches += status->switches;
	if (status->pages_dirty > gather->pages_dirty)
		gather->pages_dirty = status->pages_dirty;
	if (status->distinct && status->last_new > gather->last_new)
		gather->last_new = status->last_new;
	gather->threads_max = most(gather->threads_max, status->threads_max);
	gather->steps_max = most(gather->steps_max, status->steps_max);
	gather->learned_steps_max = most(gather->learned_steps_max, status->learned_steps_max);
	gather->learned_threads_max =
		most(gather->learned_threads_max, status->learned_threads_max);
	gather->controlled |= status->controlled != 0;
	if (status->reset > gather->reset && status->reset <= RESET_EXEC)
		gather->reset = status->reset;
	gather->addresses_fixed |= status->addresses_fixed != 0;
	if (status->snapshot_method[0])
		snprintf(gather->snapshot_method, sizeof(gather->snapshot_method), "%.*s",
			 (int)sizeof(status->snapshot_method), status->snapshot_method);
}

void gather_add(struct gather *gather, const struct slot *slot)
{
	const struct board *board = slot->board;
	uint32_t finding_count = BOARD_LOAD(board->status.finding_count),
		 note_count = BOARD_LOAD(board->status.note_count);

	add_status(gather, &board->status);
	gather->instrumented |= board->instrumented != 0;
	for (uint32_t i = 0; i < board->status.module_count && i < BOARD_MODULES_MAX; i++)
		modules_add(&gather->modules, board->modules[i].path);
	for (uint32_t i = 0; i < finding_count && i < BOARD_FINDINGS_MAX; i++)
		add_finding(gather, board, &board->findings[i]);
	for (uint32_t i = 0; i < note_count && i < BOARD_NOTES_MAX; i++) {
		char text[sizeof(board->notes[i].text)];

		snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, board->notes[i].text);
		gather_note(gather, text, board->notes[i].count);
	}
	for (uint32_t i = 0; i < BOARD_LOAD(board->outcome_count) && i < BOARD_OUTCOMES_MAX; i++)
		add_outcome(gather, &board->outcomes[i]);
	gather->outcomes_lost += board->outcomes_lost;
	slot_for_each_seen(slot, add_hash, &gather->seen);
}

static int compare_founds(const void *a, const void *b)
{
	const struct found *left = a, *right = b;

	/* The worst first, then the earliest. */
	if (left->finding.severity != right->finding.severity)
		return left->finding.severity > right->finding.severity ? -1 : 1;
	if (left->first_schedule != right->first_schedule)
		return left->first_schedule < right->first_schedule ? -1 : 1;
	if (left->finding.step != right->finding.step)
		return left->finding.step < right->finding.step ? -1 : 1;
	return left->finding.key < right->finding.key ? -1 : left->finding.key > right->finding.key;
}

static int compare_notes(const void *a, const void *b)
{
	const struct board_note *left = a, *right = b;

	return strcmp(left->text, right->text);
}

static int compare_outcomes(const void *a, const void *b)
{
	const struct board_outcome *left = a, *right = b;

	return strcmp(left->text, right->text);
}

static void sort_outcomes(struct gather *gather)
{
	if (gather->outcome_count)
		qsort(gather->outcomes, gather->outcome_count, sizeof(*gather->outcomes),
		      compare_outcomes);
}

void gather_add_outcomes(struct gather *gather, const struct gather *from)
{
	for (size_t i = 0; i < from->outcome_count; i++)
		add_outcome(gather, &from->outcomes[i]);
	gather->outcomes_lost += from->outcomes_lost;
	sort_outcomes(gather);
}

/* The record of a death that the command made the next target write has neither decisions nor
 * sites. */
static bool is_bare(const struct gather *gather, const struct found *found)
{
	if (found->decisions.choice_count || found->finding.site_count)
		return false;
	for (size_t i = 0; i < gather->found_count; i++) {
		const struct found *other = &gather->founds[i];

		if (other != found && other->finding.kind == found->finding.kind &&
		    other->first_schedule == found->first_schedule && other->decisions.choice_count)
			return true;
	}
	return false;
}

void gather_finish(struct gather *gather)
{
	for (size_t i = 0; i < gather->found_count;) {
		if (is_bare(gather, &gather->founds[i])) {
			found_fini(&gather->founds[i]);
			gather->founds[i] = gather->founds[--gather->found_count];
		} else {
			i++;
		}
	}
	if (gather->found_count)
		qsort(gather->founds, gather->found_count, sizeof(*gather->founds), compare_founds);
	if (gather->note_count)
		qsort(gather->notes, gather->note_count, sizeof(*gather->notes), compare_notes);
	sort_outcomes(gather);
}

void gather_fini(struct gather *gather)
{
	for (size_t i = 0; i < gather->found_count; i++)
		found_fini(&gather->founds[i]);
	free(gather->founds);
	modules_fini(&gather->modules);
	free(gather->notes);
	free(gather->outcomes);
	hashes_fini(&gather->seen);
	*gather = (struct gather){ 0 };
}
