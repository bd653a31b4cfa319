/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ready set, waiter lists and virtual time.
 *
 * The ready set is a dense array with each thread's place in it, so that adding, removing and a
 * uniform pick are O(1). Waiters of all objects share WORLD_BUCKETS lists, hashed by address; a
 * list is in order of arrival, so the waiters of one object within it are, too. A bit for each that
 * was used saves emptying the others between schedules.
 */
#include "model/world.h"

#include <stddef.h>

#include "base/insist.h"

process_id world_process;
void *(*world_keys)(const void *object);
void *(*world_places)(const void *key);

static inline bool waits_at(const struct thread *t, const void *key)
{
	return object_same(t->wait_object, t->process, key, world_process);
}

_Static_assert(WORLD_BUCKETS <= 64, "a bit for each in buckets_used");

static unsigned bucket_number(const void *object)
{
	uint64_t address = (uintptr_t)object;

	address ^= address >> 12;
	return (address >> 3) & (WORLD_BUCKETS - 1);
}

static struct list *bucket_of(const struct world *w, const void *object)
{
	return (struct list *)(uintptr_t)&w->buckets[bucket_number(object)];
}

static void bucket_add(struct world *w, const void *object, struct thread *t)
{
	const unsigned number = bucket_number(object);

	w->buckets_used |= 1ULL << number;
	list_add_tail(&w->buckets[number], &t->wait_link);
}

static void restart(struct world *w)
{
	w->now_ns = 0;
	w->step = 0;
	w->thread_count = 0;
	w->alive_count = 0;
	w->ready_count = 0;
	w->wait_serial = 0;
	w->event_aux = 0;
	list_init(&w->timers);
	w->buckets_used = 0;
}

void world_init(struct world *w, const struct world_ops *ops)
{
	restart(w);
	w->ops = ops;
	for (unsigned i = 0; i < WORLD_BUCKETS; i++)
		list_init(&w->buckets[i]);
}

void world_restart(struct world *w)
{
	for (uint64_t used = w->buckets_used; used; used &= used - 1)
		list_init(&w->buckets[__builtin_ctzll(used)]);
	restart(w);
}

static void ready_add(struct world *w, struct thread *t)
{
	t->ready_index = (int32_t)w->ready_count;
	w->ready[w->ready_count++] = t->id;
	w->gates[w->ready_count] = t->gate;
	t->status = THREAD_READY;
}

static void ready_remove(struct world *w, struct thread *t)
{
	const thread_id last = w->ready[--w->ready_count];

	insist(t->ready_index >= 0);
	w->ready[t->ready_index] = last;
	w->gates[t->ready_index + 1] = w->threads[last]->gate;
	w->threads[last]->ready_index = t->ready_index;
	t->ready_index = -1;
}

void world_add(struct world *w, struct thread *t)
{
	insist(w->thread_count < THREADS_MAX);
	t->id = (thread_id)w->thread_count;
	w->threads[w->thread_count++] = t;
	w->alive_count++;
	t->wait_object = NULL;
	list_init(&t->wait_link);
	list_init(&t->timer_link);
	ready_add(w, t);
}

void world_finish(struct world *w, struct thread *t)
{
	if (t->ready_index >= 0)
		ready_remove(w, t);
	list_remove(&t->wait_link);
	list_remove(&t->timer_link);
	t->wait_object = NULL;
	t->status = THREAD_FINISHED;
	w->alive_count--;
}

static void timer_add(struct world *w, struct thread *t)
{
	struct list *at = w->timers.prev;

	while (at != &w->timers &&
	       list_entry(at, struct thread, timer_link)->op.deadline_ns > t->op.deadline_ns)
		at = at->prev;
	list_insert_between(&t->timer_link, at, at->next);
}

void world_block(struct world *w, struct thread *t, void *object)
{
	insist(t->status == THREAD_READY);
	ready_remove(w, t);
	t->status = THREAD_BLOCKED;
	object = world_key(object);
	t->wait_object = object;
	t->wait_order = w->wait_serial++;
	if (object)
		bucket_add(w, object, t);
	if (t->op.deadline_ns != OP_NO_DEADLINE)
		timer_add(w, t);
}

