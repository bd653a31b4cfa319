/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The step: publish -> choose -> model -> log -> switch.
 *
 * engine_dispatch() runs on the engine's stack, entered by fiber_step() after the current thread
 * published its operation. It asks the strategy which thread is next, lets the model perform that
 * thread's operation, and returns the first thread whose operation is complete. A chosen thread
 * that turns out not enabled is taken out and the strategy is asked again; that answer is recorded,
 * too, because being taken out has effects (waiter flags, timers), and a replay must have the same.
 */
#include <errno.h>
#include <stddef.h>

#include "base/insist.h"
#include "engine/access/access.h"
#include "engine/access/dump_access.h"
#include "engine/access/weak.h"
#include "engine/calls/system.h"
#include "engine/choice.h"
#include "engine/detectors.h"
#include "engine/early.h"
#include "engine/lifetime.h"
#include "engine/linger.h"
#include "engine/log.h"
#include "engine/processes/kill.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"
#include "model/mutex.h"

struct world engine_world SHARED_STATE;
struct fiber engine_fibers[THREADS_MAX] SHARED_STATE;
struct thread *engine_current = &engine_fibers[0].thread;
struct engine engine SHARED_STATE;
uint8_t engine_is_aside;

uint16_t early_counts[THREADS_MAX] SHARED_STATE;

/* Does a virtual timer of a process come before any thread's deadline? */
static inline bool system_timer_is_next(const struct world *w)
{
	return list_empty(&w->timers) || system_timer_next < early_next(w)->op.deadline_ns;
}

/* Virtual time to the nearest deadline, of a thread or of a virtual timer. False: there is none. */
static bool advance(struct world *w)
{
	weak_show_all(); /* however long a store takes */
	if (system_timer_next != UINT64_MAX && system_timer_is_next(w)) {
		world_advance_to(w, system_timer_next);
		system_timers_run();
		return true;
	}
	return world_advance(w);
}

/*
 * Nobody is ready: wait for the outside, let time pass, or call it a deadlock. None of it is a
 * choice, so nothing is recorded: a replay comes here in the same state.
 */
static bool unblock(struct world *w)
{
	return system_idle() || advance(w);
}

/*
 * May the strategy let time pass although somebody could run? A thread that sleeps or waits with a
 * timeout orders nothing. A timer of the process (alarm, timer_create) may come early, too, but
 * only a near one: an alarm that guards against hanging for minutes does not ring while threads get
 * on.
 */
#define TIMER_NEAR_NS 1000000000UL

/* The command hears of every so many steps (a power of two less one). */
#define STEPS_TOLD 0xfffU

static inline bool time_may_pass(const struct world *w)
{
	/* A periodic timer is always pending: between two choices of the clock somebody gets on. */
	if (w->step == engine.clock_step)
		return false;
	if (!list_empty(&w->timers) && early_may_come(w))
		return true;
	return system_timer_next - w->now_ns <= TIMER_NEAR_NS && system_timer_is_next(w);
}

static inline struct thread *pick(struct world *w)
{
	const bool timers = time_may_pass(w);
	thread_id id;

	if (engine.phase != PHASE_SCHEDULE) {
		id = w->ready[0];
	} else if (w->ready_count == 1 && !timers && !engine.replaying) {
		id = w->ready[0];
		choice_record(id);
	} else {
		const struct sched_view view = {
			.threads = w->threads,
			.ready = w->ready,
			.ready_count = w->ready_count,
			.step = w->step,
			.current = engine_current->id,
			.timer_pending = timers,
			.thread_count = w->thread_count,
		};

		id = engine.chooser->choose(engine.chooser_state, &view);
		choice_record(id);
		if (id == SCHED_CLOCK) {
			engine.clock_step = w->step;
			if (!system_timer_is_next(w))
				early_comes(w);
			advance(w);
			return NULL;
		}
	}
	return w->threads[id];
}

/* A thread that was not asked because its lock was taken waits for it, to all who look now. */
static void settle_gates(struct world *w)
{
	for (uint32_t i = 0; i < w->thread_count; i++) {
		struct thread *t = w->threads[i];

		if (t->process == world_process && t->status == THREAD_READY &&
		    thread_gate_is_shut(t))
			model_table[t->op.kind](w, t);
	}
}

static inline enum model_step perform(struct world *w, struct thread *t)
{
	struct op *op = &t->op;

	engine.performing = t;
	w->event_aux = 0;
	if (__builtin_expect(t->cancel_pending && !t->cancel_disabled && op->phase == 0 &&
				     (op->flags & OP_CANCELLATION_POINT) && !t->exiting,
			     0)) {
		t->result = MODEL_CANCELLED;
		return MODEL_DONE;
	}
	if (__builtin_expect(lifetime_is_heap(op->object), 0))
		lifetime_check(t);
	return model_table[op->kind](w, t);
}

