/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a snapshot is kept; for snapshot*.c alone.
 *
 * Regions are what the caller named. The take cuts them into spans: a span lies in one mapping and
 * has one way to be restored (from a copy, or by zeroing) and one way to be watched. A page is
 * `known` when it was ever seen dirty, and then it is restored each time; it never stops being
 * known, and no longer needs watching. Pages that a span shares with others' data (its first or
 * last, when it does not start or end at a page border) are known from the start.
 *
 * Restoring wants no such structure, but a flat list: the runs. They are rebuilt from the sets of
 * known pages when one of these grew. All bookkeeping of a take, the copies included, lies in one
 * mapping that is sized beforehand, so that nothing is mapped while schedules run.
 */
#ifndef JOSTLE_ENGINE_SNAPSHOT_LAYOUT_H
#define JOSTLE_ENGINE_SNAPSHOT_LAYOUT_H

#include <stdbool.h>

#include "base/bitset.h"
#include "engine/reset/dirty.h"
#include "engine/reset/snapshot.h"

enum {
	PAGES_MAX = 1 << 30, /* of one span: page numbers are 32 bits wide */
	SPLIT_PAGES = 64,    /* an untouched stretch of this length is worth a span of its own */
	CLEAR_BLOCK = 512,   /* bytes that are looked at together, whether they are zero */
	CLEAR_PAGES = 32,    /* with more known pages all of a copy is copied */
	WIDE_PAGES = 256,    /* a fresh run of this length may be dropped instead of zeroed */
	WIDE_PAGES_BLIND = 4096, /* the same where whether it is in use cannot be asked cheaply */
};

struct region {
	uintptr_t start, end;
	enum snapshot_kind kind;
};

struct span {
	uintptr_t start, end; /* the bytes */
	uintptr_t first_page; /* address of the page that holds the first byte */
	uint32_t pages;       /* that hold a byte of it */
	uint32_t limit;       /* pages that may have been touched: see snapshot_limit() */
	uint32_t known_count;
	uint32_t known_low, known_high; /* members of `known` lie in [low, high) */
	uint64_t *known;                /* bitset over the pages */
	const char *copy;               /* of the first byte and on; NULL: zeros */
	enum dirty_question question;
	bool explicit_fresh; /* the caller's FRESH region, not a stretch found untouched */
	bool shared;         /* others may write to it unseen: known as a whole */
	bool watched;        /* or adopted: see question */
	bool arguments; /* the kernel's first stack, where /proc/self/cmdline wants no file's pages
			 */
	bool anonymous; /* as the program sees it, also once adopted */
	int protection;
};

struct run {
	char *to;
	const char *from;
	size_t bytes;
	uint32_t plain; /* that many restores more it is zeroed without looking */
	size_t tail;    /* bytes of its end that are */
};

/*
 * A long run of fresh pages. Zeroing a page costs 35 ns in cache, dropping it 100 ns and 1,800 ns
 * more when it is touched again. So what nearly each schedule uses is zeroed (hot), and what was
 * used once by a rare schedule is not touched at all (cold). A hot one is dropped after `patience`
 * restores to see whether it is still used, and twice as late after each time that it was.
 */
struct wide {
	char *to;
	size_t bytes;
	bool hot;
	uint32_t patience, left;
};

struct snapshot {
	struct region regions[SNAPSHOT_REGIONS_MAX];
	struct span spans[SNAPSHOT_SPANS_MAX];
	size_t region_count, span_count;

	enum snapshot_method method;
	unsigned int abilities; /* enum dirty_ability */
	unsigned int forbidden;

	char *memory; /* of all below */
	size_t memory_size;

	struct run *runs; /* those with a copy first */
	size_t saved_count, run_count;
	struct wide *wides, *wides_old; /* two buffers that change places */
	size_t wide_count;

	bool stale;      /* the runs are older than the known pages */
	uint64_t marked; /* pages that became known outside a scan since the last one */

	struct snapshot_counters counters;
};

#define ALIGN_UP(value, to) (((value) + (to)-1) & ~((to)-1ul))

extern struct snapshot snapshot_state;

/* Fills the spans from the regions. 0 or -errno as snapshot_take(). */
int snapshot_cut(void);

/* Makes the pages of @span that overlap [@start, @end) known; returns how many were not. */
uint32_t snapshot_learn(struct span *span, uintptr_t start, uintptr_t end);

/*
 * Watches a span's whole pages; false if that is refused. The caller reads them all afterwards, to
 * copy or to compare: only a page that is present can be found unwritten.
 */
bool snapshot_watch(struct span *span);

/* Runs from known pages. */
void snapshot_rebuild(void);

/* snapshot_page.c: makes a run without a copy zero. */
void snapshot_clear(struct run *run);

/* The whole pages of a span: [*start, *end), possibly empty. */
static inline bool span_whole_pages(const struct span *span, uintptr_t *start, uintptr_t *end)
{
	*start = (span->start + PAGE_BYTES - 1) & -(uintptr_t)PAGE_BYTES;
	*end = span->end & -(uintptr_t)PAGE_BYTES;
	return *start < *end;
}

#endif
