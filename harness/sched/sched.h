/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strategies: which thread next. The engine asks, the strategy answers; it sees threads with their
 * published operations and knows nothing of pthreads, of fibers or of what a model does. Adding one
 * is one file and one line in registry.c.
 *
 * The set in the view may hold threads whose operation turns out not to be enabled (its lock is
 * taken): the engine then takes that thread out and asks again, in the same step number. choose()
 * must therefore decide from the view and its own state such that a repeated question in the same
 * step behaves as if the rejected thread had never been in the set (for a uniform pick: rejection
 * sampling; for priorities: the next lower one).
 *
 * What a strategy may rely on: view->ready is the world's array, so a candidate's
 * threads[id]->ready_index is its place there; view->step is one higher after each performed
 * operation or stage, and does not change by a rejection; moving the clock may or may not count as
 * a step; threads[id]->result is that of the last performed operation until the thread is chosen
 * again.
 *
 * Nobody starves for ever: under every strategy a loop that yields, retries a trylock, sleeps or
 * reads the clock until another thread has acted ends with probability 1 (fair.h).
 */
#ifndef JOSTLE_SCHED_SCHED_H
#define JOSTLE_SCHED_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "event/thread.h"

/* Answer of choose(): let virtual time move to the earliest deadline instead. Only valid when
 * view->timer_pending. */
#define SCHED_CLOCK ((thread_id)0xfffe)

struct sched_view {
	struct thread *const *threads; /* by thread_id */
	const thread_id *ready;        /* candidates, in no particular but deterministic order */
	uint32_t ready_count;          /* at least 1 */
	uint32_t step;                 /* steps performed so far in this schedule */
	thread_id current;             /* who performed the last step; THREAD_NONE at the start */
	bool timer_pending; /* somebody waits with a deadline: SCHED_CLOCK may be answered */
	uint32_t thread_count;
};

/* What earlier schedules taught; constant within a batch, and equal for every -j (see
 * record/board.h on batches). */
struct sched_learned {
	uint32_t steps_max; /* longest schedule of the learning batch; 0 while learning */
	uint32_t threads_max;
};

struct sched_begin {
	uint64_t seed;     /* of this very schedule: already mixed from campaign seed and schedule
			      number */
	uint64_t schedule; /* its number */
	struct sched_learned learned;
};

struct walk;

struct sched_strategy {
	const char *name;      /* as in --strategy NAME or NAME:ARGUMENT */
	const char *summary;   /* one line for `jostle strategies` */
	const char *reference; /* paper and section, and what differs here */
	size_t state_size;     /* at most SCHED_STATE_MAX; zeroed before configure */
	/* Parses what follows the colon (NULL: nothing did). False: bad argument. May be NULL when
	 * no argument is taken. */
	bool (*configure)(void *state, const char *argument);
	void (*begin)(void *state, const struct sched_begin *);
	/* A member of view->ready, or SCHED_CLOCK. */
	thread_id (*choose)(void *state, const struct sched_view *);
	/* A value below bound; bound >= 2. kind is enum choice_kind, for strategies that treat
	 * kinds differently. */
	uint32_t (*choose_value)(void *state, unsigned kind, uint32_t bound);
	/* The schedule ended. May be NULL. */
	void (*end)(void *state, uint32_t steps);
	/*
	 * Of a strategy that hands each schedule to another one: after begin(), who makes this
	 * schedule, as a
	 * --strategy argument that would make the same ("pct:3"). NULL: the strategy itself does.
	 */
	const char *(*made_by)(const void *state);
	/*
	 * The same as data: the strategy and, through sub_state, the state to call directly for
	 * choose() and choose_value() until the schedule ends, which saves an indirect call a step.
	 * Calling this strategy's own functions instead means the same. NULL: there is nobody to
	 * call instead.
	 */
	const struct sched_strategy *(*delegate)(void *state, void **sub_state);
	/*
	 * Of a strategy whose answers are uniform among the enabled threads unless the clock may
	 * move: the walk that it draws them from. Who knows which threads are enabled may draw from
	 * it directly (walk.h) instead of asking. NULL: choose() must be asked.
	 */
	struct walk *(*uniform)(void *state);
};

#define SCHED_STATE_MAX (256 * 1024)

/* The strategies that a user can name, NULL-terminated, in the order of `jostle strategies`.
 * "replay" is among them but needs sched_replay_load(). */
extern const struct sched_strategy *const sched_registry[];

/* Splits "pct:3" and finds it. NULL: no such strategy or a bad argument; state must hold
 * SCHED_STATE_MAX bytes and is zeroed and configured. */
const struct sched_strategy *sched_open(const char *spec, void *state);

/*
 * Replay follows recorded decisions. choices[i] is the answer to the i-th choose(), whether it was
 * then rejected or not (thread_id or SCHED_CLOCK): a rejection is part of the schedule, since it
 * blocks the thread, which starts its deadline and gives it its place among the waiters. values are
 * those of choose_value() in order. The arrays belong to the caller and must outlive the schedule.
 * When a wanted thread is not in the view, a value is out of bounds or the record is exhausted, the
 * replay has diverged: it answers with the lowest thread number (the next one if that one only
 * waits) and value 0, and goes on with the record at the next question. sched_replay_diverged(),
 * asked when the schedule is over, tells the first step at which that was, or behind the last one
 * when choices are left (UINT32_MAX: neither).
 */
void sched_replay_load(void *state, const thread_id *choices, uint32_t choice_count,
		       const uint32_t *values, uint32_t value_count);
uint32_t sched_replay_diverged(const void *state);

/* Of the strategy steer, when the schedule is over: how often both accesses were about to be made
 * at once. */
uint32_t sched_steer_meetings(const void *state);

#endif
