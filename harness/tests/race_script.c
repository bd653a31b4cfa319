/* SPDX-License-Identifier: Apache-2.0 */
#include "race_script.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY (24UL << 20)

struct race *race;
static void *memory;
race_cell cells[GRANULES][RACE_CELLS];
unsigned pairs;
struct race_conflict last;

void race_script_begin(void)
{
	struct arena arena;

	race = calloc(1, sizeof(*race));
	memory = aligned_alloc(64, MEMORY);
	ck_assert(race && memory);
	arena_init(&arena, memory, MEMORY);
	ck_assert(race_init(race, &arena));
	memset(cells, 0, sizeof(cells));
	race_begin(race);
	race_thread_begin(race, 0, THREAD_NONE);
	pairs = 0;
}

void race_script_end(void)
{
	free(race);
	free(memory);
}

void access_at(thread_id t, unsigned granule, uint32_t access)
{
	struct race_conflict conflicts[RACE_CELLS];
	unsigned count;

	if (race_remembers(cells[granule], race_epoch(race, t) << RACE_EPOCH_SHIFT,
			   access & RACE_BYTES, access & ~RACE_BYTES))
		return;
	count = race_access(race, t, cells[granule], access, 100u + t, conflicts);
	if (count)
		last = conflicts[0];
	pairs += count;
}

void reads(thread_id t)
{
	access_at(t, 0, WORD);
}

void writes(thread_id t)
{
	access_at(t, 0, WORD | RACE_WRITE);
}

void atomic_reads(thread_id t)
{
	access_at(t, 0, WORD | RACE_ATOMIC);
}

void atomic_writes(thread_id t)
{
	access_at(t, 0, WORD | RACE_ATOMIC | RACE_WRITE);
}

void create(thread_id by, thread_id t)
{
	race_thread_begin(race, t, by);
}

void two(void)
{
	create(0, 1);
	create(0, 2);
}

void under_lock(thread_id t, void (*access)(thread_id))
{
	race_acquire(race, t, LOCK);
	access(t);
	race_release(race, t, LOCK);
}

void race_script_run(const struct race_row *row)
{
	row->script();
	ck_assert_msg(pairs == row->pairs, "%s: %u pairs instead of %u", row->name, pairs,
		      row->pairs);
	ck_assert(!race->blind);
}
