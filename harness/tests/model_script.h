/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models played from a script, without threads: each line says which thread publishes which
 * operation, and what must come of it.
 *
 *	PLAY(DO(0, LOCK(&m)), DO(1, LOCK(&m), BLOCKED),
 *	     DO(0, UNLOCK(&m), READY("01")), GO(1), DO(1, UNLOCK(&m)));
 *
 * DO() publishes and performs, GO() performs once more what the thread published. Without further
 * words a line expects that the operation is done with result 0 and that no misuse is told.
 */
#ifndef JOSTLE_TESTS_MODEL_SCRIPT_H
#define JOSTLE_TESTS_MODEL_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "check_main.h"
#include "model/models.h"

#define SCRIPT_THREADS 8

struct line {
	int thread;
	enum op_kind kind; /* OP_NONE: what was published before */
	void *object, *object2;
	uint64_t args[2];
	uint64_t deadline_ns; /* 0: none */
	uint32_t flags;
	uint16_t phase; /* that the operation is published with */
	uint32_t raise; /* flags that the engine sets before it performs */
	bool advance;   /* no operation: time moves to the next deadline */
	bool exits;     /* no operation: the thread ended */
	enum model_step step;
	long result;
	enum finding_cause misuse;
	int other;           /* second party of the misuse: thread + 1, 0 none */
	uint32_t other_step; /* when it did what it did */
	unsigned bound;      /* a value below this is asked for; 0: none is */
	unsigned choose;     /* the answer */
	uint32_t aux;
	bool compare_aux;
	const char *ready; /* who is ready afterwards, in order of number; NULL: not compared */
};

#define DO(...)                       \
	{                             \
		.thread = __VA_ARGS__ \
	}
#define GO(...)                       \
	{                             \
		.thread = __VA_ARGS__ \
	}
#define TIME_PASSES             \
	{                       \
		.advance = true \
	}
#define ENDS(t)                            \
	{                                  \
		.thread = t, .exits = true \
	}

/* What must come of it. */
#define BLOCKED          .step = MODEL_BLOCKED
#define AGAIN            .step = MODEL_AGAIN
#define GIVES(r)         .result = (r)
#define TELLS(cause)     .misuse = CAUSE_##cause
#define WITH(t, at_step) .other = (t) + 1, .other_step = (at_step)
#define READY(numbers)   .ready = (numbers)
#define AUX(value)       .aux = (value), .compare_aux = true

/* Circumstances. */
#define UNTIL(ns)              .deadline_ns = (ns)
#define CHOOSING(index, below) .choose = (index), .bound = (below)
#define RAISED(f)              .raise = (f)

/* Operations. */
#define INIT(m, kind_word) .kind = OP_MUTEX_INIT, .object = (m), .args = { (kind_word) }
#define LOCK(m)            .kind = OP_MUTEX_LOCK, .object = (m)
#define TRYLOCK(m)         .kind = OP_MUTEX_TRYLOCK, .object = (m)
#define UNLOCK(m)          .kind = OP_MUTEX_UNLOCK, .object = (m)
#define DESTROY(m)         .kind = OP_MUTEX_DESTROY, .object = (m)
#define CONSISTENT(m)      .kind = OP_MUTEX_CONSISTENT, .object = (m)
#define WAIT(c, m) \
	.kind = OP_COND_WAIT, .object = (c), .object2 = (m), .flags = OP_CANCELLATION_POINT
#define SIGNAL(c)    .kind = OP_COND_SIGNAL, .object = (c)
#define BROADCAST(c) .kind = OP_COND_BROADCAST, .object = (c)
#define OP(name, o)  .kind = OP_##name, .object = (o)

/* The world that the script plays in: SCRIPT_THREADS threads, all ready, at time 0 and step 0. */
extern struct world script_world;
extern struct thread script_threads[SCRIPT_THREADS];

/* A fixture: sets the world up anew. */
void script_begin(void);
void script_play(const struct line *lines, size_t count, const char *file, int at);

/* A misuse was told since script_begin() that the script does not know of? For free-running tests.
 */
extern unsigned script_misuses;

/* Performs for a free-running test; answers of choose_value are what script_choose says (NULL: 0).
 */
extern uint32_t (*script_choose)(enum choice_kind kind, uint32_t bound);
struct op *script_publish(int thread, enum op_kind kind, void *object);
enum model_step script_perform(int thread);

#define PLAY(...)                                                                                 \
	script_play((const struct line[]){ __VA_ARGS__ },                                         \
		    sizeof((const struct line[]){ __VA_ARGS__ }) / sizeof(struct line), __FILE__, \
		    __LINE__)

#endif
