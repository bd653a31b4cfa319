/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reset costs on this machine: taking a snapshot, a scan that finds nothing, restoring a
 * page, and the same when contents must be compared. Prints a table; the shape of the memory is
 * that of small programs (few pages, several mappings) up to large ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "engine/heap/heap.h"
#include "engine/reset/dirty.h"
#include "engine/reset/snapshot.h"

struct shape {
	const char *name;
	unsigned int mappings, pages; /* pages of each; every other mapping is a hole */
	unsigned int dirty;           /* pages of each that every schedule writes */
	size_t fresh;                 /* bytes of one more, untouched, region */
};

static const struct shape shapes[] = {
	{ "one mapping", 1, 26, 8, 0 },
	{ "small program", 10, 10, 3, 0 },
	{ "small program, heap", 10, 10, 3, 64ul << 30 },
	{ "100 mappings", 100, 10, 3, 0 },
	{ "large program", 20, 1000, 100, 0 },
};

static char *memory, *heap;

static char *mapping(const struct shape *shape, unsigned int index)
{
	return memory + (size_t)index * 2 * shape->pages * PAGE_BYTES;
}

static double now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void demand(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s failed\n", what);
	exit(1);
}

static void build(const struct shape *shape)
{
	const size_t length = (size_t)shape->pages * PAGE_BYTES;

	memory = mmap(NULL, shape->mappings * 2 * length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	demand(memory != MAP_FAILED, "mmap");
	for (unsigned int i = 0; i < shape->mappings; i++) {
		char *at = mapping(shape, i);

		demand(mprotect(at, length, PROT_READ | PROT_WRITE) == 0, "mprotect");
		memset(at, 1, length);
		demand(snapshot_add(at, length, SNAPSHOT_SAVED) == 0, "snapshot_add");
	}
	if (shape->fresh != 0) {
		heap = mmap((void *)HEAP_PROGRAM_BASE, shape->fresh, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		demand(heap != MAP_FAILED, "mmap");
		demand(snapshot_add(heap, shape->fresh, SNAPSHOT_FRESH) == 0, "snapshot_add");
		heap[0] = 1;
	}
}

/* The best of many short rounds: what the work costs, not what else the machine was doing. */
static double best_ns(void (*work)(void))
{
	enum { ROUNDS = 200, REPEATS = 20 };
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		const double start = now_ns();
		double spent;

		for (int i = 0; i < REPEATS; i++)
			work();
		spent = (now_ns() - start) / REPEATS;
		best = spent < best ? spent : best;
	}
	return best;
}

static void scan_clean(void)
{
	demand(snapshot_scan() == 0, "clean scan");
}

static void measure(const struct shape *shape, unsigned int forbidden)
{
	const struct snapshot_counters *counters = snapshot_counters();
	double take, clean, dirty, restore;
	uintptr_t start, end;

	build(shape);
	snapshot_forbid(forbidden);
	take = now_ns();
	demand(snapshot_take() == 0, "snapshot_take");
	take = now_ns() - take;
	clean = best_ns(scan_clean);
	for (unsigned int i = 0; i < shape->mappings; i++)
		for (unsigned int page = 0; page < shape->dirty; page++)
			mapping(shape, i)[(size_t)page * 3 % shape->pages * PAGE_BYTES] = 2;
	dirty = now_ns();
	demand(snapshot_scan() > 0, "scan that finds pages");
	dirty = now_ns() - dirty;
	restore = best_ns(snapshot_restore);
	snapshot_memory(&start, &end);
	printf("%-20s  %-20s %5lu %9.1f %10.2f %10.2f %10.2f %7.1f\n", shape->name,
	       snapshot_method_name(), (unsigned long)counters->pages_saved, take / 1e3,
	       clean / 1e3, dirty / 1e3, restore / 1e3, restore / (double)counters->pages_dirty);
	snapshot_forget();
	if (shape->fresh != 0)
		munmap(heap, shape->fresh);
	munmap(memory, shape->mappings * 2ul * shape->pages * PAGE_BYTES);
}

int main(void)
{
	printf("%-20s  %-20s %5s %9s %10s %10s %10s %7s\n", "", "method", "pages", "take us",
	       "clean us", "dirty us", "restore us", "ns/page");
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		measure(&shapes[i], 0);
		measure(&shapes[i], DIRTY_CAN_WATCH);
		measure(&shapes[i], DIRTY_CAN_WATCH | DIRTY_CAN_SCAN);
		measure(&shapes[i], DIRTY_CAN_WATCH | DIRTY_CAN_ADOPT);
	}
	return 0;
}
