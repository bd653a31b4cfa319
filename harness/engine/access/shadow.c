/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/access/shadow.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/descriptors/fd.h"
#include "engine/processes/shared.h"

#define SITES_BASE (SHADOW_BASE + SHADOW_CELLS_MAX * SHADOW_CELLS_SIZE)
#define ARENA_BASE (SITES_BASE + SHADOW_SITES_MAX * SHADOW_SITES_SIZE)
#define PAGE       4096UL
/* So many bytes of cells are given back to the kernel rather than overwritten. */
#define GIVE_BACK (64UL << 10)

/* What is common to the processes of a schedule: a file with sites and arena at its beginning, and
 * the cells of memory that processes share behind. */
#define SHARED_CELLS 0x10000000000UL
#define FILE_SIZE    (1UL << 61)
#define RANGES_MAX   512

race_cell *shadow_cell_areas[SHADOW_AREAS];
uint8_t *shadow_site_areas[SHADOW_AREAS] SHARED_STATE;
static uint32_t cells_given;
static uint32_t sites_given SHARED_STATE;
static uintptr_t site_area_of[SHADOW_SITES_MAX] SHARED_STATE; /* address >> SHADOW_AREA_SHIFT */

/* Memory of this process whose cells lie in the file. */
struct range {
	uintptr_t start, end;
};
static struct range ranges[RANGES_MAX];
static uint32_t range_count;
static int file = -1;

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

int shadow_share(struct arena *arena)
{
	const size_t size = SHADOW_SITES_MAX * SHADOW_SITES_SIZE + SHADOW_ARENA_SIZE;
	long fd, got;

	if (file >= 0)
		return 0;
	fd = sys_call2(SYS_memfd_create, (long)"jostle-shadow", MFD_CLOEXEC);
	if (fd < 0)
		return (int)fd;
	file = fd_duplicate_high((int)fd);
	sys_close((int)fd);
	if (file < 0)
		return file;
	got = sys_call2(SYS_ftruncate, file, (long)FILE_SIZE);
	if (got == 0)
		got = sys_mmap((void *)SITES_BASE, size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file, 0);
	if (sys_failed(got)) {
		sys_close(file);
		file = -1;
		return (int)got;
	}
	arena_init(arena, (void *)ARENA_BASE, SHADOW_ARENA_SIZE);
	return 0;
}

/* Calls back for the cells of each piece of [address, address + size) that lies in one area. */
static void for_each_piece(uintptr_t address, size_t size, uint64_t key,
			   void (*call)(race_cell *cells, size_t bytes, uint64_t key))
{
	const uintptr_t end = address + size;

	while (address < end) {
		const uintptr_t area_end = (address | SHADOW_AREA_MASK) + 1;
		const uintptr_t stop = end < area_end ? end : area_end;
		race_cell *cells = shadow_cells(address);

		if (cells)
			call(cells, (stop - address) / RACE_GRANULE * RACE_CELLS * sizeof(*cells),
			     key);
		key += stop - address;
		address = stop;
	}
}

static void map_common(race_cell *cells, size_t bytes, uint64_t key)
{
	/* Above the address lies the number of the region, see keys.c. */
	const uint64_t place = (key & 0xffffffffffffUL) | (key >> 48 & 0x7f) << 48;

	sys_mmap(cells, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file,
		 (long)(SHARED_CELLS + place * 4));
}

static void map_own(race_cell *cells, size_t bytes, uint64_t key)
{
	(void)key;
	sys_mmap(cells, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
}

void shadow_join(uintptr_t address, size_t size, uint64_t key)
{
	if (file < 0 || range_count == RANGES_MAX)
		return;
	ranges[range_count++] = (struct range){ address, address + size };
	for_each_piece(address, size, key, map_common);
}

/* What lies there now is another mapping: no part of it has cells in the file. */
static void leave(uintptr_t address, size_t size)
{
	for (uint32_t i = 0; i < range_count;) {
		struct range *r = &ranges[i];

		if (r->start >= address + size || address >= r->end) {
			i++;
			continue;
		}
		for_each_piece(r->start, r->end - r->start, 0, map_own);
		*r = ranges[--range_count];
	}
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

	if (__builtin_expect(range_count != 0, 0))
		leave(address, size);
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

static void punch(uint64_t from, uint64_t size)
{
	sys_call4(SYS_fallocate, file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (long)from,
		  (long)size);
}

void shadow_clear_own(void)
{
	if (cells_given)
		sys_madvise((void *)SHADOW_BASE, cells_given * SHADOW_CELLS_SIZE, MADV_DONTNEED);
}

void shadow_clear_all(void)
{
	shadow_clear_own();
	if (file >= 0)
		punch(SHARED_CELLS, FILE_SIZE - SHARED_CELLS);
}

void shadow_clear_sites(void)
{
	if (!sites_given)
		return;
	if (file >= 0)
		punch(0, sites_given * SHADOW_SITES_SIZE);
	else
		sys_madvise((void *)SITES_BASE, sites_given * SHADOW_SITES_SIZE, MADV_DONTNEED);
}
