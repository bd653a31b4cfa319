/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The results of a batch of schedules, held back until it is known that each of them started from a
 * clean state.
 *
 * batch_add() takes what a schedule came to; batch_commit() publishes the batch on the board: the
 * set of distinct event hashes, the sum that is the campaign's event hash, and findings merged by
 * key. batch_discard() forgets all of it.
 */
#include <string.h>

#include "base/fmt.h"
#include "base/hash.h"
#include "engine/access/steering.h"
#include "engine/output.h"
#include "engine/state.h"

struct pending {
	struct board_finding record;
	int32_t known; /* index on the board, -1: new */
};

#define PENDING_MAX 96
#define SEEN_AHEAD  12

static struct {
	uint64_t hashes[BATCH_RESULTS_MAX];
	uint64_t numbers[BATCH_RESULTS_MAX];
	uint32_t count;
	uint32_t steps_max, threads_max;
	uint64_t points, switches, preemptions, kills;
	uint32_t controlled;
	uint64_t steer_met, steer_harmless, steer_orders[2];
	uint64_t blob_mark;
	uint32_t pending_count;
	struct pending pending[PENDING_MAX];
	uint64_t lost;
	uint32_t outcome_count;
	struct board_outcome outcomes[BOARD_OUTCOMES_MAX];
} batch;

void batch_begin(uint64_t number)
{
	batch.count = 0;
	batch.steps_max = 0;
	batch.threads_max = 0;
	batch.points = 0;
	batch.switches = 0;
	batch.preemptions = 0;
	batch.kills = 0;
	batch.controlled = 0;
	batch.pending_count = 0;
	batch.lost = 0;
	batch.outcome_count = 0;
	batch.steer_met = 0;
	batch.steer_harmless = 0;
	batch.steer_orders[0] = 0;
	batch.steer_orders[1] = 0;
	batch.blob_mark = engine.board->status.blob_used;
	BOARD_STORE(engine.board->status.batch, number);
}

void batch_discard(void)
{
	engine.board->status.blob_used = batch.blob_mark;
	batch.pending_count = 0;
	batch.count = 0;
	batch.outcome_count = 0;
}

static const char *made_by(void)
{
	if (engine.strategy->made_by)
		return engine.strategy->made_by(engine.strategy_state);
	return engine.strategy->name;
}

static void record(struct board_finding *b, const struct finding *f,
		   const struct schedule_result *r)
{
	const char *name = made_by();

	b->finding = *f;
	b->first_schedule = r->number;
	b->seed = r->seed;
	b->count = 1;
	b->event_hash = r->event_hash;
	b->steps = r->steps;
	b->point_count = r->points_known;
	b->choices = board_write(engine.choices, *engine.choice_count * sizeof(engine.choices[0]));
	b->values = board_write(engine.values, *engine.value_count * sizeof(engine.values[0]));
	b->output = output_save();
	memset(b->strategy, 0, sizeof(b->strategy));
	for (size_t i = 0; i + 1 < sizeof(b->strategy) && name[i]; i++)
		b->strategy[i] = name[i];
}

int batch_find_on_board(uint64_t key)
{
	for (uint32_t i = 0; i < engine.board->status.finding_count; i++)
		if (engine.board->findings[i].finding.key == key)
			return (int)i;
	return -1;
}

static void add_finding(const struct finding *f, const struct schedule_result *r)
{
	struct pending *p;

	for (uint32_t i = 0; i < batch.pending_count; i++)
		if (batch.pending[i].record.finding.key == f->key) {
			batch.pending[i].record.count++;
			return;
		}
	if (batch.pending_count == PENDING_MAX) {
		batch.lost++;
		return;
	}
	p = &batch.pending[batch.pending_count++];
	p->known = batch_find_on_board(f->key);
	if (p->known >= 0) {
		p->record.finding.key = f->key;
		p->record.count = 1;
	} else {
		record(&p->record, f, r);
	}
}

/* One that was on the board when the schedule ran, and still is. */
static void count_again(uint64_t key)
{
	struct pending *p;

	for (uint32_t i = 0; i < batch.pending_count; i++)
		if (batch.pending[i].record.finding.key == key) {
			batch.pending[i].record.count++;
			return;
		}
	if (batch.pending_count == PENDING_MAX) {
		batch.lost++;
		return;
	}
	p = &batch.pending[batch.pending_count++];
	p->known = batch_find_on_board(key);
	p->record.finding.key = key;
	p->record.count = 1;
}

static void count_outcome(struct board_outcome *table, uint32_t *count, const char *text,
			  uint64_t times)
{
	for (uint32_t i = 0; i < *count; i++)
		if (strcmp(table[i].text, text) == 0) {
			table[i].count += times;
			return;
		}
	if (*count == BOARD_OUTCOMES_MAX) {
		engine.board->outcomes_lost++;
		return;
	}
	fmt(table[*count].text, sizeof(table[0].text), "%s", text);
	table[*count].count = times;
	BOARD_STORE(*count, *count + 1);
}

