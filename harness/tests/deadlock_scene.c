/* SPDX-License-Identifier: Apache-2.0 */
/* The little world in which scenes are played. */
#include "deadlock_scene.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct thread threads[SCENE_THREADS];
static const struct thread *by_number[SCENE_THREADS];
static struct event_log event_log;
static char
	objects[2][32]; /* two layouts of the program's objects, equal in nothing but their order */
static char code[4096];
static unsigned layout;
static unsigned number_of[SCENE_THREADS]; /* the thread that a scene calls n has this number; main
					     stays 0 */
static uint32_t step;
static process_id processes; /* that were forked */

struct thread *thread(unsigned name)
{
	return &threads[number_of[name]];
}

static void *object(unsigned name)
{
	return name == FD ? (void *)(uintptr_t)7 : (void *)&objects[layout][name];
}

/* One place in the code per line of a scene's making: named by thread and what is done, never by
 * number. */
void *place(unsigned n)
{
	return &code[n];
}

static void begin(void)
{
	memset(threads, 0, sizeof(threads));
	event_log_reset(&event_log);
	step = 0;
	processes = 0;
	for (unsigned i = 0; i < SCENE_THREADS; i++) {
		struct thread *t = &threads[number_of[i]];

		by_number[i] = &threads[i];
		t->id = (thread_id)number_of[i];
		t->joiner = THREAD_NONE;
		t->handle = 0x1000 + number_of[i];
		t->status = i == MAIN ? THREAD_READY : THREAD_UNUSED;
	}
}

void event(unsigned who, enum op_kind kind, unsigned what, uint32_t aux)
{
	*event_log_append(&event_log) = (struct event){
		.step = step++,
		.thread = thread(who)->id,
		.kind = (uint16_t)kind,
		.object = (uint64_t)(uintptr_t)object(what),
		.site = (uint64_t)(uintptr_t)place(kind + 100),
		.aux = aux,
	};
}

void event_at(unsigned who, enum op_kind kind, unsigned what, unsigned where)
{
	event(who, kind, what, 0);
	event_log.events[event_log.count - 1].site = (uint64_t)(uintptr_t)place(where);
}

void start(unsigned who)
{
	thread(who)->status = THREAD_READY;
	thread(who)->create_site = place(1);
	event(who, OP_THREAD_START, M1, 0);
}

void takes_in_mode(unsigned who, enum op_kind kind, unsigned what, enum op_family family,
		   enum hold_mode mode)
{
	struct thread *t = thread(who);

	t->holds[t->hold_count++] = (struct hold){
		.object = object(what),
		.site = place(200 + kind),
		.step = step,
		.family = (uint8_t)family,
		.mode = (uint8_t)mode,
		.depth = 1,
	};
	event(who, kind, what, 0);
}

void takes(unsigned who, unsigned what)
{
	takes_in_mode(who, OP_MUTEX_LOCK, what, FAMILY_MUTEX, HOLD_EXCLUSIVE);
}

void reads(unsigned who, unsigned what)
{
	takes_in_mode(who, OP_RWLOCK_RDLOCK, what, FAMILY_RWLOCK, HOLD_SHARED);
}

static void drop_hold(unsigned who, unsigned what)
{
	struct thread *t = thread(who);

	for (uint32_t i = 0; i < t->hold_count; i++)
		if (t->holds[i].object == object(what))
			t->holds[i] = t->holds[--t->hold_count];
}

void gives_back(unsigned who, unsigned what)
{
	drop_hold(who, what);
	event(who, OP_MUTEX_UNLOCK, what, 0);
}

void wants(unsigned who, enum op_kind kind, unsigned what)
{
	struct thread *t = thread(who);

	t->status = THREAD_BLOCKED;
	t->op.kind = (uint16_t)kind;
	t->op.object = object(what);
	t->op.site = place(300 + kind);
	t->wait_object = object(what);
}

void joins(unsigned who, unsigned whom)
{
	wants(who, OP_THREAD_JOIN, M1);
	thread(who)->op.object = thread(whom);
	thread(who)->wait_object = thread(whom);
	thread(whom)->joiner = thread(who)->id;
}

