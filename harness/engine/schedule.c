/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One schedule: from a world with nothing but main in it to a complete result.
 *
 * Threads that library constructors started before main are part of where each schedule begins:
 * what the world and their fibers were at takeover is kept, and copied back. Their memory is in the
 * snapshot like all else.
 */
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "base/insist.h"
#include "base/rng.h"
#include "base/sys.h"
#include "engine/alone.h"
#include "engine/access/access.h"
#include "engine/access/steering.h"
#include "engine/calls/queue_notify.h"
#include "engine/calls/system.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/peers.h"
#include "engine/descriptors/ports.h"
#include "engine/detectors.h"
#include "engine/early.h"
#include "engine/inline/inline_atomics.h"
#include "engine/lifetime.h"
#include "engine/linger.h"
#include "engine/output.h"
#include "engine/pool.h"
#include "engine/processes/kill.h"
#include "engine/processes/processes.h"
#include "engine/reset/workdir.h"
#include "engine/state.h"

#define EARLY_MAX 64

/* The world at takeover when constructors left threads behind; early_count 0: main alone, nothing
 * to copy. */
static struct world early_world;
static struct fiber early_fibers[EARLY_MAX];
static uint32_t early_count;

void schedule_init(void)
{
	if (engine_world.thread_count <= 1 && engine_fibers[0].thread.hold_count == 0)
		return;
	early_count = engine_world.thread_count;
	insist(early_count <= EARLY_MAX);
	early_world = engine_world;
	memcpy(early_fibers, engine_fibers, early_count * sizeof(early_fibers[0]));
}

static void begin_world(void)
{
	struct fiber *main_fiber = &engine_fibers[0];

	if (early_count) {
		/* Lists are circular through these very addresses, so bytes are enough. */
		engine_world = early_world;
		memcpy(engine_fibers, early_fibers, early_count * sizeof(early_fibers[0]));
		thread_slots_used(early_count);
		thread_place_main();
	} else {
		world_restart(&engine_world);
		thread_prepare_main();
		world_add(&engine_world, &main_fiber->thread);
	}
	engine_world.step = 0;
	engine_world.spurious_wakeups = (engine.board->config.spurious & 1) != 0;
	engine_current = &main_fiber->thread;
}

/* Who answers in this schedule. */
static void begin_choosing(void)
{
	engine.chooser = engine.strategy;
	engine.chooser_state = engine.strategy_state;
	if (engine.chooser->delegate)
		engine.chooser =
			engine.chooser->delegate(engine.strategy_state, &engine.chooser_state);
	engine.walk =
		engine.chooser->uniform ? engine.chooser->uniform(engine.chooser_state) : NULL;
	/* The short way of an unlock knows of no point behind it. */
	engine.short_walk = engine.lingers ? NULL : engine.walk;
	step_watch_next();
}

void schedule_begin(uint64_t number, uint64_t seed)
{
	struct schedule_result *r = engine.result;
	const struct sched_begin begin = {
		.seed = seed,
		.schedule = number,
		.learned = { .steps_max = engine.learned_steps,
			     .threads_max = engine.learned_threads },
	};

	r->number = number;
	r->seed = seed;
	r->finding_count = 0;
	r->ended = 0;
	r->need_slots = 0;
	r->inexact = 0;
	r->preemptions = 0;
	r->exited = 0;
	r->exit_status = 0;
	r->controlled = 0;
	r->forked = 0;
	r->kills = 0;
	r->outcome[0] = '\0';
	r->points_known = 0;
	r->again_count = 0;
	r->point_count = 0;
	r->met = 0;
	r->steer_orders = 0;
	BOARD_STORE(engine.board->status.schedule, number);
	engine.request = REQUEST_NONE;
	engine.hash = HASH_START;
	engine.switches = engine.switches_told = 0;
	engine.step_bound = engine.board->config.step_bound ? engine.board->config.step_bound
							    : DEFAULT_STEP_BOUND;
	early_begin();
	alone_begin();
	engine.clock_step = UINT32_MAX;
	*engine.choice_count = 0;
	*engine.value_count = 0;
	event_log_reset(engine.log);
	processes_begin();
	begin_world();
	kill_begin();
	peers_begin();
	datagrams_begin();
	ports_begin();
	queue_begin();
	checks_reset();
	lifetime_reset();
	detectors_begin();
	if (engine.board->config.workdir[0] && workdir_refresh() != 0)
		campaign_leave(STATE_REFUSED, "the working folder could not be copied; is there "
					      "room, and may it be read?");
	engine.strategy->begin(engine.strategy_state, &begin);
	linger_begin(seed);
	inline_atomics_begin(seed);
	begin_choosing();
	preempt_begin();
	engine.phase = PHASE_SCHEDULE;
	access_begin();
}