static bool is_harmless(const struct schedule_result *r)
{
	for (uint32_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].kind != FINDING_RACE && r->findings[i].severity != SEVERITY_NOTE)
			return false;
	return true;
}

/* False: the schedule says nothing of the race that was steered at. */
static bool add_steered(const struct schedule_result *r)
{
	batch.steer_met += r->met;
	batch.steer_harmless += r->met && is_harmless(r);
	batch.steer_orders[0] += r->steer_orders & 1;
	batch.steer_orders[1] += r->steer_orders >> 1 & 1;
	return r->met;
}

void batch_add(const struct schedule_result *r)
{
	if (batch.count < BATCH_RESULTS_MAX) {
		batch.hashes[batch.count] = r->event_hash;
		batch.numbers[batch.count++] = r->number;
	}
	if (r->steps > batch.steps_max)
		batch.steps_max = r->steps;
	if (r->threads > batch.threads_max)
		batch.threads_max = r->threads;
	engine.batch_steps_max = batch.steps_max;
	engine.batch_threads_max = batch.threads_max;
	batch.points += r->steps;
	batch.switches += r->switches;
	batch.preemptions += r->preemptions;
	batch.kills += r->kills;
	if (r->controlled > batch.controlled)
		batch.controlled = r->controlled;
	if (steering && !add_steered(r))
		return;
	if (r->outcome[0])
		count_outcome(batch.outcomes, &batch.outcome_count, r->outcome, 1);
	for (uint32_t i = 0; i < r->again_count; i++)
		count_again(r->again[i]);
	for (uint32_t i = 0; i < r->finding_count; i++) {
		struct finding f = r->findings[i];

		f.inexact = r->inexact != 0;
		add_finding(&f, r);
	}
}

static uint64_t *seen_entry(uint64_t at)
{
	return &engine.board->seen[at & (BOARD_SEEN_SIZE - 1)];
}

/* True when the hash was not there before. A set that is full keeps counting nothing: the command
 * says "at least". */
static bool seen_add(uint64_t hash)
{
	uint64_t at = hash_mix(hash);

	hash += hash == 0;
	for (unsigned probes = 0; probes < 64; probes++, at++) {
		uint64_t *entry = seen_entry(at);

		if (*entry == hash)
			return false;
		if (*entry == 0) {
			*entry = hash;
			return true;
		}
	}
	return false;
}

static void commit_finding(const struct pending *p)
{
	struct board_status *s = &engine.board->status;

	if (p->known >= 0) {
		BOARD_STORE(engine.board->findings[p->known].count,
			    engine.board->findings[p->known].count + p->record.count);
	} else if (s->finding_count < BOARD_FINDINGS_MAX) {
		engine.board->findings[s->finding_count] = p->record;
		BOARD_STORE(s->finding_count, s->finding_count + 1);
	} else {
		s->findings_lost += p->record.count;
	}
}

void batch_commit(void)
{
	struct board_status *s = &engine.board->status;

	for (uint32_t i = 0; i < batch.count; i++) {
		/* The set is larger than the caches, and its entries lie anywhere. */
		if (i + SEEN_AHEAD < batch.count)
			__builtin_prefetch(seen_entry(hash_mix(batch.hashes[i + SEEN_AHEAD])), 1);
		s->event_hash += hash_mix(batch.hashes[i] ^ hash_mix(batch.numbers[i]));
		if (seen_add(batch.hashes[i])) {
			s->distinct++;
			s->last_new = batch.numbers[i];
		}
	}
	for (uint32_t i = 0; i < batch.pending_count; i++)
		commit_finding(&batch.pending[i]);
	for (uint32_t i = 0; i < batch.outcome_count; i++)
		count_outcome(engine.board->outcomes, &engine.board->outcome_count,
			      batch.outcomes[i].text, batch.outcomes[i].count);
	batch.outcome_count = 0;
	s->steer_met += batch.steer_met;
	s->steer_harmless += batch.steer_harmless;
	s->steer_orders[0] += batch.steer_orders[0];
	s->steer_orders[1] += batch.steer_orders[1];
	s->findings_lost += batch.lost;
	s->scheduled_points += batch.points;
	s->switches += batch.switches;
	s->preemptions += batch.preemptions;
	s->kills += batch.kills;
	if (batch.steps_max > s->steps_max)
		s->steps_max = batch.steps_max;
	if (batch.threads_max > s->threads_max)
		s->threads_max = batch.threads_max;
	if (batch.controlled > s->controlled)
		s->controlled = batch.controlled;
	BOARD_STORE(s->steps, s->steps + batch.points);
	BOARD_STORE(s->committed, s->committed + batch.count);
	batch.count = 0;
	batch.pending_count = 0;
}
