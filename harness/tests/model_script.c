/* SPDX-License-Identifier: Apache-2.0 */
#include "model_script.h"

#include <stdio.h>
#include <string.h>

struct world script_world;
struct thread script_threads[SCRIPT_THREADS];
unsigned script_misuses;
uint32_t (*script_choose)(enum choice_kind kind, uint32_t bound);

/* What the model did besides returning. */
static struct {
	enum finding_cause cause;
	const void *object;
	thread_id other;
	uint32_t other_step;
	unsigned told;
	unsigned bound;
	unsigned asked;
} seen;
static const struct line *now;
static bool busy[SCRIPT_THREADS]; /* in an operation that is not done */

static uint32_t choose_value(struct world *w, enum choice_kind kind, uint32_t bound)
{
	(void)w;
	ck_assert_uint_ge(bound, 2);
	if (!now)
		return script_choose ? script_choose(kind, bound) : 0;
	seen.asked++;
	seen.bound = bound;
	return now->choose;
}

static void misuse(struct world *w, const struct thread *by, enum finding_cause cause,
		   const void *object, thread_id other, const void *other_site, uint32_t other_step)
{
	(void)w;
	ck_assert_ptr_nonnull(by);
	script_misuses++;
	seen.told++;
	seen.cause = cause;
	seen.object = object;
	seen.other = other;
	seen.other_step = other_step;
	if (other != THREAD_NONE)
		ck_assert_ptr_nonnull(other_site);
}

static const struct world_ops ops = { .choose_value = choose_value, .misuse = misuse };

void script_begin(void)
{
	memset(&script_world, 0, sizeof(script_world));
	memset(script_threads, 0, sizeof(script_threads));
	memset(busy, 0, sizeof(busy));
	now = NULL;
	script_misuses = 0;
	script_choose = NULL;
	world_init(&script_world, &ops);
	for (int i = 0; i < SCRIPT_THREADS; i++)
		world_add(&script_world, &script_threads[i]);
}

struct op *script_publish(int thread, enum op_kind kind, void *object)
{
	struct op *op = &script_threads[thread].op;

	*op = (struct op){ .kind = (uint16_t)kind,
			   .object = object,
			   .deadline_ns = OP_NO_DEADLINE };
	/* Any address that tells the threads apart. */
	op->site = &script_threads[thread];
	return op;
}

enum model_step script_perform(int thread)
{
	struct thread *t = &script_threads[thread];
	enum model_step step;

	script_world.event_aux = 0;
	step = model_table[t->op.kind](&script_world, t);
	if (step != MODEL_BLOCKED)
		script_world.step++;
	return step;
}

static void publish(const struct line *line)
{
	struct op *op = script_publish(line->thread, line->kind, line->object);

	op->object2 = line->object2;
	memcpy(op->args, line->args, sizeof(line->args));
	op->flags = line->flags;
	op->phase = line->phase;
	if (line->deadline_ns)
		op->deadline_ns = line->deadline_ns;
}

static void check_misuse(const struct line *line, const char *where)
{
	if (line->misuse == CAUSE_NONE) {
		ck_assert_msg(seen.told == 0, "%s: told %s", where, finding_cause_name(seen.cause));
		return;
	}
	ck_assert_msg(seen.told == 1 && seen.cause == line->misuse, "%s: told %u times, last %s",
		      where, seen.told, seen.told ? finding_cause_name(seen.cause) : "nothing");
	if (line->other == 0) {
		ck_assert_msg(seen.other == THREAD_NONE, "%s: names T%u", where, seen.other);
		return;
	}
	ck_assert_msg(seen.other == line->other - 1 && seen.other_step == line->other_step,
		      "%s: names T%u at step %u", where, seen.other, seen.other_step);
}

static void check_ready(const struct line *line, const char *where)
{
	char ready[SCRIPT_THREADS + 1], *end = ready;

	/* Only those that the script uses: everybody below the highest thread that is named or
	 * busy. */
	for (int i = 0; i < SCRIPT_THREADS; i++)
		if (script_threads[i].status == THREAD_READY &&
		    (busy[i] || strchr(line->ready, '0' + i)))
			*end++ = (char)('0' + i);
	*end = '\0';
	ck_assert_msg(strcmp(ready, line->ready) == 0, "%s: ready are \"%s\"", where, ready);
}

static void play_operation(const struct line *line, const char *where)
{
	struct thread *t = &script_threads[line->thread];
	enum model_step step;

	ck_assert_msg(t->status == THREAD_READY, "%s: T%d is not ready", where, line->thread);
	ck_assert_msg((line->kind == OP_NONE) == busy[line->thread], "%s: T%d is %s an operation",
		      where, line->thread, busy[line->thread] ? "in" : "not in");
	if (line->kind != OP_NONE)
		publish(line);
	t->op.flags |= line->raise;
	t->result = -12345;
	step = script_perform(line->thread);
	ck_assert_msg(step == line->step, "%s: step %d, result %ld", where, step, t->result);
	ck_assert_msg((step == MODEL_BLOCKED) <= (t->status == THREAD_BLOCKED),
		      "%s: says blocked, is not", where);
	if (step == MODEL_DONE)
		ck_assert_msg(t->result == line->result, "%s: result %ld", where, t->result);
	busy[line->thread] = step != MODEL_DONE;
	ck_assert_msg(seen.bound == line->bound, "%s: asked for a value below %u", where,
		      seen.bound);
	if (line->compare_aux)
		ck_assert_msg(script_world.event_aux == line->aux, "%s: aux 0x%x", where,
			      script_world.event_aux);
}

void script_play(const struct line *lines, size_t count, const char *file, int at)
{
	char where[256];

	for (size_t i = 0; i < count; i++) {
		now = &lines[i];
		snprintf(where, sizeof(where), "%s:%d, line %zu of the script (T%d %s)", file, at,
			 i + 1, now->thread, op_kind_name(now->kind));
		memset(&seen, 0, sizeof(seen));
		if (now->advance) {
			ck_assert_msg(world_advance(&script_world), "%s: no deadline", where);
		} else if (now->exits) {
			model_thread_exited(&script_world, &script_threads[now->thread]);
			world_finish(&script_world, &script_threads[now->thread]);
		} else {
			play_operation(now, where);
		}
		check_misuse(now, where);
		if (now->ready)
			check_ready(now, where);
	}
	now = NULL;
}
