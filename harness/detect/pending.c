/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/pending.h"

#include <stddef.h>

#include "detect/race_parts.h"

void pending_begin(struct pending *pending)
{
	for (uint32_t i = 0; i < pending->used; i++)
		pending->stores[i].before = (struct vclock){ .at = NULL };
	pending->count = 0;
	pending->used = 0;
}

static bool overlaps(const struct pending_store *store, uint64_t object, uint64_t size)
{
	return store->object < object + size && object < store->object + store->size;
}

static bool is_of(const struct pending_store *store, uint64_t object, unsigned size)
{
	return store->object == object && store->size == size;
}

/* Does the thread know of it, by its own doing or by synchronisation? */
static bool is_known(const struct pending_store *store, const struct race *race, thread_id thread)
{
	return store->thread == thread ||
	       vclock_get(&race->threads[thread].clock, store->thread) >= store->epoch;
}

/* Takes out those that are marked, by a size of 0. Their clocks keep their memory for later. */
static void sweep(struct pending *pending)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < pending->count; i++) {
		const struct pending_store store = pending->stores[i];

		if (!store.size)
			continue;
		pending->stores[i] = pending->stores[kept];
		pending->stores[kept++] = store;
	}
	pending->count = kept;
}

/* The store in that place is visible to all, and with it all before it to the same object. Marks
 * them. */
static void show(struct pending *pending, uint32_t place)
{
	const struct pending_store store = pending->stores[place];

	for (uint32_t i = 0; i <= place; i++)
		if (overlaps(&pending->stores[i], store.object, store.size))
			pending->stores[i].size = 0;
}

void pending_overwritten(struct pending *pending, uint64_t object, uint64_t size)
{
	for (uint32_t i = 0; i < pending->count; i++)
		if (overlaps(&pending->stores[i], object, size))
			pending->stores[i].size = 0;
	sweep(pending);
}

/* What was stored since by others than these is not known: memory holds another value. */
static void forget_if_stale(struct pending *pending, uint64_t object, unsigned size, uint64_t value)
{
	bool holds = true;

	for (uint32_t i = 0; i < pending->count; i++)
		if (overlaps(&pending->stores[i], object, size))
			holds = is_of(&pending->stores[i], object, size) &&
				pending->stores[i].value == value;
	if (!holds)
		pending_overwritten(pending, object, size);
}

void pending_store(struct pending *pending, struct race *race, thread_id thread, uint64_t object,
		   unsigned size, uint64_t old, uint64_t value)
{
	const struct race_sync *sync = race_sync_find(race, object);
	struct pending_store *store;
	struct vclock before;

	forget_if_stale(pending, object, size, old);
	if (old == value || race->blind) {
		pending_overwritten(pending, object, size);
		return;
	}
	if (pending->count == PENDING_MAX) {
		show(pending, 0);
		sweep(pending);
	}
	store = &pending->stores[pending->count++];
	if (pending->used < pending->count)
		pending->used = pending->count;
	before = store->before;
	vclock_clear(&before);
	if (sync)
		race_must(race, vclock_copy(&before, &sync->clock, &race->arena));
	*store = (struct pending_store){ .object = object,
					 .old = old,
					 .value = value,
					 .before = before,
					 .epoch = race_epoch(race, thread),
					 .thread = thread,
					 .size = (uint8_t)size };
}

void pending_look(struct pending *pending, const struct race *race, thread_id thread,
		  uint64_t object, unsigned size, uint64_t value, struct pending_choice *choice)
{
	uint32_t last = PENDING_MAX;

	choice->count = 0;
	forget_if_stale(pending, object, size, value);
	for (uint32_t i = 0; i < pending->count; i++) {
		const struct pending_store *store = &pending->stores[i];

		if (!is_of(store, object, size))
			continue;
		last = i;
		if (is_known(store, race, thread) || store->passed == PENDING_PASSES)
			choice->count = 0;
		else
			choice->places[choice->count++] = (uint8_t)i;
	}
	if (race->blind)
		choice->count = 0;
	if (last < PENDING_MAX && choice->count == 0 && pending->stores[last].thread != thread)
		pending_overwritten(pending, object, size);
}

const struct pending_store *pending_load(struct pending *pending, thread_id thread,
					 const struct pending_choice *choice, uint32_t few)
{
	const uint32_t latest = choice->places[choice->count - 1];
	uint32_t place = latest;
	uint32_t before = PENDING_MAX;

	if (few == 0) {
		show(pending, latest);
		sweep(pending);
		return NULL;
	}
	for (uint32_t i = choice->count - few; i < choice->count; i++)
		pending->stores[choice->places[i]].passed++;
	place = choice->places[choice->count - few];
	for (uint32_t i = 0; i < place; i++)
		if (pending->stores[i].object == pending->stores[place].object)
			before = i;
	if (before < PENDING_MAX && pending->stores[before].thread != thread) {
		show(pending, before);
		for (uint32_t i = 0, end = place; i < end; i++)
			place -= pending->stores[i].size == 0;
		sweep(pending);
	}
	return &pending->stores[place];
}

void pending_publish(struct pending *pending, const struct race *race, thread_id thread)
{
	for (uint32_t i = pending->count; i-- > 0;)
		if (pending->stores[i].size && is_known(&pending->stores[i], race, thread))
			show(pending, i);
	sweep(pending);
}
