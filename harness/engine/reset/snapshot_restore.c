/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring: a flat list of copies, then one of ranges to zero. Neighbouring known pages are one
 * run, since the copy lies as the original does; libc's memcpy moves a page of a longer run in
 * 38 ns here, a single one in 46 ns (`rep movsb` takes 44 ns either way).
 *
 * What a short schedule's restore costs is not the moving but the first-level cache, which original
 * and copy fill together. Most of a page of variables is zero, so while the known pages are few,
 * blocks that are zero in the copy are looked at as fresh memory is, and their copy is not touched.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/reset/snapshot_layout.h"

enum {
	PATIENCE_MIN = 32,
	PATIENCE_MAX = 1 << 16,
	USED_SHARE = 16, /* a wide run counts as used when one page in so many is populated */
};

/* The least page >= @from that is not known. */
static uint32_t next_unknown(const struct span *span, uint32_t from)
{
	while (from < span->known_high) {
		const uint64_t word = ~span->known[from / 64] >> (from % 64);

		if (word != 0) {
			const uint32_t page = from + (uint32_t)__builtin_ctzll(word);

			return page < span->known_high ? page : span->known_high;
		}
		from = (from / 64 + 1) * 64;
	}
	return span->known_high;
}

static void add_run(uintptr_t start, uintptr_t end, const char *from)
{
	struct snapshot *s = &snapshot_state;

	if (start >= end)
		return;
	s->runs[s->run_count++] =
		(struct run){ .to = (char *)start, .from = from, .bytes = end - start };
	s->counters.bytes_dirty += end - start;
}

/* What was learnt about [start, end) under the old list; the lists ascend, so does *@old. */
static struct wide inherit(uintptr_t start, uintptr_t end, const struct wide **old,
			   const struct wide *old_end)
{
	struct wide wide = { .to = (char *)start, .bytes = end - start, .patience = PATIENCE_MIN };

	while (*old < old_end && (uintptr_t)(*old)->to + (*old)->bytes <= start)
		++*old;
	if (*old < old_end && (uintptr_t)(*old)->to < end) {
		wide.hot = (*old)->hot;
		wide.patience = (*old)->patience;
		wide.left = (*old)->left;
	}
	return wide;
}

/* The run's whole pages become a wide run if they are many; what is left of it, plain runs. */
static void add_fresh(uintptr_t start, uintptr_t end, const struct wide **old,
		      const struct wide *old_end)
{
	struct snapshot *s = &snapshot_state;
	const size_t wide_pages = s->abilities & DIRTY_CAN_SCAN ? WIDE_PAGES : WIDE_PAGES_BLIND;
	const uintptr_t from = (start + PAGE_BYTES - 1) & -(uintptr_t)PAGE_BYTES;
	const uintptr_t to = end & -(uintptr_t)PAGE_BYTES;

	if (from >= to || (to - from) >> PAGE_SHIFT < wide_pages) {
		add_run(start, end, NULL);
		return;
	}
	add_run(start, from, NULL);
	s->wides[s->wide_count++] = inherit(from, to, old, old_end);
	s->counters.bytes_dirty += to - from;
	add_run(to, end, NULL);
}

static bool is_zero(uintptr_t start, uintptr_t end, const char *from)
{
	static const char zeros[CLEAR_BLOCK];

	return start % CLEAR_BLOCK == 0 && end - start >= CLEAR_BLOCK &&
	       memcmp(from, zeros, CLEAR_BLOCK) == 0;
}

/* Of [start, end), whose copy is at @from, the blocks that are zero in it, or all others. */
static void add_blocks(uintptr_t start, uintptr_t end, const char *from, bool zeros)
{
	while (start < end) {
		const bool kind = is_zero(start, end, from);
		uintptr_t stop = start;

		do
			stop = (stop / CLEAR_BLOCK + 1) * CLEAR_BLOCK;
		while (stop < end && is_zero(stop, end, from + (stop - start)) == kind);
		stop = stop < end ? stop : end;
		if (kind == zeros)
			add_run(start, stop, kind ? NULL : from);
		from += stop - start;
		start = stop;
	}
}

