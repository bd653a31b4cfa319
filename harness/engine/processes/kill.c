/* SPDX-License-Identifier: Apache-2.0 */
/* See kill.h. */
#include "engine/processes/kill.h"

#include <signal.h>

#include "engine/access/access.h"
#include "engine/log.h"
#include "engine/nasty.h"
#include "engine/processes/keys.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"

/* While nothing is learned. */
#define STEPS_UNKNOWN 256
/* A condemned process lives on for at most twice as many writes. */
#define WRITES_BITS 6

struct kill_plan kill_plan SHARED_STATE;

static uint32_t draw(uint32_t bound)
{
	return world_choose(&engine_world, CHOICE_KILL, bound < 2 ? 2 : bound);
}

/* What a schedule of the learning batch drew from is not known when it is replayed; what it drew
 * is. */
static uint32_t longest(void)
{
	if (engine.replaying)
		return UINT32_MAX;
	return engine.learned_steps ? engine.learned_steps : STEPS_UNKNOWN;
}

static void arm(void)
{
	const uint32_t steps = longest();
	const uint32_t near = steps < KILL_NEAR ? steps : KILL_NEAR;

	kill_plan.left = draw(draw(2) ? near : steps);
	kill_plan.armed = true;
}

void kill_begin(void)
{
	kill_plan = (struct kill_plan){ .armed = false };
	access_state.kill_writes = 0;
}

void kill_forked(void)
{
	if ((engine.board->config.spurious & NASTY_KILLS) && !kill_plan.armed &&
	    kill_plan.kills == 0)
		arm();
}

/* Nobody would be left to show anything when the last one dies. */
static bool may_be_killed(void)
{
	if (world_process != 0)
		return true;
	return (engine.board->config.spurious & NASTY_KILL_FIRST) &&
	       processes.list[0].state == PROCESS_LIVES && processes_others_alive();
}

/* As many as most critical sections have: few are likelier than many. */
static uint32_t draw_writes(void)
{
	const uint32_t bits = draw(WRITES_BITS + 1);

	return bits ? 1 + draw(1U << bits) : 0;
}

bool kill_falls_due(const struct thread *t)
{
	if (engine.phase != PHASE_SCHEDULE || !may_be_killed() || t->status == THREAD_FINISHED)
		return false;
	/* It made no more writes before this operation. */
	if (kill_plan.condemned && kill_plan.condemned == world_process)
		return true;
	if (kill_plan.condemned || kill_plan.left-- > 0)
		return false;
	kill_plan.left = 0;
	if (access_state.on && world_process != 0)
		access_state.kill_writes = draw_writes();
	if (access_state.kill_writes) {
		kill_plan.condemned = world_process;
		access_state.budget = 0;
	}
	return access_state.kill_writes == 0;
}

/* The death is an operation of its own in the log, where the thread stands. */
static void log_death(struct thread *t, void *site)
{
	t->op = (struct op){ .kind = OP_KILLED, .site = site, .deadline_ns = OP_NO_DEADLINE };
	t->result = 0;
	engine_world.event_aux = 0;
	log_step(&engine_world, t);
	if (engine.replaying)
		dump_step(t, engine_world.step - 1);
	kill_plan.armed = false;
	kill_plan.condemned = 0;
	kill_plan.kills++;
	engine.result->kills++;
	if ((engine.board->config.spurious & NASTY_KILL_AGAIN) && kill_plan.kills < KILLS_MAX)
		arm();
}

void kill_now(struct thread *t)
{
	log_death(t, t->op.site);
	process_killed();
}

void kill_write(uintptr_t address, uintptr_t pc)
{
	uint64_t key;

	if (engine_is_aside || !engine_shared_key((const void *)address, &key) ||
	    --access_state.kill_writes > 0)
		return;
	log_death(engine_current, (void *)pc);
	process_killed();
}
