/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the process's mappings once, at takeover: see regions.h. */
#include "engine/reset/regions.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "engine/access/shadow.h"
#include "engine/calls/call_memory.h"
#include "engine/calls/system.h"
#include "engine/heap/heap.h"
#include "engine/kept.h"
#include "engine/pool.h"
#include "engine/reset/maps.h"
#include "engine/reset/snapshot.h"
#include "engine/state.h"

extern char __ehdr_start[] __attribute__((visibility("hidden")));
extern char _end[] __attribute__((visibility("hidden")));

static struct maps_list before, now;
/* What of the program's heap was unused at the take. */
static uintptr_t heap_fresh_from[HEAP_EXTENTS];
static uintptr_t heap_most[HEAP_EXTENTS]; /* how far any schedule used it */

struct walk {
	int error;
	uintptr_t stack_from; /* the program's part of the process stack: argument and environment
				 strings */
};

static void add(struct walk *walk, uintptr_t start, uintptr_t end, enum snapshot_kind kind)
{
	if (start < end && walk->error == 0)
		walk->error = snapshot_add((void *)start, end - start, kind);
}

static bool within(uintptr_t address, uintptr_t start, uintptr_t size)
{
	return address - start < size;
}

static bool is_list(uintptr_t address)
{
	for (const struct maps_list *list = &before;; list = &now) {
		if (within(address, (uintptr_t)list->entries, MAPS_LIST_BYTES) ||
		    within(address, (uintptr_t)list->paths, MAPS_PATHS_BYTES))
			return true;
		if (list == &now)
			return false;
	}
}

static void visit(const struct maps_entry *entry, void *context)
{
	struct walk *walk = context;
	uintptr_t start = entry->start;
	const uintptr_t library = (uintptr_t)__ehdr_start;
	const uintptr_t library_end = ((uintptr_t)_end + 4095) & ~4095UL;

	if ((entry->shared && !regions_is_common(entry)) ||
	    (entry->protection & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE))
		return;
	/* What the kernel put right behind the library may be part of the same mapping. */
	if (within(start, library, library_end - library))
		start = library_end;
	if (start >= entry->end)
		return;
	/* Heaps and slots are added by what is known of them, see below. */
	if (within(start, HEAP_PROGRAM_BASE, HEAP_PROGRAM_MAX) ||
	    within(start, HEAP_ENGINE_BASE, HEAP_ENGINE_MAX) ||
	    within(start, POOL_BASE, POOL_STRIDE * THREADS_MAX) ||
	    within(start, POOL_TLS_BASE, POOL_TLS_STRIDE * THREADS_MAX) ||
	    within(start, SHADOW_BASE, SHADOW_SIZE))
		return;
	if (is_list(start))
		return;
	/* A whole page, which can be watched: of the frames below, nobody comes back to them. */
	if (within(walk->stack_from, entry->start, entry->end - entry->start))
		start = walk->stack_from & ~4095UL;
	add(walk, start, entry->end, SNAPSHOT_SAVED);
}

static void add_heap(struct walk *walk, enum heap_which which, bool fresh)
{
	struct heap_extent extents[HEAP_EXTENTS];

	/* Mapped now at the latest: what a schedule maps is not part of the snapshot. */
	heap_get(which);
	if (!heap_extents(which, extents))
		return;
	for (int i = 0; i < HEAP_EXTENTS; i++) {
		const struct heap_extent extent = extents[i];
		const uintptr_t base = (uintptr_t)extent.base;

		/* To whole pages: a page of two regions would be restored each time, used or not.
		 */
		const uintptr_t used = (base + extent.used + 4095) & ~4095UL;

		add(walk, base, used, SNAPSHOT_SAVED);
		if (!fresh)
			continue;
		heap_fresh_from[i] = used;
		add(walk, used, base + extent.reserved, SNAPSHOT_FRESH);
	}
}

static void add_kept(void *start, size_t size, void *context)
{
	add(context, (uintptr_t)start, (uintptr_t)start + size, SNAPSHOT_SAVED);
}

int regions_take(void)
{
	/* argc stands just below argv on the process's first stack; everything above is the
	 * program's. */
	struct walk walk = { .stack_from = (uintptr_t)engine_program.argv - sizeof(long) };
	const uint32_t busy = engine_world.thread_count;

	if (!before.entries && (maps_list_read(&before) != 0 || maps_list_read(&now) != 0))
		return before.error ? before.error : now.error;
	pool_reset_guards();
	maps_read(visit, &walk);
	kept_regions(add_kept, &walk);
	add_heap(&walk, HEAP_PROGRAM, true);
	add_heap(&walk, HEAP_ENGINE, false);
	for (uint32_t i = 0; i < pool_size(); i++) {
		const struct slot *slot = pool_slot(i);

		/* A slot that a constructor's thread stands on is saved with what is on it. */
		add(&walk, slot->low, slot->stack_high,
		    i > 0 && i < busy ? SNAPSHOT_SAVED : SNAPSHOT_FRESH);
		add(&walk, slot->stack_high, slot->high, SNAPSHOT_SAVED);
		if (slot->tls_low != slot->stack_high)
			add(&walk, slot->tls_low, slot->tls_high, SNAPSHOT_SAVED);
	}
	if (walk.error)
		return walk.error;
	walk.error = snapshot_take();
	system_own_unknown();
	if (walk.error)
		return walk.error;
	return maps_list_read(&before);
}

void regions_heap_used(void)
{
	struct heap_extent extents[HEAP_EXTENTS];

	if (!heap_extents(HEAP_PROGRAM, extents))
		return;
	for (int i = 0; i < HEAP_EXTENTS; i++) {
		const uintptr_t end = (uintptr_t)extents[i].base + extents[i].used;

		if (end > heap_most[i])
			heap_most[i] = end;
		snapshot_limit((void *)heap_fresh_from[i],
			       heap_most[i] > heap_fresh_from[i] ? heap_most[i] - heap_fresh_from[i]
								 : 0);
	}
}

static void remapped(uintptr_t start, uintptr_t end, void *context)
{
	(void)context;
	snapshot_mark((void *)start, end - start);
}

int regions_undo_mappings(void)
{
	struct maps_range keep[1];

	memory_reset_break();
	snapshot_memory(&keep[0].start, &keep[0].end);
	return maps_undo(&before, &now, keep, 1, remapped, NULL);
}

/* The engine's heap, the board, and what the snapshot keeps lie one behind the other. Of the slots
 * those are the program's that its threads were given. */
uintptr_t regions_end_of_own(uintptr_t start, uintptr_t end)
{
	const uintptr_t count = engine_world.thread_count;
	const uintptr_t stacks = POOL_BASE + POOL_STRIDE * count;
	const uintptr_t storage = POOL_TLS_BASE + POOL_TLS_STRIDE * count;

	if ((start >= HEAP_ENGINE_BASE && start < POOL_BASE) ||
	    within(start, SHADOW_BASE, SHADOW_SIZE) || is_list(start))
		return start;
	if (within(start, POOL_BASE, POOL_STRIDE * THREADS_MAX) && end > stacks)
		return start > stacks ? start : stacks;
	if (within(start, POOL_TLS_BASE, POOL_TLS_STRIDE * THREADS_MAX) && end > storage)
		return start > storage ? start : storage;
	return end;
}
