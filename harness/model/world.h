/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world that the models act on: the threads under test, who is ready, who waits for which
 * object, and virtual time.
 *
 * A model is one function per operation kind. The engine calls it for the thread that the strategy
 * chose, with the operation that this thread published. It either performs the operation completely
 * (MODEL_DONE, thread->result set to what the caller gets: POSIX error numbers for pthread
 * functions, -1/-errno style is the interception layer's business), or finds it not enabled,
 * changes nothing observable, calls world_block() and says MODEL_BLOCKED; the engine then lets the
 * strategy choose again, as if the thread had not been in the enabled set. Operations of several
 * stages (a condition wait: release, wait, reacquire) keep their stage in op.phase and return
 * MODEL_AGAIN between stages: the stage was performed (it counts as a step), the thread is ready or
 * blocked with the next stage, and the strategy chooses anew.
 *
 * Models touch no kernel, no real primitive and no policy. All state of a primitive sits in the
 * user's object; waiter lists sit here. Everything is single-threaded: no field needs a guard.
 */
#ifndef JOSTLE_MODEL_WORLD_H
#define JOSTLE_MODEL_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hidden.h"
#include "base/list.h"
#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

enum model_step {
	MODEL_DONE,    /* performed; result is set; the thread runs on */
	MODEL_BLOCKED, /* not enabled; nothing happened; the thread waits (world_block was called)
			*/
	MODEL_AGAIN, /* one stage performed; the thread stays in the operation, ready or blocked */
};

/* Result of an operation that pthread_cancel ended: the caller unwinds instead of returning. */
#define MODEL_CANCELLED (-1000000L)

/* Questions besides "which thread": what a seeded value decides. */
enum choice_kind {
	CHOICE_WAITER,   /* which of n waiters (in arrival order) a signal or post wakes */
	CHOICE_SPURIOUS, /* 0: no; 1: yes */
	CHOICE_SHORT,    /* how many bytes a short read or write moves */
	CHOICE_INTERRUPT,
	CHOICE_ALLOCATION,
	CHOICE_KILL, /* at which point a process is killed, and whether */
	CHOICE_LOAD, /* a seed: which atomic loads of the schedule read older values */
	CHOICE_OTHER,
	CHOICE_KIND_COUNT
};

#define WORLD_BUCKETS 64

struct world;

/*
 * The process that runs this: a model acts in the process of the thread that it acts for, since
 * only there its object can be reached. The world is common to all processes of a schedule, this
 * is not.
 */
extern HIDDEN process_id world_process;

/*
 * The key (event/thread.h) of an object of this process, and where the object of a key lies in this
 * process, NULL: nowhere. Both NULL as long as the process maps no shared memory: then a key is an
 * address.
 */
extern HIDDEN void *(*world_keys)(const void *object);
extern void *(*world_places)(const void *key);

static inline void *world_key(const void *object)
{
	return __builtin_expect(world_keys != NULL, 0) ? world_keys(object)
						       : (void *)(uintptr_t)object;
}

/* What a model asks of the outside. The engine, or a test, supplies it. */
struct world_ops {
	/* A value below bound (bound >= 1), chosen by the strategy. */
	uint32_t (*choose_value)(struct world *, enum choice_kind, uint32_t bound);
	/* A use that the standard leaves undefined or calls an error. other may be THREAD_NONE,
	 * other_site NULL. The schedule goes on. */
	void (*misuse)(struct world *, const struct thread *by, enum finding_cause,
		       const void *object, thread_id other, const void *other_site,
		       uint32_t other_step);
	/* Something that the kernel performs may have let waiters of other processes get on: asks
	 * these. NULL: there are none. Returns how many threads became ready. */
	unsigned (*recheck)(struct world *);
};

struct world {
	uint64_t now_ns; /* virtual CLOCK_MONOTONIC */
	uint32_t step;
	uint32_t thread_count;
	uint32_t alive_count;
	uint32_t ready_count;
	uint64_t wait_serial;
	const struct world_ops *ops;
	uint32_t event_aux;    /* a model may set it; goes into the event's aux, cleared before each
				  perform */
	struct list timers;    /* blocked threads with a deadline, earliest first; ties in order of
				  arrival */
	uint64_t buckets_used; /* a bit for each list that was added to */
	struct list buckets[WORLD_BUCKETS];
	thread_id ready[THREADS_MAX];
	const uint32_t *gates[THREADS_MAX + 1]; /* of the ready threads, one place further: the
						   first is of those who are not ready */
	struct thread *threads[THREADS_MAX];
	bool spurious_wakeups;
};

void world_init(struct world *, const struct world_ops *);
/* The same of a world that was used: lists that nobody stood in are left alone. */
void world_restart(struct world *);
/* Adds a thread as READY. The caller owns it and keeps it alive until world_init. */
void world_add(struct world *, struct thread *);

/* Takes the thread out of the ready set and puts it at the end of object's waiters (object NULL:
 * only its deadline or an interruption can wake it). Its op.deadline_ns, if any, starts to count.
 */
void world_block(struct world *, struct thread *, void *object);
/* Puts a blocked thread back into the ready set, out of its waiter list and off the timers. No
 * effect on a ready thread. */
void world_wake(struct world *, struct thread *);
/* Wakes every waiter of object; returns how many. Cheap when there are none. */
unsigned world_wake_all(struct world *, const void *object);
/* Waiters of object in order of arrival. */
unsigned world_waiter_count(const struct world *, const void *object);
struct thread *world_waiter_at(const struct world *, const void *object, unsigned n);
/* Moves a blocked waiter to another object's list without waking it (requeue). */
void world_requeue(struct world *, struct thread *, void *object);

/* Moves virtual time to the earliest deadline and wakes, with OP_TIMED_OUT, each thread whose
 * deadline has come. False: no timer. */
bool world_advance(struct world *);
/* Moves virtual time forward to at_ns (never back), waking as above. */
void world_advance_to(struct world *, uint64_t at_ns);

/* Removes a finished thread from the ready set. */
void world_finish(struct world *, struct thread *);

/* The gate of the operation that t publishes, or that its next stage waits at. */
static inline void world_set_gate(struct world *w, struct thread *t, const uint32_t *gate)
{
	t->gate = gate;
	w->gates[t->ready_index + 1] = gate;
}

static inline uint32_t world_choose(struct world *w, enum choice_kind kind, uint32_t bound)
{
	return bound <= 1 ? 0 : w->ops->choose_value(w, kind, bound);
}

/* Locks held, for reports and the lock graph. hold_pop finds by object, any position; it returns
 * false when not held. Recursion raises depth: hold_pop then only lowers it. */
void hold_push(struct thread *, void *object, void *site, uint32_t step, enum op_family,
	       enum hold_mode);
bool hold_pop(struct thread *, const void *object);
struct hold *hold_find(struct thread *, const void *object);
/* Which thread holds object (first in order of number), or NULL. */
struct thread *hold_owner(const struct world *, const void *object);

/* The table: one model per kind. NULL: the engine itself performs that kind. */
typedef enum model_step (*model_fn)(struct world *, struct thread *);
extern HIDDEN const model_fn model_table[OP_KIND_COUNT];

#endif