static void report_exit(int status)
{
	struct finding f = { .kind = FINDING_EXIT,
			     .cause = CAUSE_EXIT_STATUS,
			     .severity = SEVERITY_ERROR };

	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.status = status;
	f.sites[0] = report_site(engine_current, SITE_AT);
	f.sites[0].pc = 0; /* exit handlers run last: their place says nothing */
	f.site_count = 1;
	report_add(&f);
}

/* A race does not end a schedule: what else is wrong at its end is asked as if there were none. */
static bool failed(const struct schedule_result *r)
{
	for (uint32_t i = 0; i < r->finding_count; i++)
		if (r->findings[i].kind != FINDING_RACE)
			return true;
	return false;
}

void schedule_finish(void)
{
	struct schedule_result *r = engine.result;

	if (engine.request == REQUEST_EXIT) {
		if (r->exit_status != engine.board->config.expect_exit)
			report_exit(r->exit_status);
		else if (!failed(r))
			checks_run(NULL, true);
		detectors_exit();
	}
	steering_finish(r);
	if (engine.strategy->end)
		engine.strategy->end(engine.strategy_state, engine_world.step);
	r->event_hash = hash_fold(engine.hash, (uint64_t)(uint32_t)r->exit_status << 8 |
						       (uint64_t)engine.request);
	r->steps = engine_world.step;
	r->threads = engine_world.thread_count;
	r->switches = engine.switches;
	r->controlled =
		engine_world.thread_count - 1 + (engine_world.step > 1 ? engine_world.step - 1 : 0);
	r->inexact |= system_dirty.uncontrolled;
	r->preemptions = preempt_count;
	r->ended = 1;
}

void schedule_end(void)
{
	if (world_process != 0)
		baton_end();
	access_state.on = 0;
	engine.walk = engine.short_walk = NULL;
	if (engine.request != REQUEST_GROW)
		schedule_finish();
	/* Entered, not switched to: main may be the fiber that just ran, with rounding modes that
	 * are not those it starts with. */
	fiber_enter(campaign_next());
}

void engine_end_schedule(const struct finding *finding, int status)
{
	insist(engine.phase == PHASE_SCHEDULE);
	/* Whoever is left still runs, with what was freed and destroyed on the way here. */
	if (!finding && !processes_several() && engine_world.alive_count > 1)
		linger_at_end();
	if (!finding && processes_several() && (world_process != 0 || processes_others_alive()))
		process_exit(status);
	if (finding && finding->kind == FINDING_ASSERT && world_process != 0) {
		report_add(finding);
		process_die(SIGABRT);
	}
	if (finding) {
		report_add(finding);
		engine.request = REQUEST_END;
	} else {
		engine.result->exited = 1;
		engine.result->exit_status = status;
		engine.request = REQUEST_EXIT;
	}
	fiber_step();
	insist(!"a schedule that ended goes on");
	__builtin_unreachable();
}

void engine_need_slots(uint32_t count)
{
	engine.result->need_slots = count;
	if (engine.board->status.slots < 2 * count)
		BOARD_STORE(engine.board->status.slots, 2 * count);
	engine.request = REQUEST_GROW;
	fiber_step();
	insist(!"a schedule that ended goes on");
	__builtin_unreachable();
}
