/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory orders. The clock of an atomic object is what a load that reads its present value learns
 * if it acquires: that of the release sequence which the value belongs to.
 *
 * One thread runs at a time, so modification order is the order of execution. A load reads the
 * latest store unless pending.h says another one.
 */
#include "detect/race_parts.h"

static bool acquires(int order)
{
	return order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;
}

static bool releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

/* The thread read what the clock belongs to. */
void race_atomic_load_of(struct race *race, thread_id thread, const struct vclock *clock, int order)
{
	struct race_thread *t = &race->threads[thread];

	if (clock->count == 0)
		return;
	if (acquires(order))
		race_take_in(race, thread, clock);
	else
		race_must(race, vclock_join(&t->loaded, clock, &race->arena));
}

void race_atomic_load(struct race *race, thread_id thread, uint64_t object, int order)
{
	const struct race_sync *sync = race_sync_find(race, object);

	if (sync)
		race_atomic_load_of(race, thread, &sync->clock, order);
}

void race_atomic_store(struct race *race, thread_id thread, uint64_t object, int order)
{
	const struct race_thread *t = &race->threads[thread];
	struct race_sync *sync;

	if (releases(order)) {
		race_release_store(race, thread, object);
		return;
	}
	if (t->fenced.count == 0) {
		sync = race_sync_find(race, object);
		if (sync && !(sync->heads & race_head(thread)))
			race_forget(race, object);
		return;
	}
	sync = race_sync_get(race, object);
	if (!sync)
		return;
	if (sync->heads & race_head(thread))
		race_must(race, vclock_join(&sync->clock, &t->fenced, &race->arena));
	else
		race_must(race, vclock_copy(&sync->clock, &t->fenced, &race->arena));
	sync->heads = race_head(thread);
}

void race_atomic_update(struct race *race, thread_id thread, uint64_t object, int order)
{
	const struct race_thread *t = &race->threads[thread];
	const struct race_sync *read = race_sync_find(race, object);
	struct race_sync *sync;

	if (read)
		race_atomic_load_of(race, thread, &read->clock, order);
	if (!releases(order) && t->fenced.count == 0)
		return;
	sync = race_sync_get(race, object);
	if (!sync)
		return;
	/* The value belongs to the sequences of all that came before it, and to one that it heads.
	 */
	race_must(race, vclock_join(&sync->clock, releases(order) ? &t->clock : &t->fenced,
				    &race->arena));
	sync->heads |= race_head(thread);
	if (releases(order))
		race_end_epoch(race, thread);
}

void race_fence(struct race *race, thread_id thread, int order)
{
	struct race_thread *t = &race->threads[thread];

	if (acquires(order))
		race_take_in(race, thread, &t->loaded);
	if (releases(order)) {
		race_must(race, vclock_copy(&t->fenced, &t->clock, &race->arena));
		race_end_epoch(race, thread);
	}
}