/* The mutex of @cond_name is given up and the wait logged as a stage. */
void waits(unsigned who, unsigned cond, unsigned mutex)
{
	drop_hold(who, mutex);
	event(who, OP_COND_WAIT, cond, EVENT_AUX_STAGE);
	event_log.events[event_log.count - 1].object2 = (uint64_t)(uintptr_t)object(mutex);
	wants(who, OP_COND_WAIT, cond);
	thread(who)->op.object2 = object(mutex);
}

void is_woken(unsigned who, unsigned cond, unsigned mutex)
{
	event(who, OP_COND_WAIT, cond, 0);
	event_log.events[event_log.count - 1].object2 = (uint64_t)(uintptr_t)object(mutex);
}

/* It was woken and now stands before the mutex. */
void wants_back(unsigned who, unsigned cond, unsigned mutex)
{
	wants(who, OP_COND_WAIT, cond);
	thread(who)->op.object2 = object(mutex);
	thread(who)->wait_object = object(mutex);
}

void signals(unsigned who, enum op_kind kind, unsigned cond, uint32_t waiters, uint32_t woken)
{
	event(who, kind, cond, waiters << 16 | woken);
}

void ends(unsigned who)
{
	event(who, OP_THREAD_EXIT, M1, 0);
	thread(who)->status = THREAD_FINISHED;
}

void forks(unsigned who, unsigned child)
{
	event(who, OP_FORK, M1, thread(child)->id);
	thread(child)->status = THREAD_READY;
	thread(child)->create_site = place(2);
	thread(child)->creator = thread(who)->id;
	thread(child)->process = ++processes;
}

/* The next permutation of the numbers 1..SCENE_THREADS-1; main stays. */
static bool next_numbering(void)
{
	unsigned i = SCENE_THREADS - 1, j = SCENE_THREADS - 1, t;

	while (i > 1 && number_of[i - 1] >= number_of[i])
		i--;
	if (i <= 1)
		return false;
	while (number_of[j] <= number_of[i - 1])
		j--;
	t = number_of[i - 1], number_of[i - 1] = number_of[j], number_of[j] = t;
	for (j = SCENE_THREADS - 1; i < j; i++, j--)
		t = number_of[i], number_of[i] = number_of[j], number_of[j] = t;
	return true;
}

static void number_plainly(void)
{
	for (unsigned i = 0; i < SCENE_THREADS; i++)
		number_of[i] = i;
	layout = 0;
}

bool scene_classify_again(place_fn places, struct finding *out)
{
	return deadlock_classify(by_number, SCENE_THREADS, &event_log, places, out);
}

bool scene_classify(void (*play)(void), place_fn places, struct finding *out)
{
	number_plainly();
	begin();
	play();
	return scene_classify_again(places, out);
}

void scene_check_cause(const struct scene *scene)
{
	struct finding found;

	ck_assert(scene_classify(scene->play, NULL, &found));
	ck_assert_str_eq(finding_cause_name(found.cause), finding_cause_name(scene->cause));
	ck_assert_uint_eq(found.kind, FINDING_DEADLOCK);
	ck_assert_uint_eq(found.severity, SEVERITY_ERROR);
	ck_assert_uint_eq(found.step, step);
	ck_assert_uint_ge(found.site_count, 1);
	ck_assert_uint_eq(found.sites[0].role, scene->first);
	if (found.site_count > 1)
		ck_assert_uint_eq(found.sites[1].role, scene->second);
}

void scene_check_numbering(const struct scene *scene)
{
	struct finding plain, other;
	unsigned tried = 0;

	scene_classify(scene->play, NULL, &plain);
	do {
		layout = ++tried & 1;
		begin();
		scene->play();
		for (unsigned i = 0; i < SCENE_THREADS; i++)
			snprintf(threads[i].name, sizeof(threads[i].name), "t%u", tried + i);
		scene_classify_again(NULL, &other);
		ck_assert_str_eq(finding_cause_name(other.cause), finding_cause_name(plain.cause));
		ck_assert_msg(other.key == plain.key, "the key depends on the numbering");
	} while (next_numbering());
	ck_assert_uint_eq(tried, 120);
}
