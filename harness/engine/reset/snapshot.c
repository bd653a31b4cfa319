/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking the snapshot: regions are cut into spans, the bookkeeping is sized and mapped, then each
 * span is armed. Watching comes before copying, so that a write in between (the kernel's to the
 * rseq area, say) is seen rather than lost.
 */
#include "engine/reset/snapshot.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/reset/snapshot_layout.h"

/* Between the two heaps' ranges and the shared libraries; anywhere else will do too. */
#define MEMORY_WISH 0x1c0000000000ul

struct snapshot snapshot_state;

int snapshot_add(const void *base, size_t length, enum snapshot_kind kind)
{
	struct snapshot *s = &snapshot_state;
	const uintptr_t start = (uintptr_t)base;
	size_t at;

	if (s->method != SNAPSHOT_NONE)
		return -EBUSY;
	if (length == 0 || start + length < start || length >> PAGE_SHIFT >= PAGES_MAX)
		return -EINVAL;
	if (s->region_count == SNAPSHOT_REGIONS_MAX)
		return -ENOSPC;
	/* Kept sorted; callers mostly add in ascending order. */
	for (at = s->region_count; at > 0 && s->regions[at - 1].start > start; at--)
		s->regions[at] = s->regions[at - 1];
	s->regions[at] = (struct region){ start, start + length, kind };
	s->region_count++;
	return 0;
}

/* The next @size bytes of the bookkeeping; with no memory yet this measures how much is needed. */
static char *carve(size_t *used, size_t size)
{
	char *at = snapshot_state.memory ? snapshot_state.memory + *used : NULL;

	*used += ALIGN_UP(size, 64);
	return at;
}

static size_t lay_out(void)
{
	struct snapshot *s = &snapshot_state;
	size_t used = 0, runs = CLEAR_PAGES * (PAGE_BYTES / CLEAR_BLOCK), wides = 0;

	for (size_t i = 0; i < s->span_count; i++) {
		struct span *span = &s->spans[i];
		const size_t in_page = span->start - span->first_page;

		runs += span->pages / 2 + 3;
		if (span->question == DIRTY_POPULATED) {
			wides += span->pages / WIDE_PAGES;
			continue;
		}
		/* At the same place in a page as the original. */
		used = ALIGN_UP(used, PAGE_BYTES);
		span->copy = carve(&used, (size_t)span->pages << PAGE_SHIFT);
		if (span->copy)
			span->copy += in_page;
	}
	for (size_t i = 0; i < s->span_count; i++) {
		const size_t words = BITSET_WORDS(s->spans[i].pages);

		s->spans[i].known = (void *)carve(&used, words * sizeof(uint64_t));
	}
	s->runs = (void *)carve(&used, runs * sizeof(s->runs[0]));
	s->wides = (void *)carve(&used, wides * sizeof(s->wides[0]));
	s->wides_old = (void *)carve(&used, wides * sizeof(s->wides[0]));
	return ALIGN_UP(used + 1, PAGE_BYTES); /* nothing to keep is a mapping, too */
}

static int reserve(void)
{
	struct snapshot *s = &snapshot_state;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	const size_t size = lay_out();
	long address = sys_mmap((void *)MEMORY_WISH, size, PROT_READ | PROT_WRITE,
				flags | MAP_FIXED_NOREPLACE, -1, 0);

	if (sys_failed(address))
		address = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (sys_failed(address))
		return (int)address;
	s->memory = (char *)address;
	s->memory_size = size;
	lay_out();
	return 0;
}

/* Zeroes a FRESH span by giving its pages back, and keeps its pages small from now on. */
static int empty(const struct span *span)
{
	uintptr_t start, end;
	long result = 0;

	if (!span_whole_pages(span, &start, &end)) {
		memset((void *)span->start, 0, span->end - span->start);
		return 0;
	}
	/* Refused where the kernel has no huge pages: then there are none to keep away. */
	sys_madvise((void *)start, end - start, MADV_NOHUGEPAGE);
	if (!span->explicit_fresh)
		return 0;
	result = sys_madvise((void *)start, end - start, MADV_DONTNEED);
	memset((void *)span->start, 0, start - span->start);
	memset((void *)end, 0, span->end - end);
	return (int)result;
}

