/* SPDX-License-Identifier: Apache-2.0 */
/* Plays lock scripts to a graph as the engine would. */
#include "lock_script.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct thread threads[SCRIPT_THREADS];
static const struct thread *by_number[SCRIPT_THREADS];
static struct event_log event_log;
struct lock_graph *script_graph;
char script_locks[SCRIPT_LOCKS];
static char code[4096];
static uint32_t step;
struct finding script_findings[LOCK_GRAPH_KEYS];
uint32_t script_finding_count;

void script_begin(void)
{
	if (!script_graph) {
		script_graph = calloc(1, sizeof(*script_graph));
		lock_graph_init(script_graph);
	}
	memset(threads, 0, sizeof(threads));
	for (unsigned i = 0; i < SCRIPT_THREADS; i++) {
		threads[i].id = (thread_id)i;
		threads[i].op.deadline_ns = OP_NO_DEADLINE;
		by_number[i] = &threads[i];
	}
	event_log_reset(&event_log);
	lock_graph_begin(script_graph);
	step = 0;
	script_finding_count = 0;
}

static void keep(void *context, const struct finding *finding)
{
	ck_assert_ptr_eq(context, &script_finding_count);
	ck_assert_uint_lt(script_finding_count, LOCK_GRAPH_KEYS);
	script_findings[script_finding_count++] = *finding;
}

uint32_t script_check(void)
{
	const uint32_t count = lock_graph_check(script_graph, by_number, SCRIPT_THREADS, &event_log,
						NULL, keep, &script_finding_count);

	ck_assert_uint_eq(count, script_finding_count);
	return count;
}

/* As the engine does: perform, show it to the script_graph, log it. */
void perform(unsigned who, enum op_kind kind, const void *object, uint32_t aux)
{
	struct thread *t = &threads[who];

	t->op.kind = (uint16_t)kind;
	lock_graph_performed(script_graph, t, step);
	*event_log_append(&event_log) = (struct event){
		.step = step,
		.thread = t->id,
		.kind = (uint16_t)kind,
		.object = (uint64_t)(uintptr_t)object,
		.aux = aux,
	};
	step++;
}

void take_at(unsigned who, enum op_kind kind, unsigned lock, enum hold_mode mode, unsigned site)
{
	struct thread *t = &threads[who];

	t->holds[t->hold_count++] = (struct hold){
		.object = &script_locks[lock],
		.site = &code[site],
		.step = step,
		.family = kind == OP_RWLOCK_RDLOCK || kind == OP_RWLOCK_WRLOCK ? FAMILY_RWLOCK
									       : FAMILY_MUTEX,
		.mode = (uint8_t)mode,
		.depth = 1,
	};
	perform(who, kind, &script_locks[lock], 0);
}

void take(unsigned who, unsigned lock)
{
	take_at(who, OP_MUTEX_LOCK, lock, HOLD_EXCLUSIVE, 8 * who + lock % 8);
}

void give(unsigned who, unsigned lock)
{
	struct thread *t = &threads[who];

	for (uint32_t i = 0; i < t->hold_count; i++)
		if (t->holds[i].object == &script_locks[lock])
			t->holds[i] = t->holds[--t->hold_count];
	perform(who, OP_MUTEX_UNLOCK, &script_locks[lock], 0);
}

void nest(unsigned who, unsigned outer, unsigned inner)
{
	take(who, outer), take(who, inner);
	give(who, inner), give(who, outer);
}

void create(unsigned who, unsigned whom)
{
	perform(who, OP_THREAD_CREATE, NULL, whom);
}

void join(unsigned who, unsigned whom)
{
	perform(who, OP_THREAD_JOIN, NULL, whom);
}

void set_deadline(unsigned who, uint64_t deadline_ns)
{
	threads[who].op.deadline_ns = deadline_ns;
}
