/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's memory as it was before the first schedule, and how to go back to it.
 *
 *	snapshot_add() ...  snapshot_take()
 *	for each batch:
 *		for each schedule: run it; snapshot_restore()
 *		if (snapshot_scan() > 0) the batch is void: snapshot_restore(), run it again
 *
 * A restore writes back every page that was ever seen to be written, whether or not this schedule
 * wrote it: in the long run that is a flat list of copies, and no system call. What keeps it true
 * is the scan: it asks the kernel which other pages were written since the snapshot was taken, and
 * they join the list for good. A batch in which the scan found nothing ran, each schedule of it,
 * from the very state that was saved.
 *
 * Where the kernel cannot tell (dirty.h), contents are compared, and what a schedule changed and a
 * later one changed back goes unseen. Then a batch must be one schedule: snapshot_batch_max().
 *
 * One snapshot a process, one thread, on a stack and in memory that is not part of it; no lock.
 * Whoever runs the schedule sees to it that at a restore or scan the regions are mapped readable
 * and writable as they were (maps.h), and calls snapshot_mark() before it lets a MADV_DONTNEED,
 * MADV_FREE, mremap, munmap or fixed mmap through that touches them.
 */
#ifndef JOSTLE_ENGINE_SNAPSHOT_H
#define JOSTLE_ENGINE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	SNAPSHOT_REGIONS_MAX = 4096,
	SNAPSHOT_SPANS_MAX = 16384, /* pieces of regions: by mapping, and by whether populated */
	SNAPSHOT_BATCH_MAX = 64,
};

enum snapshot_kind {
	SNAPSHOT_SAVED, /* comes back as it was at the take */
	/*
	 * Comes back as zeros, and is zeroed by the take: stack that is not in use, heap above the
	 * mark. Private anonymous memory only; may be huge, what is never touched costs nothing.
	 */
	SNAPSHOT_FRESH,
};

enum snapshot_method {
	SNAPSHOT_NONE,     /* not taken */
	SNAPSHOT_WATCHED,  /* the kernel reports every write, in one way or the other (dirty.h) */
	SNAPSHOT_COMPARED, /* some or all contents must be compared */
};

struct snapshot_counters {
	uint64_t regions, spans;
	uint64_t pages_saved;      /* with a copy */
	uint64_t pages_fresh;      /* expected to be zero */
	uint64_t pages_dirty;      /* restored each time */
	uint64_t bytes_dirty;      /* the same in bytes: regions may share a page with others */
	uint64_t scans, scans_new; /* and those of them that found a new page */
	uint64_t restores;
	uint64_t drops; /* of large fresh ranges, given back to the kernel */
};

/*
 * Adds [@base, @base + @length), to the byte: a page that is shared with others' data is restored
 * within these bounds. Regions may not overlap. Before the take only. 0, -EINVAL, -ENOSPC or
 * -EBUSY.
 */
int snapshot_add(const void *base, size_t length, enum snapshot_kind kind);

/*
 * Saves all regions and starts watching. 0, or: -EINVAL (regions overlap, FRESH that is no private
 * anonymous memory), -EFAULT (not all mapped), -EACCES (not readable and writable), -ENOENT (no
 * /proc), or another -errno (no memory). After an error nothing is taken and the regions are
 * forgotten.
 */
int snapshot_take(void);

/* Every byte of every region that was ever seen to be written is again what it was. */
void snapshot_restore(void);

/*
 * Finds what was written since the take and is not restored yet; from now on it is. The number of
 * such pages, 0 when all schedules since the last scan were safe, or -errno: then nothing is known
 * and snapshot mode must be given up. May be called before or after the restore: what it looks
 * for is not restored yet.
 */
long snapshot_scan(void);

/* How many schedules may run between two scans: SNAPSHOT_BATCH_MAX, or 1 when comparing. */
unsigned int snapshot_batch_max(void);

/*
 * Restores these bytes' pages from now on, and makes the next scan count those that were not yet.
 * Bytes outside all regions are ignored.
 */
void snapshot_mark(const void *base, size_t length);

/*
 * Tells that of the FRESH region starting at @base nothing beyond @used bytes was ever touched.
 * Used only where the kernel has no PAGEMAP_SCAN (before 6.7) and would have to be asked about
 * every page. Without it the whole region is asked about.
 */
void snapshot_limit(const void *base, size_t used);

/* Is snapshot_limit() of use? */
bool snapshot_wants_limit(void);

/*
 * The program dropped [@start, @start + @length) (MADV_DONTNEED, MADV_FREE): adopted memory
 * (dirty.h) reads as zeros now where it was anonymous, as that does.
 */
void snapshot_dropped(uintptr_t start, size_t length);

/* The program is about to move or resize this (mremap): adopted memory in it becomes anonymous. */
void snapshot_release(uintptr_t start, size_t length);

/*
 * In a forked child: opens everything anew and watches again. What differs from the snapshot at
 * this point is marked. Scan in the parent before the fork: a page that was written since its last
 * scan and changed back is not noticed here. 0, or -errno as from a take: then the snapshot is
 * gone.
 */
int snapshot_rearm_after_fork(void);

/* Drops snapshot and regions; a new one may be built and taken. */
void snapshot_forget(void);

enum snapshot_method snapshot_method(void);

/* In words, for people: "none", "userfaultfd", "private file, pagemap", "comparison", "comparison,
 * pagemap". Static. */
const char *snapshot_method_name(void);

/*
 * Pretends from the next take on that these enum dirty_ability bits are refused, so that the
 * fallbacks can be tested. 0 allows everything.
 */
void snapshot_forbid(unsigned int abilities);

/* The snapshot's own memory, which no comparison of mappings must touch; {0, 0} when not taken. */
void snapshot_memory(uintptr_t *start, uintptr_t *end);

const struct snapshot_counters *snapshot_counters(void);

#ifdef __cplusplus
}
#endif

#endif