void world_wake(struct world *w, struct thread *t)
{
	if (t->status != THREAD_BLOCKED)
		return;
	list_remove(&t->wait_link);
	list_remove(&t->timer_link);
	t->wait_object = NULL;
	ready_add(w, t);
}

unsigned world_wake_all(struct world *w, const void *object)
{
	const void *key = world_key(object);
	struct list *bucket = bucket_of(w, key);
	struct thread *t, *next;
	unsigned woken = 0;

	list_for_each_entry_safe(t, next, bucket, wait_link)
		if (waits_at(t, key)) {
			world_wake(w, t);
			woken++;
		}
	return woken;
}

unsigned world_waiter_count(const struct world *w, const void *object)
{
	const void *key = world_key(object);
	const struct list *bucket = bucket_of(w, key);
	const struct thread *t;
	unsigned count = 0;

	list_for_each_entry(t, bucket, wait_link)
		count += waits_at(t, key);
	return count;
}

struct thread *world_waiter_at(const struct world *w, const void *object, unsigned n)
{
	const void *key = world_key(object);
	struct list *bucket = bucket_of(w, key);
	struct thread *t;

	list_for_each_entry(t, bucket, wait_link)
		if (waits_at(t, key) && n-- == 0)
			return t;
	return NULL;
}

void world_requeue(struct world *w, struct thread *t, void *object)
{
	insist(t->status == THREAD_BLOCKED);
	list_remove(&t->wait_link);
	object = world_key(object);
	t->wait_object = object;
	bucket_add(w, object, t);
}

void world_advance_to(struct world *w, uint64_t at_ns)
{
	if (at_ns > w->now_ns)
		w->now_ns = at_ns;
	while (!list_empty(&w->timers)) {
		struct thread *t = list_entry(w->timers.next, struct thread, timer_link);

		if (t->op.deadline_ns > w->now_ns)
			break;
		t->op.flags |= OP_TIMED_OUT;
		world_wake(w, t);
	}
}

bool world_advance(struct world *w)
{
	if (list_empty(&w->timers))
		return false;
	world_advance_to(w, list_entry(w->timers.next, struct thread, timer_link)->op.deadline_ns);
	return true;
}

void hold_push(struct thread *t, void *object, void *site, uint32_t step, enum op_family family,
	       enum hold_mode mode)
{
	struct hold *h = hold_find(t, object);

	if (h) {
		h->depth++;
		return;
	}
	if (t->hold_count == HOLDS_MAX) {
		t->holds_lost++;
		return;
	}
	h = &t->holds[t->hold_count++];
	h->object = world_key(object);
	h->site = site;
	h->step = step;
	h->family = (uint8_t)family;
	h->mode = (uint8_t)mode;
	h->depth = 1;
	h->robust = 0;
}

struct hold *hold_find(struct thread *t, const void *object)
{
	const void *key = world_key(object);

	/* One that is not process-shared goes by its address, wherever it lies (mutex.c): where
	 * processes share it, the place within the page is what both have. */
	for (uint32_t i = t->hold_count; i-- > 0;)
		if (object_same(t->holds[i].object, t->process, key, world_process) ||
		    object_same(t->holds[i].object, t->process, object, world_process) ||
		    (t->process != world_process && object_is_shared(key) &&
		     !object_is_shared(t->holds[i].object) &&
		     (((uintptr_t)t->holds[i].object ^ (uintptr_t)object) & 0xfff) == 0))
			return &t->holds[i];
	return NULL;
}

bool hold_pop(struct thread *t, const void *object)
{
	struct hold *h = hold_find(t, object);

	if (!h)
		return false;
	if (--h->depth > 0)
		return true;
	t->hold_count--;
	for (struct hold *last = &t->holds[t->hold_count]; h < last; h++)
		*h = h[1];
	return true;
}

struct thread *hold_owner(const struct world *w, const void *object)
{
	for (uint32_t i = 0; i < w->thread_count; i++)
		if (hold_find(w->threads[i], object))
			return w->threads[i];
	return NULL;
}
