/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shadow memory of instrumented programs: beside each byte that the program can touch lie four
 * bytes of cells (detect/race.h), and beside each place of its code one byte that says what an
 * access there is.
 *
 * Both are found by a table over gibibytes of the address space. One range of addresses is reserved
 * for all of it at takeover, far from the program's; pages cost nothing until they are touched, and
 * an area gets its part of the range at its first access, without a system call. The range is the
 * engine's own: neither the snapshot nor the undoing of mappings looks at it.
 *
 * Where processes may be forked under control (shadow_share()), places and clocks are common to
 * them, and so are the cells of memory that they share: these lie in a file, at an offset that
 * follows from the key of the memory (keys.h), and are mapped where each process has its cells. All
 * other cells are copied by a fork, like the program's memory.
 */
#ifndef JOSTLE_ENGINE_SHADOW_H
#define JOSTLE_ENGINE_SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hidden.h"
#include "detect/race.h"

#define SHADOW_AREA_SHIFT 30
#define SHADOW_AREAS      (1UL << (47 - SHADOW_AREA_SHIFT)) /* of user space */
#define SHADOW_AREA_MASK  ((1UL << SHADOW_AREA_SHIFT) - 1)

#define SHADOW_BASE       0x300000000000UL
#define SHADOW_CELLS_MAX  128UL /* areas of data, 4 GiB of cells each */
#define SHADOW_SITES_MAX  16UL  /* areas of code, 256 MiB each */
#define SHADOW_CELLS_SIZE (4UL << SHADOW_AREA_SHIFT)
#define SHADOW_SITES_SIZE (1UL << (SHADOW_AREA_SHIFT - 2))
#define SHADOW_ARENA_SIZE (4UL << 30)
#define SHADOW_SIZE                                                                    \
	(SHADOW_CELLS_MAX * SHADOW_CELLS_SIZE + SHADOW_SITES_MAX * SHADOW_SITES_SIZE + \
	 SHADOW_ARENA_SIZE)

extern HIDDEN race_cell *shadow_cell_areas[SHADOW_AREAS];
extern HIDDEN uint8_t *shadow_site_areas[SHADOW_AREAS];

/* Reserves the range; what is left of it for clocks goes to @arena. 0 or -errno. */
int shadow_init(struct arena *arena);

/* Makes places and what goes to @arena, which is empty afterwards, common to this process and those
 * that it will fork. 0 or -errno. */
int shadow_share(struct arena *arena);
/* The pages at @address are shared memory with that key: their cells are those of all who have
 * mapped it. Nothing happens without shadow_share(). */
void shadow_join(uintptr_t address, size_t size, uint64_t key);

/* The area's part of the range, given out now. NULL when all is given out, or for kernel addresses.
 */
race_cell *shadow_cells_new(uintptr_t address);
uint8_t *shadow_sites_new(uintptr_t pc);

/* The cells of the granule that holds @address; NULL: none are left to give out. */
static inline race_cell *shadow_cells(uintptr_t address)
{
	race_cell *area = shadow_cell_areas[(address >> SHADOW_AREA_SHIFT) & (SHADOW_AREAS - 1)];

	if (__builtin_expect(area == NULL, 0)) {
		area = shadow_cells_new(address);
		if (!area)
			return NULL;
	}
	return area + (address & SHADOW_AREA_MASK) / RACE_GRANULE * RACE_CELLS;
}

/* The byte of a place of the code, a return address. Calls are five bytes long, so no two share it.
 */
static inline uint8_t *shadow_site(uintptr_t pc)
{
	uint8_t *area = shadow_site_areas[(pc >> SHADOW_AREA_SHIFT) & (SHADOW_AREAS - 1)];

	if (__builtin_expect(area == NULL, 0)) {
		area = shadow_sites_new(pc);
		if (!area)
			return NULL;
	}
	return area + (pc & SHADOW_AREA_MASK) / 4;
}

/* A return address whose low half is @low, among the areas of code that were given out and that
 * @known says to have seen; 0: none. */
uintptr_t shadow_full_pc(uint32_t low, bool (*known)(const uint8_t *site));

/* Nothing in [address, address + size) was ever accessed; it is not shared any more. */
void shadow_clear(uintptr_t address, size_t size);
/* Nothing anywhere but in memory that processes share. */
void shadow_clear_own(void);
/* Nothing anywhere. */
void shadow_clear_all(void);
/* No place of the code is known. */
void shadow_clear_sites(void);

#endif