void step_watch_next(void)
{
	const uint32_t next = (engine_world.step | STEPS_TOLD) + 1;

	engine.step_watch = engine.checks || engine.replaying ? 0
			    : engine.step_bound < next        ? engine.step_bound
							      : next;
}

/*
 * A thread that for thousands of steps nobody answers does not live on answers: what a program does
 * alone, while it starts, counts a sixteenth.
 */
static void step_bound_moves(void)
{
	if (engine.switches == engine.switches_told &&
	    engine.step_bound <= BOARD_STEPS_MAX - STEPS_TOLD)
		engine.step_bound += (STEPS_TOLD + 1) / 16 * 15;
	engine.switches_told = engine.switches;
}

/* Rare work after a performed step. False: the schedule ends here. */
static __attribute__((noinline)) bool after_step(struct world *w, struct thread *t)
{
	if (engine.replaying)
		dump_step(t, w->step - 1);
	if (engine.checks && !checks_run(t, false))
		return false;
	if ((w->step & STEPS_TOLD) == 0)
		step_bound_moves();
	if (w->step >= engine.step_bound) {
		settle_gates(w);
		detectors_step_bound();
		return false;
	}
	if ((w->step & STEPS_TOLD) == 0)
		BOARD_STORE(engine.board->status.steps,
			    engine.board->status.steps + STEPS_TOLD + 1);
	step_watch_next();
	return true;
}

/*
 * What a fiber asked for with engine.request: the end of the schedule; the end of its process,
 * which leaves the choice to the others; or to go on at once, as it was chosen before it ever ran
 * here.
 */
static __attribute__((noinline)) struct thread *requested(void)
{
	switch (engine.request) {
	case REQUEST_CHOSEN:
		engine.request = REQUEST_NONE;
		return engine_current;
	case REQUEST_LEAVE:
		engine.request = REQUEST_NONE;
		return process_leave();
	default:
		schedule_end();
	}
}

/* t performed its operation and runs on. */
static inline struct switching go_on(struct fiber *from, struct thread *t, bool must_act)
{
	engine.switches += &from->thread != t;
	engine_current = t;
	fiber_of(t)->must_act = must_act;
	if (__builtin_expect(access_state.on, 0))
		access_refresh();
	return (struct switching){ fiber_of(t), from };
}

/* The choice was made (t), or is still to be made (NULL). */
static __attribute__((noinline)) struct switching dispatch(struct thread *t)
{
	struct world *w = &engine_world;
	struct fiber *const from = fiber_of(engine_current);
	enum model_step done;

	if (__builtin_expect(engine.replaying, 0))
		dump_settle();
	if (__builtin_expect(engine.request != REQUEST_NONE, 0))
		t = requested();
	for (;; t = NULL) {
		if (__builtin_expect(w->now_ns >= system_timer_next, 0))
			system_timers_run();
		if (__builtin_expect(w->ready_count == 0, 0)) {
			if (signal_fatal != 0) { /* a timer's, with all threads waiting */
				signal_report_fatal();
				schedule_end();
			}
			if (unblock(w))
				continue;
			insist(engine.phase == PHASE_SCHEDULE);
			report_deadlock();
			schedule_end();
		}
		if (!t && choice_is_plain(w, engine.walk))
			t = choice_open(w);
		if (!t)
			t = pick(w);
		if (!t)
			continue;
		if (__builtin_expect(t->process != world_process, 0)) {
			t = baton_pass(t);
			if (!t)
				continue;
		}
		if (__builtin_expect(kill_plan.armed, 0) && kill_falls_due(t)) {
			kill_now(t);
			continue;
		}
		done = perform(w, t);
		if (done == MODEL_BLOCKED) {
			/* The handler was due before the wait began. */
			if (__builtin_expect(signal_pending_for(t), 0) &&
			    (t->op.flags & OP_INTERRUPTIBLE)) {
				t->op.flags |= OP_INTERRUPTED;
				world_wake(w, t);
			}
			continue;
		}
		if (done == MODEL_DONE)
			world_set_gate(w, t, &thread_gate_open); /* of what is done */
		if (t->hold_count > 1 && engine.phase == PHASE_SCHEDULE)
			detectors_acquired(t);
		if (__builtin_expect(access_state.on, 0))
			access_performed(t, done == MODEL_DONE);
		if (__builtin_expect(engine.phase == PHASE_SCHEDULE, 1)) {
			log_step(w, t);
			if (__builtin_expect(w->step >= engine.step_watch, 0) && !after_step(w, t))
				schedule_end();
		} else {
			w->step++;
		}
		if (done == MODEL_DONE && t->status == THREAD_READY) {
			if (__builtin_expect(engine.lingers, 0) && linger_stays(t))
				continue;
			return go_on(from, t,
				     t->result == EINTR || t->result == MODEL_CANCELLED ||
					     signal_pending_for(t));
		}
	}
}

