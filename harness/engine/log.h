/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A performed operation becomes an event of the log and part of the event hash, by which two runs
 * are told apart.
 */
#ifndef JOSTLE_ENGINE_LOG_H
#define JOSTLE_ENGINE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "engine/state.h"

static inline bool op_kind_is_thread(unsigned kind)
{
	return kind >= OP_THREAD_START && kind <= OP_TESTCANCEL;
}

static inline void log_step(struct world *w, const struct thread *t)
{
	struct event *e = event_log_append(engine.log);
	const struct op *op = &t->op;
	uint64_t object;

	e->step = w->step;
	e->thread = t->id;
	e->kind = op->kind;
	e->object = (uint64_t)(uintptr_t)op->object;
	e->object2 = (uint64_t)(uintptr_t)op->object2;
	e->site = (uint64_t)(uintptr_t)op->site;
	e->result = (int32_t)t->result;
	e->aux = w->event_aux;
	/*
	 * Page offsets survive address randomisation, so the hash is the same with and without it.
	 * The object of an operation on a thread is ours, and its place changes with each build of
	 * the library: its number, in aux, stands for it.
	 */
	object = op_kind_is_thread(op->kind) ? 0 : (uint64_t)(uintptr_t)op->object & 0xfff;
	engine.hash =
		hash_fold(engine.hash ^ w->event_aux,
			  (uint64_t)t->id | (uint64_t)op->kind << 10 | (uint64_t)op->phase << 18 |
				  object << 22 | ((uint64_t)(uintptr_t)op->site & 0xfff) << 34 |
				  (uint64_t)(uint32_t)t->result << 46);
	w->step++;
}

/* The same of what mutex_quick() did, or of an access: most is zero then. */
static inline void log_plain(struct world *w, const struct thread *t)
{
	struct event *e = event_log_append(engine.log);
	const uintptr_t object = (uintptr_t)t->op.object, site = (uintptr_t)t->op.site;

	*e = (struct event){
		.step = w->step,
		.thread = t->id,
		.kind = t->op.kind,
		.object = object,
		.site = site,
	};
	engine.hash = hash_fold(engine.hash, (uint64_t)t->id | (uint64_t)t->op.kind << 10 |
						     (uint64_t)(object & 0xfff) << 22 |
						     (uint64_t)(site & 0xfff) << 34);
	w->step++;
}

#endif
