/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/shadow.h"

#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"

#define SITES_BASE (SHADOW_BASE + SHADOW_CELLS_MAX * SHADOW_CELLS_SIZE)
#define ARENA_BASE (SITES_BASE + SHADOW_SITES_MAX * SHADOW_SITES_SIZE)
#define PAGE       4096UL
/* So many bytes of cells are given back to the kernel rather than overwritten. */
#define GIVE_BACK (64UL << 10)

race_cell *shadow_cell_areas[SHADOW_AREAS];
uint8_t *shadow_site_areas[SHADOW_AREAS];
static uint32_t cells_given, sites_given;
static uintptr_t site_area_of[SHADOW_SITES_MAX]; /* address >> SHADOW_AREA_SHIFT */

int shadow_init(struct arena *arena)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
	const long got =
		sys_mmap((void *)SHADOW_BASE, SHADOW_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (sys_failed(got))
		return (int)got;
	/* Sparse use is the rule: a huge page would be touched for one granule. */
	sys_madvise((void *)SHADOW_BASE, SHADOW_SIZE, MADV_NOHUGEPAGE);
	arena_init(arena, (void *)ARENA_BASE, SHADOW_ARENA_SIZE);
	return 0;
}

race_cell *shadow_cells_new(uintptr_t address)
{
	const uintptr_t area = address >> SHADOW_AREA_SHIFT;

	if (area >= SHADOW_AREAS || cells_given == SHADOW_CELLS_MAX)
		return NULL;
	shadow_cell_areas[area] =
		(race_cell *)(SHADOW_BASE + (uintptr_t)cells_given++ * SHADOW_CELLS_SIZE);
	return shadow_cell_areas[area];
}

uint8_t *shadow_sites_new(uintptr_t pc)
{
	const uintptr_t area = pc >> SHADOW_AREA_SHIFT;

	if (area >= SHADOW_AREAS || sites_given == SHADOW_SITES_MAX)
		return NULL;
	site_area_of[sites_given] = area;
	shadow_site_areas[area] =
		(uint8_t *)(SITES_BASE + (uintptr_t)sites_given++ * SHADOW_SITES_SIZE);
	return shadow_site_areas[area];
}

uintptr_t shadow_full_pc(uint32_t low, bool (*known)(const uint8_t *site))
{
	for (uint32_t i = 0; i < sites_given; i++) {
		const uintptr_t start = site_area_of[i] << SHADOW_AREA_SHIFT;
		const uintptr_t pc = (start & ~0xffffffffUL) | low;

		if (pc >> SHADOW_AREA_SHIFT == site_area_of[i] && known(shadow_site(pc)))
			return pc;
	}
	return 0;
}

/* [start, start + size) of the cells, all of one area. */
static void clear_cells(uintptr_t start, size_t size)
{
	const uintptr_t end = start + size;
	const uintptr_t first = (start + PAGE - 1) & ~(PAGE - 1), last = end & ~(PAGE - 1);

	if (size < GIVE_BACK || first >= last) {
		memset((void *)start, 0, size);
		return;
	}
	memset((void *)start, 0, first - start);
	sys_madvise((void *)first, last - first, MADV_DONTNEED);
	memset((void *)last, 0, end - last);
}

void shadow_clear(uintptr_t address, size_t size)
{
	uintptr_t at = address & ~(uintptr_t)(RACE_GRANULE - 1);
	const uintptr_t end = (address + size + RACE_GRANULE - 1) & ~(uintptr_t)(RACE_GRANULE - 1);

	while (at < end) {
		const uintptr_t area_end = (at | SHADOW_AREA_MASK) + 1;
		const uintptr_t stop = end < area_end ? end : area_end;
		const uintptr_t area = at >> SHADOW_AREA_SHIFT;

		if (area < SHADOW_AREAS && shadow_cell_areas[area])
			clear_cells((uintptr_t)shadow_cells(at),
				    (stop - at) / RACE_GRANULE * RACE_CELLS * sizeof(race_cell));
		at = stop;
	}
}

void shadow_clear_all(void)
{
	if (cells_given)
		sys_madvise((void *)SHADOW_BASE, cells_given * SHADOW_CELLS_SIZE, MADV_DONTNEED);
}

void shadow_clear_sites(void)
{
	if (sites_given)
		sys_madvise((void *)SITES_BASE, sites_given * SHADOW_SITES_SIZE, MADV_DONTNEED);
}
