/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is only waiting, although it runs. A thread that yields, whose trylock fails, whose wait
 * times out or that reads the clock again and again gets nowhere until another thread acts, but
 * looks as runnable as any. A strategy that keeps choosing it, as strict priorities do, never lets
 * the other one act: the spin loop eats the schedule.
 *
 * So each operation that got nowhere costs its thread patience: a yield all of it (that is what the
 * program asked for), a failed trylock half, a sleep or a timeout a quarter, reading the clock an
 * eighth. An operation that did something restores it. At zero the thread is idle: strategies then
 * let everyone else go first. This is the fairness of CHESS (Musuvathi and Qadeer, "Fair stateless
 * model checking", PLDI'08), with failed attempts counted besides yields.
 *
 * On real processors others need not go first: who spins some turns and then waits in the kernel,
 * as libraries do (C++20's atomic waits, adaptive mutexes), may get there while another thread
 * stands still. So one schedule in FAIR_PATIENT_ODDS is patient, and lets a thread spin on.
 *
 * It cannot see a loop of plain locks and unlocks that waits for a flag; strategies bound that by
 * their own means (a long run at one priority ends, see pct.c).
 *
 * Use: fair_settle() first in choose(), fair_chose() last. What was chosen counts once the step
 * number has moved on, since a question repeated in the same step means that it was rejected. Steps
 * that nobody was asked about (one thread was ready) cost nothing.
 */
#ifndef JOSTLE_SCHED_FAIR_H
#define JOSTLE_SCHED_FAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "sched/sched.h"

#define FAIR_PATIENCE     8
#define FAIR_PATIENT_ODDS 4
#define FAIR_PATIENT_MORE 16 /* so many times the patience */
/* No longer than that: threads that give way to each other must get on. */
#define FAIR_PATIENT_STEPS 1024

struct fair {
	uint32_t patience;
	thread_id chosen; /* by the last answer, THREAD_NONE: the clock, or nothing yet */
	uint16_t kind;    /* what it was about to do */
	uint32_t step;
	uint32_t known; /* threads whose spent[] is valid */
	uint16_t spent[THREADS_MAX];
};

static inline void fair_begin(struct fair *fair)
{
	fair->patience = FAIR_PATIENCE;
	fair->chosen = THREAD_NONE;
	fair->known = 0;
}

/* The same, patient in some schedules. Takes nothing from the strategy's own stream of numbers, so
 * that a program in which nobody spins has the same schedules. */
static inline void fair_begin_drawn(struct fair *fair, const struct sched_begin *begin)
{
	struct rng rng;

	fair_begin(fair);
	rng_seed(&rng, ~begin->seed);
	if (rng_below(&rng, FAIR_PATIENT_ODDS) == 0)
		fair->patience *= FAIR_PATIENT_MORE;
}

/* What performing @kind with @result costs; 0: it did something. */
static inline unsigned fair_cost(unsigned kind, long result)
{
	enum { TIMED_OUT = 110 };

	switch (kind) {
	case OP_YIELD:
	case OP_PREEMPT:
	case OP_SPIN_READ:
		return FAIR_PATIENCE;
	case OP_MUTEX_TRYLOCK:
	case OP_RWLOCK_TRYRDLOCK:
	case OP_RWLOCK_TRYWRLOCK:
	case OP_SPIN_TRYLOCK:
	case OP_SEM_TRYWAIT:
	case OP_THREAD_TRYJOIN:
		return result != 0 ? FAIR_PATIENCE / 2 : 0;
	case OP_SLEEP:
	case OP_SEM_GETVALUE:
		return FAIR_PATIENCE / 4;
	case OP_FD_POLL:
	case OP_CHILD_WAIT:
		return result <= 0 ? FAIR_PATIENCE / 4 : 0;
	case OP_FUTEX_WAIT:
	case OP_FD_READ:
	case OP_FD_WRITE:
	case OP_FD_ACCEPT:
	case OP_QUEUE_SEND:
	case OP_QUEUE_RECEIVE:
		return result < 0 || result == TIMED_OUT ? FAIR_PATIENCE / 4 : 0;
	case OP_CLOCK_READ:
	case OP_TESTCANCEL:
		return FAIR_PATIENCE / 8;
	default:
		return result == TIMED_OUT || result == -TIMED_OUT ? FAIR_PATIENCE / 4 : 0;
	}
}

/* Was the last answer a thread, and has that thread performed its operation? */
static inline bool fair_performed(const struct fair *fair, const struct sched_view *view)
{
	return fair->chosen != THREAD_NONE && view->step != fair->step;
}

/* Takes note of new threads and of what the last chosen one did. Returns that thread if it is out
 * of patience. */
static inline thread_id fair_settle(struct fair *fair, const struct sched_view *view)
{
	const thread_id chosen = fair->chosen;
	unsigned cost;

	while (fair->known < view->thread_count)
		fair->spent[fair->known++] = 0;
	if (!fair_performed(fair, view))
		return THREAD_NONE;
	fair->chosen = THREAD_NONE;
	cost = view->step == fair->step + 1 ? fair_cost(fair->kind, view->threads[chosen]->result)
					    : 0;
	if (cost == 0) {
		fair->spent[chosen] = 0;
		return THREAD_NONE;
	}
	fair->spent[chosen] = (uint16_t)(fair->spent[chosen] + cost);
	if (fair->spent[chosen] <
	    (view->step < FAIR_PATIENT_STEPS ? fair->patience : FAIR_PATIENCE))
		return THREAD_NONE;
	fair->spent[chosen] = 0;
	return chosen;
}

/* @id is the answer that choose() is about to give. */
static inline thread_id fair_chose(struct fair *fair, const struct sched_view *view, thread_id id)
{
	fair->step = view->step;
	fair->chosen = id == SCHED_CLOCK ? THREAD_NONE : id;
	if (id != SCHED_CLOCK)
		fair->kind = view->threads[id]->op.kind;
	return id;
}

#endif
