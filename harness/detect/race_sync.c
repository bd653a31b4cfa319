/* SPDX-License-Identifier: Apache-2.0 */
/* What happens before what: releases, acquires, threads. Atomics are race_atomic.c's. */
#include "detect/race_parts.h"

static void blind(struct race *race)
{
	race->blind = true;
}

void race_must(struct race *race, bool had_room)
{
	if (!had_room)
		blind(race);
}

void race_new_epoch(struct race *race, thread_id thread)
{
	struct race_thread *t = &race->threads[thread];

	if (race->next >= RACE_EPOCHS) {
		blind(race);
		return;
	}
	t->epoch = race->next++;
	t->accessed = false;
	t->published = false;
	race->owners[t->epoch] = thread;
	race_must(race, vclock_grow(&t->clock, (uint32_t)thread + 1, &race->arena));
	if (!race->blind)
		t->clock.at[thread] = t->epoch;
}

/* What was released is over: later accesses must not look as if they belonged to it. Epochs are
 * scarce, so one in which nothing was accessed goes on until something is. */
void race_end_epoch(struct race *race, thread_id thread)
{
	if (race->threads[thread].accessed)
		race_new_epoch(race, thread);
	else
		race->threads[thread].published = true;
}

struct race_sync *race_sync_find(const struct race *race, uint64_t object)
{
	const uint64_t *number = map_get(&race->index, object);

	return number ? &race->syncs[*number] : NULL;
}

struct race_sync *race_sync_get(struct race *race, uint64_t object)
{
	bool fresh = false;
	uint64_t *number;
	struct race_sync *sync;

	number = map_put(&race->index, object, &fresh);
	if (!number) {
		blind(race);
		return NULL;
	}
	if (fresh) {
		*number = race->sync_count++;
		sync = &race->syncs[*number];
		*sync = (struct race_sync){ .writer = THREAD_NONE };
	}
	return &race->syncs[*number];
}

void race_thread_begin(struct race *race, thread_id thread, thread_id creator)
{
	struct race_thread *t = &race->threads[thread];

	*t = (struct race_thread){ .accessed = false };
	if (thread >= race->thread_count)
		race->thread_count = (uint32_t)thread + 1;
	if (creator != THREAD_NONE) {
		race_must(race,
			  vclock_copy(&t->clock, &race->threads[creator].clock, &race->arena));
		race_end_epoch(race, creator);
	}
	race_new_epoch(race, thread);
}

void race_thread_join(struct race *race, thread_id thread, thread_id ended)
{
	race_must(race, vclock_join(&race->threads[thread].clock, &race->threads[ended].clock,
				    &race->arena));
}

void race_take_in(struct race *race, thread_id thread, const struct vclock *clock)
{
	race_must(race, vclock_join(&race->threads[thread].clock, clock, &race->arena));
}

void race_acquire(struct race *race, thread_id thread, uint64_t object)
{
	const struct race_sync *sync = race_sync_find(race, object);

	if (sync)
		race_take_in(race, thread, &sync->clock);
}

void race_release(struct race *race, thread_id thread, uint64_t object)
{
	struct race_sync *sync = race_sync_get(race, object);

	if (!sync)
		return;
	race_must(race, vclock_join(&sync->clock, &race->threads[thread].clock, &race->arena));
	race_end_epoch(race, thread);
}

void race_release_store(struct race *race, thread_id thread, uint64_t object)
{
	struct race_sync *sync = race_sync_get(race, object);

	if (!sync)
		return;
	race_must(race, vclock_copy(&sync->clock, &race->threads[thread].clock, &race->arena));
	sync->heads = race_head(thread);
	race_end_epoch(race, thread);
}

void race_forget(struct race *race, uint64_t object)
{
	struct race_sync *sync = race_sync_find(race, object);

	if (!sync)
		return;
	vclock_clear(&sync->clock);
	vclock_clear(&sync->readers);
	sync->heads = 0;
}

void race_write_locked(struct race *race, thread_id thread, uint64_t object)
{
	struct race_sync *sync = race_sync_get(race, object);

	if (!sync)
		return;
	race_take_in(race, thread, &sync->clock);
	race_take_in(race, thread, &sync->readers);
	sync->writer = thread;
}

void race_read_locked(struct race *race, thread_id thread, uint64_t object)
{
	race_acquire(race, thread, object);
}

void race_rw_unlocked(struct race *race, thread_id thread, uint64_t object)
{
	struct race_sync *sync = race_sync_get(race, object);
	const struct vclock *mine = &race->threads[thread].clock;

	if (!sync)
		return;
	if (sync->writer == thread) {
		race_must(race, vclock_copy(&sync->clock, mine, &race->arena));
		vclock_clear(&sync->readers);
		sync->writer = THREAD_NONE;
	} else {
		race_must(race, vclock_join(&sync->readers, mine, &race->arena));
	}
	race_end_epoch(race, thread);
}