/* Makes each page of a file's private mapping our own copy, as DIRTY_WRITTEN_FILE wants it. */
static void own_pages(const struct span *span)
{
	for (uintptr_t page = span->first_page; page < span->end; page += PAGE_BYTES) {
		volatile char *byte = (volatile char *)(page > span->start ? page : span->start);

		*byte = *byte;
	}
}

static int arm(struct span *span)
{
	struct snapshot *s = &snapshot_state;
	const bool whole = span->shared || (span->arguments && !(s->abilities & DIRTY_CAN_WATCH));
	uintptr_t start, end;

	if (span->question == DIRTY_POPULATED) {
		const int error = empty(span);

		if (error != 0)
			return error;
		s->counters.pages_fresh += span->pages;
	} else {
		if (span->question == DIRTY_WRITTEN_FILE && !span->shared &&
		    (s->abilities & DIRTY_CAN_WATCH))
			own_pages(span);
		span->watched = !whole && snapshot_watch(span);
		if (!span->watched && !whole)
			s->method = SNAPSHOT_COMPARED;
		memcpy((char *)(uintptr_t)span->copy, (const void *)span->start,
		       span->end - span->start);
		s->counters.pages_saved += span->pages;
	}
	if (whole || !span_whole_pages(span, &start, &end)) {
		snapshot_learn(span, span->start, span->end);
	} else {
		snapshot_learn(span, span->start, start);
		snapshot_learn(span, end, span->end);
	}
	return 0;
}

int snapshot_take(void)
{
	struct snapshot *s = &snapshot_state;
	int error;

	if (s->method != SNAPSHOT_NONE)
		return -EBUSY;
	s->counters = (struct snapshot_counters){ 0 };
	s->abilities = dirty_open(~s->forbidden);
	error = snapshot_cut();
	if (error == 0)
		error = reserve();
	s->method = SNAPSHOT_WATCHED;
	for (size_t i = 0; error == 0 && i < s->span_count; i++)
		error = arm(&s->spans[i]);
	if (error != 0) {
		snapshot_forget();
		return error;
	}
	/* Untouched memory that can only be looked at has to be looked at each time. */
	if (!(s->abilities & (DIRTY_CAN_SCAN | DIRTY_CAN_READ)))
		s->method = SNAPSHOT_COMPARED;
	s->counters.regions = s->region_count;
	s->counters.spans = s->span_count;
	snapshot_rebuild();
	return 0;
}

void snapshot_forget(void)
{
	struct snapshot *s = &snapshot_state;

	dirty_close();
	dirty_forget();
	if (s->memory)
		sys_munmap(s->memory, s->memory_size);
	s->memory = NULL;
	s->memory_size = 0;
	s->region_count = s->span_count = 0;
	s->run_count = s->saved_count = s->wide_count = 0;
	s->marked = 0;
	s->stale = false;
	s->abilities = 0;
	s->method = SNAPSHOT_NONE;
}

unsigned int snapshot_batch_max(void)
{
	return snapshot_state.method == SNAPSHOT_WATCHED ? SNAPSHOT_BATCH_MAX : 1;
}

enum snapshot_method snapshot_method(void)
{
	return snapshot_state.method;
}

const char *snapshot_method_name(void)
{
	switch (snapshot_state.method) {
	case SNAPSHOT_WATCHED:
		return snapshot_state.abilities & DIRTY_CAN_WATCH ? "userfaultfd"
								  : "private file, pagemap";
	case SNAPSHOT_COMPARED:
		return snapshot_state.abilities & DIRTY_CAN_SCAN ? "comparison, pagemap"
								 : "comparison";
	case SNAPSHOT_NONE:
		break;
	}
	return "none";
}

void snapshot_forbid(unsigned int abilities)
{
	snapshot_state.forbidden = abilities;
}

void snapshot_memory(uintptr_t *start, uintptr_t *end)
{
	*start = (uintptr_t)snapshot_state.memory;
	*end = *start + snapshot_state.memory_size;
}

const struct snapshot_counters *snapshot_counters(void)
{
	return &snapshot_state.counters;
}