static void add_copied(uintptr_t start, uintptr_t end, const char *from, bool zeros)
{
	if (snapshot_state.counters.pages_dirty <= CLEAR_PAGES)
		add_blocks(start, end, from, zeros);
	else if (!zeros)
		add_run(start, end, from);
}

/* Of a span with a copy either what is copied from it, or what is zero in it. */
static void add_runs(const struct span *span, bool zeros, const struct wide **old,
		     const struct wide *old_end)
{
	uint32_t page = span->known_low;

	while (page < span->known_high) {
		uintptr_t start, end;
		uint32_t stop;

		page = bitset_next(span->known, span->known_high, page);
		stop = next_unknown(span, page);
		start = span->first_page + ((uintptr_t)page << PAGE_SHIFT);
		end = span->first_page + ((uintptr_t)stop << PAGE_SHIFT);
		start = start > span->start ? start : span->start;
		end = end < span->end ? end : span->end;
		if (span->copy)
			add_copied(start, end, span->copy + (start - span->start), zeros);
		else
			add_fresh(start, end, old, old_end);
		page = stop;
	}
}

void snapshot_rebuild(void)
{
	struct snapshot *s = &snapshot_state;
	const struct wide *old = s->wides, *old_end = s->wides + s->wide_count;

	s->wides = s->wides_old;
	s->wides_old = (struct wide *)(uintptr_t)old;
	s->run_count = s->wide_count = 0;
	s->counters.bytes_dirty = 0;
	for (size_t i = 0; i < s->span_count; i++)
		if (s->spans[i].copy && s->spans[i].known_count > 0)
			add_runs(&s->spans[i], false, &old, old_end);
	s->saved_count = s->run_count;
	for (size_t i = 0; i < s->span_count; i++)
		if (s->spans[i].known_count > 0)
			add_runs(&s->spans[i], true, &old, old_end);
	s->stale = false;
}

static void count(uintptr_t start, uintptr_t end, void *context)
{
	*(size_t *)context += end - start;
}

static void zero(struct wide *wide)
{
	memset(wide->to, 0, wide->bytes);
}

static void drop(struct wide *wide)
{
	wide->hot = false;
	snapshot_state.counters.drops++;
	/* Refused for locked memory. */
	if (sys_madvise(wide->to, wide->bytes, MADV_DONTNEED) != 0)
		zero(wide);
}

static void restore_wide(struct wide *wide)
{
	const uintptr_t start = (uintptr_t)wide->to;
	size_t used = 0;

	if (wide->hot && --wide->left > 0) {
		zero(wide);
		return;
	}
	if (wide->hot || !(snapshot_state.abilities & DIRTY_CAN_SCAN)) {
		drop(wide);
		return;
	}
	if (dirty_scan(DIRTY_POPULATED, start, start + wide->bytes, count, &used) != 0) {
		drop(wide);
	} else if (used == 0) {
		wide->patience = PATIENCE_MIN;
	} else if (used < wide->bytes / USED_SHARE) {
		drop(wide);
	} else {
		wide->hot = true;
		wide->left = wide->patience;
		if (wide->patience < PATIENCE_MAX)
			wide->patience *= 2;
		zero(wide);
	}
}

void snapshot_restore(void)
{
	struct snapshot *s = &snapshot_state;

	if (s->stale)
		snapshot_rebuild();
	for (size_t i = 0; i < s->saved_count; i++)
		memcpy(s->runs[i].to, s->runs[i].from, s->runs[i].bytes);
	for (size_t i = s->saved_count; i < s->run_count; i++)
		snapshot_clear(&s->runs[i]);
	for (size_t i = 0; i < s->wide_count; i++)
		restore_wide(&s->wides[i]);
	s->counters.restores++;
}
