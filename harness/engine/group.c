/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which schedule is next, and when results are published.
 *
 * Schedules come in batches (record/board.h); a group is one or more batches of which none is
 * committed yet. A group runs with only those pages restored that were ever seen dirty; at its end
 * one scan tells whether some other page was written. If so its results are thrown away and it runs
 * again, scanning after each schedule ("careful"). Scanning costs as much as several schedules,
 * which is why a group of quick batches has up to GROUP_MAX of them; slow ones are published one by
 * one, since what is not committed is lost if the target dies, and nobody sees it yet.
 */
#include <time.h>

#include "base/sys.h"
#include "engine/access/points.h"
#include "engine/access/steering.h"
#include "engine/campaign.h"
#include "engine/reset/snapshot.h"

static bool stop_wanted(void)
{
	const struct board_config *config = &engine.board->config;

	if (BOARD_LOAD(engine.board->stop))
		return true;
	if (!config->until_first)
		return false;
	for (uint32_t i = 0; i < engine.board->status.finding_count; i++)
		if (engine.board->findings[i].finding.severity + 1U >= config->until_first)
			return true;
	return false;
}

#define GROUP_MAX 64
#define GROUP_NS  20000000UL
_Static_assert(GROUP_MAX *BOARD_BATCH <= BATCH_RESULTS_MAX,
	       "a group's results are held back together");

static uint64_t real_now(void)
{
	struct timespec t;

	sys_call2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void begin_group(void)
{
	campaign.group_first = campaign.batch;
	campaign.group_count = 0;
	campaign.group_start_ns = real_now();
	batch_begin(campaign.batch);
}

static void enter_batch(void)
{
	const struct board_config *config = &engine.board->config;

	campaign.number = campaign.batch * BOARD_BATCH;
	campaign.batch_end = campaign.number + BOARD_BATCH;
	if (campaign.batch_end > config->schedules)
		campaign.batch_end = config->schedules;
	campaign.counted = campaign.batch % config->workers == config->worker;
}

static uint64_t batch_after(uint64_t batch)
{
	const struct board_config *config = &engine.board->config;

	batch = batch == 0 && config->worker ? config->worker : batch + config->workers;
	return batch < config->first_batch ? config->first_batch : batch;
}

void group_next(bool first)
{
	const struct board_config *config = &engine.board->config;

	if (!first) {
		if (stop_wanted())
			campaign_leave(BOARD_LOAD(engine.board->stop) ? STATE_STOPPED : STATE_DONE,
				       NULL);
		campaign.batch = batch_after(campaign.batch);
	}
	if (campaign.batch * BOARD_BATCH >= config->schedules)
		campaign_leave(STATE_DONE, NULL);
	enter_batch();
	campaign.careful = campaign.batch_max == 1 || campaign.batch == 0 || first;
	if (campaign.careful_left) {
		campaign.careful = true;
		campaign.careful_left--;
	}
	begin_group();
}

void group_redo(void)
{
	engine.board->status.batches_redone += campaign.group_count + 1;
	batch_discard();
	campaign.batch = campaign.group_first;
	enter_batch();
	begin_group();
	campaign.careful = true;
	campaign.careful_left = 4;
	campaign.verifying = false;
	if (campaign.batch == 0 || steering)
		points_forget();
}

static void learn(void)
{
	/* What the learning batch taught holds for the rest of the campaign, in every worker. */
	engine.learned_steps = engine.batch_steps_max;
	engine.learned_threads = engine.batch_threads_max;
	engine.board->status.learned_steps_max = engine.learned_steps;
	engine.board->status.learned_threads_max = engine.learned_threads;
}

/* May the batch that just ended wait for the next one before it is scanned and committed? */
static bool group_goes_on(void)
{
	const struct board_config *config = &engine.board->config;

	return !campaign.careful && !campaign.forks && campaign.group_count + 1 < GROUP_MAX &&
	       !config->until_first &&
	       batch_after(campaign.batch) * BOARD_BATCH < config->schedules &&
	       !BOARD_LOAD(engine.board->stop) && real_now() - campaign.group_start_ns < GROUP_NS;
}

static bool group_is_clean(void)
{
	return campaign.forks || campaign.careful || campaign_scan() == 0;
}

static void commit(void)
{
	campaign_check_board();
	if (!campaign.forks) {
		const struct snapshot_counters *counters = snapshot_counters();

		engine.board->status.pages_saved = counters->pages_saved;
		engine.board->status.pages_dirty = counters->pages_dirty;
	}
	if (campaign.counted)
		batch_commit();
	else
		batch_discard();
}

void group_finish_batch(void)
{
	if (group_goes_on()) {
		campaign.group_count++;
		campaign.batch = batch_after(campaign.batch);
		enter_batch();
		return;
	}
	if (!group_is_clean()) {
		snapshot_restore();
		group_redo();
		return;
	}
	if (campaign.batch == 0 && engine.learned_steps == 0)
		learn();
	commit();
	group_next(false);
}

void group_stop_if_asked(void)
{
	if (!BOARD_LOAD(engine.board->stop))
		return;
	/* A slow program would take long to end its batch. */
	if (!campaign.verifying && group_is_clean())
		commit();
	campaign_leave(STATE_STOPPED, NULL);
}

const struct board_death *campaign_death(uint64_t number)
{
	const struct board_config *config = &engine.board->config;

	for (uint32_t i = 0; i < config->death_count; i++)
		if (config->deaths[i].schedule == number)
			return &config->deaths[i];
	return NULL;
}

void campaign_add_death(const struct board_death *death)
{
	struct schedule_result *r = engine.result;
	struct finding f = { .kind = FINDING_CRASH,
			     .cause = CAUSE_KILLED,
			     .severity = SEVERITY_ERROR };
	const struct board_death_detail *detail = NULL;

	for (uint32_t i = 0; i < engine.board->death_detail_count; i++)
		if (engine.board->death_details[i].schedule == death->schedule)
			detail = &engine.board->death_details[i];
	f.thread = THREAD_NONE;
	f.signal = death->signal;
	f.status = death->status;
	if (death->hang) {
		f.kind = FINDING_HANG;
		f.cause = CAUSE_NO_SCHEDULING_POINT;
		f.signal = 0;
	}
	r->number = death->schedule;
	r->seed = campaign_seed(death->schedule);
	r->event_hash = detail ? detail->event_hash : 0;
	r->steps = detail ? detail->steps : 0;
	r->threads = 0;
	r->switches = 0;
	r->controlled = 0;
	r->outcome[0] = '\0';
	r->finding_count = 0;
	r->inexact = 0;
	r->preemptions = 0;
	r->points_known = engine.board->point_count;
	r->point_count = 0;
	r->again_count = 0;
	r->met = detail && detail->met;
	r->steer_orders = 0;
	*engine.choice_count = 0;
	*engine.value_count = 0;
	if (detail) {
		const struct board *b = engine.board;

		__builtin_memcpy(engine.choices, b->blob + detail->choices.offset,
				 detail->choices.size);
		__builtin_memcpy(engine.values, b->blob + detail->values.offset,
				 detail->values.size);
		*engine.choice_count = (uint32_t)(detail->choices.size / sizeof(uint16_t));
		*engine.value_count = (uint32_t)(detail->values.size / sizeof(uint32_t));
		r->controlled = *engine.choice_count;
	}
	report_add(detail && detail->known ? &detail->finding : &f);
	batch_add(r);
}