/* t was chosen, and its place is recorded. False: its operation is not one for the short way. */
static inline bool perform_quick(struct world *w, struct thread *t)
{
	engine.performing = t;
	if (__builtin_expect(!op_is_lock_or_unlock(&t->op) || lifetime_is_heap(t->op.object) ||
				     access_state.on || !mutex_quick(w, t),
			     0))
		return false;
	w->event_aux = 0;
	log_plain(w, t);
	fiber_of(t)->must_act = false;
	return true;
}

/* The same in an instrumented program, where accesses and fences have a short way, too. */
static __attribute__((noinline)) struct switching dispatch_instrumented(struct fiber *from,
									struct thread *t)
{
	struct world *w = &engine_world;

	if (op_is_access(&t->op) && t->hold_count <= 1) {
		t->result = 0;
		w->event_aux = 0;
		log_plain(w, t);
	} else if (op_is_lock_or_unlock(&t->op) && !lifetime_is_heap(t->op.object) &&
		   mutex_quick(w, t)) {
		access_performed(t, true);
		w->event_aux = 0;
		log_plain(w, t);
		access_refresh();
	} else {
		return dispatch(t);
	}
	fiber_of(t)->must_act = false;
	if (t != &from->thread) {
		engine.switches++;
		engine_current = t;
		access_refresh();
	}
	return (struct switching){ fiber_of(t), from };
}

/* The same in a schedule that lingers (linger.h): behind an unlock its thread is chosen again. */
static __attribute__((noinline)) struct switching dispatch_lingering(struct fiber *from)
{
	struct world *w = &engine_world;

	for (;;) {
		struct thread *t;

		if (!choice_is_plain(w, engine.walk) || w->step + 1 >= engine.step_watch ||
		    engine.request != REQUEST_NONE)
			return dispatch(NULL);
		t = choice_open(w);
		if (!t || (t->op.kind != OP_LINGER && !op_is_lock_or_unlock(&t->op)))
			return dispatch(t);
		engine.performing = t;
		if (t->op.kind == OP_LINGER)
			t->result = 0;
		else if (lifetime_is_heap(t->op.object) || !mutex_quick(w, t))
			return dispatch(t);
		w->event_aux = 0;
		log_plain(w, t);
		world_set_gate(w, t, &thread_gate_open);
		if (t->op.kind == OP_MUTEX_LOCK || !linger_stays(t))
			return go_on(from, t, false);
	}
}

struct switching engine_dispatch(void)
{
	struct world *w = &engine_world;
	struct fiber *const from = fiber_of(engine_current);
	struct thread *t;
	int32_t place;

	if (__builtin_expect(!choice_is_plain(w, engine.short_walk) ||
				     w->step + 1 >= engine.step_watch ||
				     engine.request != REQUEST_NONE,
			     0))
		return engine.lingers ? dispatch_lingering(from) : dispatch(NULL);
	place = choice_place(w);
	if (__builtin_expect(place < 0, 0))
		return dispatch(NULL);
	/* Two copies of what follows: here all that the next step needs is known before the choice
	 * is. */
	if (place == from->thread.ready_index) {
		t = &from->thread;
		if (__builtin_expect(perform_quick(w, t), 1))
			return (struct switching){ from, from };
		if (access_state.on)
			return dispatch_instrumented(from, &from->thread);
	} else {
		t = w->threads[w->ready[place]];
		if (__builtin_expect(perform_quick(w, t), 1)) {
			engine.switches++;
			engine_current = t;
			return (struct switching){ fiber_of(t), from };
		}
	}
	return access_state.on ? dispatch_instrumented(from, t) : dispatch(t);
}

/* Performs the model at once, on the caller's stack; what would block fails as a deadlock would. */
static long step_aside(struct thread *t)
{
	enum model_step done;

	do
		done = model_table[t->op.kind](&engine_world, t);
	while (done == MODEL_AGAIN && t->status == THREAD_READY);
	if (t->status == THREAD_BLOCKED) {
		world_wake(&engine_world, t);
		return EDEADLK;
	}
	return t->result;
}

/*
 * On the fiber's stack, after a step that left something to do: the handlers of signals that came,
 * the end by cancellation, and the rest of a wait that a handler ended.
 */
long engine_act(void)
{
	struct thread *t = engine_current;
	const struct op op = t->op;
	const long result = t->result;

	if (signal_pending_for(t))
		signal_deliver();
	if (result == MODEL_CANCELLED && (op.flags & OP_CANCELLATION_POINT))
		thread_unwind(CANCELLED_VALUE);
	if (result == EINTR && (op.flags & OP_RESUMES)) {
		t->op = op;
		t->op.phase = 0;
		t->op.flags = OP_INTERRUPTIBLE | OP_RESUMES;
		return engine_step();
	}
	return result;
}

long engine_step_aside(void)
{
	/* No handler runs. */
	engine_current->op.flags &= ~(uint32_t)OP_INTERRUPTIBLE;
	return step_aside(engine_current);
}

bool engine_aside(void)
{
	return engine_is_aside;
}
