/* SPDX-License-Identifier: Apache-2.0 */
/* Epochs and cells; what happens before what is race_sync.c's. */
#include "detect/race_parts.h"

#include <stddef.h>

/* So many epochs must be left for a schedule to begin: a long one shall not run out in its middle.
 */
#define EPOCHS_SPARE (RACE_EPOCHS / 4)

size_t race_memory(void)
{
	return RACE_EPOCHS * sizeof(thread_id) + RACE_SYNCS_MAX * sizeof(struct race_sync) +
	       map_memory(RACE_SYNCS_MAX) + 64;
}

bool race_init(struct race *race, const struct arena *arena)
{
	void *index;

	race->arena = *arena;
	race->next = 1;
	race->base = 1;
	race->thread_count = 0;
	race->sync_count = 0;
	race->blind = false;
	race->owners = arena_alloc(&race->arena, RACE_EPOCHS * sizeof(thread_id), 8);
	race->syncs = arena_alloc(&race->arena, RACE_SYNCS_MAX * sizeof(struct race_sync), 8);
	index = arena_alloc(&race->arena, map_memory(RACE_SYNCS_MAX), 8);
	if (!race->owners || !race->syncs || !index)
		return false;
	map_init(&race->index, index, RACE_SYNCS_MAX);
	race->arena.base += race->arena.used;
	race->arena.size -= race->arena.used;
	race->arena.used = 0;
	return true;
}

bool race_begin(struct race *race)
{
	const bool anew = race->next >= RACE_EPOCHS - EPOCHS_SPARE;

	if (race->blind)
		race->blinded++;
	race->blind = false;
	race->thread_count = 0;
	race->sync_count = 0;
	map_clear(&race->index);
	arena_release(&race->arena, 0);
	if (anew)
		race->next = 1;
	race->base = race->next;
	return anew;
}

/* What a living cell remembers of another thread: does it happen before what @t does now? */
static inline bool happens_before(const struct race_thread *t, uint32_t epoch, thread_id owner)
{
	return vclock_get(&t->clock, owner) >= epoch;
}

/* Two accesses that touch a common byte: may they be unordered? */
static inline bool compatible(uint32_t a, uint32_t b)
{
	return !((a | b) & RACE_WRITE) || (a & b & RACE_ATOMIC);
}

static struct race_conflict conflict_of(race_cell cell, thread_id owner)
{
	return (struct race_conflict){
		.pc = (uint32_t)(cell >> 32),
		.thread = owner,
		.write = (cell & RACE_WRITE) != 0,
		.atomic = (cell & RACE_ATOMIC) != 0,
		.freed = (cell & RACE_BYTES) == 0,
		.bytes = (uint8_t)(cell & RACE_BYTES),
	};
}

/* Once @access is remembered, does anybody still need @cell, which is ordered before it? */
static inline bool superseded(uint32_t cell, uint32_t access)
{
	const bool covered = (cell & RACE_BYTES & ~access) == 0;
	const bool stronger = (access & RACE_WRITE) || !(cell & RACE_WRITE);

	return covered && stronger && (access & RACE_ATOMIC) <= (cell & RACE_ATOMIC);
}

unsigned race_access(struct race *race, thread_id thread, race_cell *cells, uint32_t access,
		     uint32_t pc, struct race_conflict conflicts[RACE_CELLS])
{
	struct race_thread *t = &race->threads[thread];
	unsigned found = 0, place = RACE_CELLS, oldest = 0;
	bool kept = false;

	if (t->published)
		race_new_epoch(race, thread);
	if (race->blind)
		return 0;
	for (unsigned i = 0; i < RACE_CELLS; i++) {
		const uint32_t cell = (uint32_t)cells[i];
		const uint32_t epoch = race_cell_epoch(cell);
		thread_id owner;

		if (epoch < race->base || epoch >= race->next) { /* stale */
			place = i;
			continue;
		}
		owner = race->owners[epoch];
		if ((cell & RACE_BYTES) == 0) {
			conflicts[found++] = conflict_of(cells[i], owner);
			kept = true; /* told each time: nothing replaces it but a new block */
			continue;
		}
		if (epoch < race_cell_epoch((uint32_t)cells[oldest]))
			oldest = i;
		if (owner == thread || happens_before(t, epoch, owner)) {
			if (superseded(cell, access))
				place = i;
		} else if ((cell & access & RACE_BYTES) && !compatible(cell, access)) {
			conflicts[found++] = conflict_of(cells[i], owner);
			if (epoch == race->threads[owner].epoch)
				race_new_epoch(race, owner);
		}
	}
	if (kept)
		return found;
	if (place == RACE_CELLS) {
		place = oldest;
		race->forgotten++;
	}
	cells[place] = (race_cell)pc << 32 | (race_cell)t->epoch << RACE_EPOCH_SHIFT | access;
	t->accessed = true;
	/* What either does next at this place races, too, though an access that covers it is
	 * remembered: in a new epoch it is compared. */
	if (found)
		race_new_epoch(race, thread);
	return found;
}

void race_freed(struct race *race, thread_id thread, race_cell *cells, uint32_t pc)
{
	struct race_thread *t = &race->threads[thread];

	if (t->published)
		race_new_epoch(race, thread);
	cells[0] = (race_cell)pc << 32 | (race_cell)t->epoch << RACE_EPOCH_SHIFT | RACE_WRITE;
	for (unsigned i = 1; i < RACE_CELLS; i++)
		cells[i] = 0;
	t->accessed = true;
}
