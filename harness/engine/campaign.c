/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The campaign: which schedule next, and how the program gets back to where it began.
 *
 * A state machine that is entered at the end of each schedule, on the engine's stack, and leaves by
 * returning main's fiber for the next one. With the snapshot reset the same process goes round and
 * round; with the fork reset this process is the template and each schedule runs in a child; with
 * the exec reset a process runs one schedule.
 */
#include "base/fmt.h"
#include "base/insist.h"
#include "base/rng.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/access/points.h"
#include "engine/calls/system.h"
#include "engine/campaign.h"
#include "engine/output.h"
#include "engine/pool.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/reset/difference.h"
#include "engine/reset/regions.h"
#include "engine/reset/snapshot.h"
#include "engine/reset/undo.h"

struct campaign campaign;

void campaign_leave(enum board_state state, const char *refusal)
{
	struct board_status *s = &engine.board->status;

	undo_reset();
	if (refusal)
		fmt(s->refusal, sizeof(s->refusal), "%s", refusal);
	BOARD_STORE(s->schedule, BOARD_NO_SCHEDULE);
	BOARD_STORE(s->state, (uint32_t)state);
	sys_call1(SYS_exit_group, state == STATE_REFUSED ? BOARD_EXIT_REFUSED
				  : state == STATE_DIED  ? BOARD_EXIT_DIED
							 : 0);
	__builtin_unreachable();
}

void campaign_fallback(const char *why)
{
	campaign_leave(STATE_FALLBACK, why);
}

uint64_t campaign_seed(uint64_t number)
{
	return rng_derive(engine.board->config.seed, number);
}

static bool wants_verifying(uint64_t number)
{
	const uint32_t every = engine.board->config.verify_every;

	return every && (number < 3 || number % every == every - 1);
}

long campaign_scan(void)
{
	const long fresh = snapshot_scan();

	if (fresh < 0)
		campaign_fallback("the kernel could not tell which pages were written");
	return fresh;
}

/* Begins schedule campaign.number, stepping over those that are known to kill; may go on to later
 * batches.
 */
static struct fiber *campaign_begin(void)
{
	for (;;) {
		const struct board_death *death;

		group_stop_if_asked();
		if (campaign.number >= campaign.batch_end) {
			group_finish_batch();
			continue;
		}
		death = campaign_death(campaign.number);
		if (!death)
			break;
		campaign_add_death(death);
		campaign.number++;
	}
	schedule_begin(campaign.number, campaign_seed(campaign.number));
	return &engine_fibers[0];
}

/* The command's words as they came; the program's share of memory reaches them, too. */
static struct board_config given;

void campaign_check_board(void)
{
	if (__builtin_memcmp(&given, &engine.board->config, sizeof(given)) != 0)
		campaign_fallback("the program writes over memory that is not its own");
}

/* Alone in its process a program cannot begin anew with more threads, either. */
static const char *why_irreversible(void)
{
	if (engine.result->need_slots && engine.board->config.exec_schedule != BOARD_NO_SCHEDULE)
		return "the program changed its user, limits, root or filter and then made more "
		       "threads than a process begins with: the schedule cannot begin anew in it";
	return "the program changed something that a process cannot take back (user, limits, "
	       "root or filter)";
}

/* Takes back everything that the schedule did to the process. */
static void reset(void)
{
	int error = 0;

	output_reset(engine.result->number, campaign.counted && campaign.first_run);
	if (system_dirty.irreversible && !campaign.forks &&
	    engine.board->config.mode == MODE_CAMPAIGN)
		campaign_fallback(why_irreversible());
	if (system_dirty.mappings)
		error = regions_undo_mappings();
	if (error)
		campaign_fallback("a mapping that the program gave back cannot be restored");
	pool_reset_guards();
	system_reset();
	snapshot_restore();
}

void campaign_grow_pool(uint32_t wanted)
{
	uint32_t count = pool_size() * 2;
	const bool armed = sud_armed();

	if (count < wanted)
		count = wanted;
	sud_disarm();
	fiber_set_fs(engine_fibers[0].fs);
	if (!campaign.forks)
		snapshot_forget();
	if (pool_grow(count) != 0 && pool_size() < wanted)
		campaign_leave(STATE_REFUSED, "not enough memory or threads for the program's "
					      "threads; see --threads-limit and ulimit -u");
	if (!campaign.forks) {
		const int error = regions_take();

		if (error)
			campaign_fallback("the program's memory could not be saved");
	}
	if (armed)
		sud_arm();
}

/* Compares the second run of a schedule with the first. False: the group has to start over before
 * anything can be said. */
static bool verify(void)
{
	const uint64_t second = engine.result->event_hash;

	campaign.verifying = false;
	if (second == campaign.kept.event_hash) {
		engine.board->status.verified++;
		return true;
	}
	/* A page that is not restored yet explains it. */
	if (!campaign.forks && !campaign.careful && campaign_scan() > 0)
		return false;
	engine.board->status.mismatched++;
	difference_find(engine.log, &engine.board->status.difference);
	campaign_fallback("a schedule ran differently the second time: the reset does not undo "
			  "everything, or the program has an "
			  "input that is not controlled");
}

bool campaign_settle(void)
{
	/* Memory was as at the start when this schedule began; only the next one needs what is
	 * found now. */
	if (campaign.careful && !campaign.forks)
		campaign_scan();
	campaign.first_run = !campaign.verifying;
	if (campaign.verifying) {
		points_settle(campaign.number++);
		return verify();
	}
	batch_add(engine.result);
	if (wants_verifying(campaign.number) && engine.result->inexact == 0) {
		campaign.kept = *engine.result;
		difference_keep(engine.log);
		campaign.verifying = true;
	} else {
		points_settle(campaign.number++);
	}
	return true;
}

