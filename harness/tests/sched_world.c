/* SPDX-License-Identifier: Apache-2.0 */
/* The scripted world: publish, ask, perform or block, as the engine does it. */
#include "sched_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define NOBODY THREAD_NONE

static struct thread threads[SIM_THREADS_MAX];
static struct thread *by_id[SIM_THREADS_MAX];
static thread_id ready[SIM_THREADS_MAX];
static uint32_t ready_count;
static const struct sim_line *line[SIM_THREADS_MAX];
static bool inside[SIM_THREADS_MAX];      /* between the lock and the unlock of a SIM_POLL_UNTIL */
static uint64_t wake_at[SIM_THREADS_MAX]; /* 0: no timer */
static thread_id owner[SIM_OBJECTS];
static bool flag[SIM_OBJECTS];
static char objects[SIM_OBJECTS];
static uint64_t now;
static struct sim_run run;

static void ready_add(thread_id id)
{
	threads[id].ready_index = (int32_t)ready_count;
	threads[id].status = THREAD_READY;
	ready[ready_count++] = id;
	wake_at[id] = 0;
}

static void ready_remove(thread_id id)
{
	const thread_id last = ready[--ready_count];

	ready[threads[id].ready_index] = last;
	threads[last].ready_index = threads[id].ready_index;
	threads[id].ready_index = -1;
}

static void publish(thread_id id)
{
	static const uint16_t kinds[] = {
		[SIM_END] = OP_THREAD_EXIT,
		[SIM_LOCK] = OP_MUTEX_LOCK,
		[SIM_UNLOCK] = OP_MUTEX_UNLOCK,
		[SIM_READ] = OP_RWLOCK_RDLOCK,
		[SIM_WRITE] = OP_SEM_POST,
		[SIM_MARK] = OP_SEM_POST,
		[SIM_SET] = OP_SEM_POST,
		[SIM_YIELD_UNTIL] = OP_YIELD,
		[SIM_TRY_UNTIL] = OP_MUTEX_TRYLOCK,
		[SIM_POLL_UNTIL] = OP_MUTEX_LOCK,
		[SIM_CLOCK_UNTIL] = OP_CLOCK_READ,
		[SIM_SLEEP_UNTIL] = OP_SLEEP,
		[SIM_TIMED_UNTIL] = OP_MUTEX_LOCK,
		[SIM_WAIT] = OP_SEM_WAIT,
	};
	const struct sim_line *l = line[id];
	struct op *op = &threads[id].op;

	memset(op, 0, sizeof(*op));
	op->kind = l->kind == SIM_POLL_UNTIL && inside[id] ? OP_MUTEX_UNLOCK : kinds[l->kind];
	if (l->kind != SIM_END && l->kind != SIM_YIELD_UNTIL && l->kind != SIM_SLEEP_UNTIL &&
	    l->kind != SIM_CLOCK_UNTIL)
		op->object = &objects[l->object];
	op->site = &objects[l->kind];
	op->deadline_ns = OP_NO_DEADLINE;
}

/* Everyone blocked for @object may try again. */
static void wake(const void *object)
{
	for (thread_id id = 0; by_id[id]; id++)
		if (threads[id].status == THREAD_BLOCKED && threads[id].op.object == object)
			ready_add(id);
}

static void block(thread_id id, bool timed)
{
	ready_remove(id);
	threads[id].status = THREAD_BLOCKED;
	wake_at[id] = timed ? now + 1 : 0;
}

static bool timer_pending(void)
{
	for (thread_id id = 0; by_id[id]; id++)
		if (wake_at[id])
			return true;
	return false;
}

static void advance(void)
{
	uint64_t earliest = UINT64_MAX;

	for (thread_id id = 0; by_id[id]; id++)
		if (wake_at[id] && wake_at[id] < earliest)
			earliest = wake_at[id];
	now = earliest;
	for (thread_id id = 0; by_id[id]; id++)
		if (wake_at[id] && wake_at[id] <= now) {
			ready_add(id);
			threads[id].op.flags |= OP_TIMED_OUT;
		}
}

static bool take(thread_id id, uint32_t object)
{
	if (owner[object] != NOBODY)
		return false;
	owner[object] = id;
	return true;
}

static void release(uint32_t object)
{
	owner[object] = NOBODY;
	wake(&objects[object]);
}

enum outcome { BLOCKED, DONE, AGAIN };

/* DONE: the line is finished; AGAIN: performed, the same line comes next; BLOCKED: nothing
 * happened. */
static enum outcome perform(thread_id id)
{
	const struct sim_line *l = line[id];
	struct thread *t = &threads[id];