/* A breakpoint: below a debugger the program stands here, with every fiber as it was at the end. */
static void pause_for_debugger(void)
{
#if defined(__x86_64__)
	__asm__ volatile("int3");
#elif defined(__aarch64__)
	__asm__ volatile("brk #0");
#endif
}

static _Noreturn void finish_replay(void)
{
	struct board_status *s = &engine.board->status;
	const struct schedule_result *r = engine.result;

	s->replay_hash = r->event_hash;
	s->replay_diverged = sched_replay_diverged(engine.strategy_state);
	s->exited = r->exited;
	s->exit_status = r->exit_status;
	dump_all();
	processes_end();
	batch_begin(r->number / BOARD_BATCH);
	batch_add(r);
	batch_commit();
	if (engine.board->config.pause_at_end)
		pause_for_debugger();
	campaign_leave(STATE_DONE, NULL);
}

static _Noreturn void finish_single(void)
{
	batch_begin(campaign.number / BOARD_BATCH);
	batch_add(engine.result);
	batch_commit();
	points_tell();
	output_reset(campaign.number, true);
	campaign_leave(STATE_DONE, NULL);
}

struct fiber *campaign_next(void)
{
	if (engine.board->config.mode != MODE_REPLAY || engine.result->need_slots)
		processes_end();
	if (campaign.child) {
		system_reset(); /* its own children, and what lives on in the system */
		sys_call1(SYS_exit_group, 0);
		__builtin_unreachable();
	}
	engine.phase = PHASE_SETTLING;
	if (!campaign.forks && snapshot_wants_limit())
		regions_heap_used();
	if (engine.result->need_slots) {
		const uint32_t wanted = engine.result->need_slots;

		/* What was dirtied must be known before the snapshot is dropped. */
		if (campaign_scan() > 0 && !campaign.careful &&
		    engine.board->config.mode == MODE_CAMPAIGN)
			group_redo();
		reset();
		campaign_grow_pool(wanted);
		if (engine.board->config.mode == MODE_REPLAY ||
		    engine.board->config.exec_schedule != BOARD_NO_SCHEDULE) {
			schedule_begin(engine.result->number, engine.result->seed);
			return &engine_fibers[0];
		}
		return campaign_begin();
	}
	if (engine.board->config.mode == MODE_REPLAY)
		finish_replay();
	if (engine.board->config.exec_schedule != BOARD_NO_SCHEDULE)
		finish_single();
	if (campaign_settle()) {
		reset();
	} else {
		reset();
		group_redo();
	}
	return campaign_begin();
}

void campaign_run(void)
{
	const struct board_config *config = &engine.board->config;
	struct board_status *s = &engine.board->status;
	int error;

	engine.learned_steps =
		s->learned_steps_max ? s->learned_steps_max : config->learned_steps_max;
	engine.learned_threads =
		s->learned_threads_max ? s->learned_threads_max : config->learned_threads_max;
	campaign.forks = config->reset == RESET_FORK && config->mode == MODE_CAMPAIGN &&
			 config->exec_schedule == BOARD_NO_SCHEDULE;
	/* A snapshot campaign begins anew with the fork reset when the program forks. */
	if ((campaign.forks || config->mode == MODE_REPLAY ||
	     config->exec_schedule != BOARD_NO_SCHEDULE) &&
	    (shared_share() != 0 || access_share() != 0))
		campaign_leave(STATE_REFUSED, "not enough memory to share between processes");
	BOARD_STORE(s->reset,
		    config->reset == RESET_AUTO ? (uint32_t)RESET_SNAPSHOT : config->reset);
	given = *config;
	BOARD_STORE(s->state, STATE_RUNNING);
	/* Constructors are over: what killed an earlier target may be recorded before the first
	 * schedule. */
	engine.phase = PHASE_SETTLING;
	campaign.batch_max = BOARD_BATCH;
	if (!campaign.forks) {
		/* A replay and a single schedule need it, too: they start over when the pool turns
		 * out too small. */
		error = regions_take();
		if (error)
			campaign_fallback("the program's memory could not be saved");
		campaign.batch_max = snapshot_batch_max();
		fmt(s->snapshot_method, sizeof(s->snapshot_method), "%s", snapshot_method_name());
	}
	if (config->mode == MODE_CAMPAIGN && config->exec_schedule != BOARD_NO_SCHEDULE &&
	    campaign_death(config->exec_schedule)) {
		batch_begin(config->exec_schedule / BOARD_BATCH);
		campaign_add_death(campaign_death(config->exec_schedule));
		batch_commit();
		campaign_leave(STATE_DONE, NULL);
	}
	if (config->mode == MODE_REPLAY || config->exec_schedule != BOARD_NO_SCHEDULE) {
		campaign.number = config->mode == MODE_REPLAY ? config->replay_schedule
							      : config->exec_schedule;
		schedule_begin(campaign.number, config->mode == MODE_REPLAY
							? config->replay_seed
							: campaign_seed(campaign.number));
		fiber_enter(&engine_fibers[0]);
	}
	campaign.batch = engine.learned_steps ? config->first_batch : 0;
	if (campaign.batch % config->workers != config->worker && campaign.batch != 0)
		campaign.batch +=
			(config->worker + config->workers - campaign.batch % config->workers) %
			config->workers;
	group_next(true);
	if (campaign.forks)
		fork_campaign();
	fiber_enter(campaign_begin());
}