	t->result = 0;
	switch (l->kind) {
	case SIM_END:
		return DONE;
	case SIM_LOCK:
		if (take(id, l->object))
			return DONE;
		block(id, false);
		return BLOCKED;
	case SIM_UNLOCK:
		release(l->object);
		return DONE;
	case SIM_MARK:
		run.value[l->object]++;
		run.seen[id] = run.value[l->argument];
		return DONE;
	case SIM_SET:
		flag[l->object] = true;
		wake(&objects[l->object]);
		return DONE;
	case SIM_YIELD_UNTIL:
		return flag[l->object] ? DONE : AGAIN;
	case SIM_TRY_UNTIL:
		if (take(id, l->object))
			return DONE;
		t->result = 16;
		return AGAIN;
	case SIM_POLL_UNTIL:
		if (inside[id]) {
			inside[id] = false;
			release(l->object);
			return flag[l->argument] ? DONE : AGAIN;
		}
		if (!take(id, l->object)) {
			block(id, false);
			return BLOCKED;
		}
		inside[id] = true;
		return AGAIN;
	case SIM_CLOCK_UNTIL:
		return now >= l->argument ? DONE : AGAIN;
	case SIM_SLEEP_UNTIL:
		if (!(t->op.flags & OP_TIMED_OUT)) {
			block(id, true);
			return BLOCKED;
		}
		return flag[l->object] ? DONE : AGAIN;
	case SIM_TIMED_UNTIL:
		if (take(id, l->object))
			return DONE;
		if (!(t->op.flags & OP_TIMED_OUT)) {
			block(id, true);
			return BLOCKED;
		}
		t->result = 110;
		return AGAIN;
	case SIM_WAIT:
		if (!flag[l->object]) {
			block(id, false);
			return BLOCKED;
		}
		flag[l->object] = false;
		return DONE;
	default:
		return DONE;
	}
}

static void start(const struct sim_program *program)
{
	memset(&run, 0, offsetof(struct sim_run, answers));
	memset(by_id, 0, sizeof(by_id));
	memset(flag, 0, sizeof(flag));
	memset(inside, 0, sizeof(inside));
	ready_count = 0;
	now = 1;
	for (uint32_t i = 0; i < SIM_OBJECTS; i++)
		owner[i] = NOBODY;
	for (uint32_t i = 0; i < program->thread_count; i++) {
		memset(&threads[i], 0, sizeof(threads[i]));
		threads[i].id = (thread_id)i;
		by_id[i] = &threads[i];
		line[i] = program->scripts[i];
		ready_add((thread_id)i);
		publish((thread_id)i);
	}
}

static void answered(thread_id id)
{
	if (run.answer_count == SIM_TRACE_MAX)
		abort();
	run.answers[run.answer_count++] = id;
}

/* Who is next; SCHED_CLOCK: time moved. */
static thread_id ask(const struct sched_strategy *strategy, void *state, uint32_t thread_count,
		     thread_id current, bool replaying)
{
	const bool timers = timer_pending();
	const struct sched_view view = {
		.threads = by_id,
		.ready = ready,
		.ready_count = ready_count,
		.step = run.steps,
		.current = current,
		.timer_pending = timers,
		.thread_count = thread_count,
	};
	thread_id id = ready[0];

	if (ready_count > 1 || timers || replaying)
		id = strategy->choose(state, &view);
	answered(id);
	if (id == SCHED_CLOCK) {
		if (!timers)
			abort();
		run.clock_moves++;
		advance();
		return id;
	}
	for (uint32_t i = 0; i < ready_count; i++)
		if (ready[i] == id)
			return id;
	abort(); /* the strategy chose a thread that was no candidate */
}

const struct sim_run *sim_run(const struct sched_strategy *strategy, void *state,
			      const struct sim_program *program, const struct sched_begin *begin,
			      uint32_t bound, bool replaying)
{
	uint32_t alive = program->thread_count;
	thread_id current = THREAD_NONE;

	start(program);
	strategy->begin(state, begin);
	while (alive > 0 && run.steps < bound) {
		enum outcome outcome;
		thread_id id;

		if (ready_count == 0) {
			if (!timer_pending()) {
				run.deadlocked = true;
				break;
			}
			advance();
			continue;
		}
		id = ask(strategy, state, program->thread_count, current, replaying);
		if (id == SCHED_CLOCK)
			continue;
		outcome = perform(id);
		if (outcome == BLOCKED) {
			run.rejections++;
			continue;
		}
		run.order[run.steps++] = id;
		run.switches += id != current;
		current = id;
		if (outcome == DONE && line[id]->kind == SIM_END) {
			ready_remove(id);
			threads[id].status = THREAD_FINISHED;
			alive--;
			continue;
		}
		if (outcome == DONE)
			line[id]++;
		publish(id);
	}
	run.ended = alive == 0;
	if (strategy->end)
		strategy->end(state, run.steps);
	return &run;
}

void *sim_state(unsigned number)
{
	static _Alignas(64) unsigned char states[4][SCHED_STATE_MAX];

	return states[number];
}

struct sched_begin sim_begin(uint64_t seed, uint64_t number)
{
	return (struct sched_begin){ .seed = rng_derive(seed, number), .schedule = number };
}
