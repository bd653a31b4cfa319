/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cutting the regions into spans, by mapping and by whether there is anything to save.
 *
 * A large static array that was never touched is SAVED by name but needs no copy: long stretches
 * of anonymous memory without a page of their own become spans that are expected to be zero, and
 * a gigabyte of them costs what a page does. Only looks; nothing is written, mapped or advised
 * while the list of mappings is being read.
 */
#include <errno.h>
#include <sys/mman.h>

#include "base/str.h"
#include "engine/reset/maps.h"
#include "engine/reset/snapshot_layout.h"

struct cutting {
	size_t region;  /* the one that is being covered */
	uintptr_t next; /* its first byte that is not in a span yet */
	int error;
};

static struct span *add_span(uintptr_t start, uintptr_t end, const struct maps_entry *entry)
{
	struct snapshot *s = &snapshot_state;
	struct span *span = &s->spans[s->span_count];

	if (s->span_count == SNAPSHOT_SPANS_MAX)
		return NULL;
	s->span_count++;
	*span = (struct span){ .start = start, .end = end };
	span->first_page = start & -(uintptr_t)PAGE_BYTES;
	span->pages = (uint32_t)((ALIGN_UP(end, PAGE_BYTES) - span->first_page) >> PAGE_SHIFT);
	span->limit = span->pages;
	span->question = entry->inode != 0 ? DIRTY_WRITTEN_FILE : DIRTY_WRITTEN;
	span->shared = entry->shared;
	span->anonymous = entry->inode == 0 || str_starts_with(entry->path, DIRTY_ADOPTED_PATH);
	span->protection = entry->protection;
	span->arguments = str_equal(entry->path, "[stack]");
	return span;
}

struct splitting {
	const struct maps_entry *entry;
	uintptr_t start; /* of the span that is being grown */
	uintptr_t used;  /* where its populated part ends */
	bool full;
};

/* Ends the saved span at a populated page that follows a long untouched stretch. */
static void split_at(uintptr_t start, uintptr_t end, void *context)
{
	struct splitting *split = context;

	if (start > split->used && start - split->used >= SPLIT_PAGES * (size_t)PAGE_BYTES &&
	    snapshot_state.span_count + SNAPSHOT_REGIONS_MAX < SNAPSHOT_SPANS_MAX) {
		struct span *fresh;

		if (split->used > split->start)
			split->full |= !add_span(split->start, split->used, split->entry);
		fresh = add_span(split->used, start, split->entry);
		split->full |= !fresh;
		if (fresh)
			fresh->question = DIRTY_POPULATED;
		split->start = start;
	}
	split->used = end;
}

/* Cuts SAVED anonymous memory into what has pages and what has not. */
static int add_saved(uintptr_t start, uintptr_t end, const struct maps_entry *entry)
{
	struct splitting split = { .entry = entry, .start = start, .used = start };
	const uintptr_t from = ALIGN_UP(start, PAGE_BYTES), to = end & -(uintptr_t)PAGE_BYTES;
	const bool sparse = entry->inode == 0 && !entry->shared && from < to &&
			    to - from >= SPLIT_PAGES * (size_t)PAGE_BYTES;

	if (sparse && (snapshot_state.abilities & (DIRTY_CAN_SCAN | DIRTY_CAN_READ))) {
		int error;

		split.used = from; /* a shared first page is saved, whatever it holds */
		error = dirty_scan(DIRTY_POPULATED, from, to, split_at, &split);
		if (error != 0)
			return error;
		/* The end is a populated page as far as the stretch before it is concerned. */
		split_at(to, to, &split);
	}
	if (split.full || (split.start < end && !add_span(split.start, end, entry)))
		return -ENOSPC;
	return 0;
}

static int add_piece(const struct region *region, uintptr_t start, uintptr_t end,
		     const struct maps_entry *entry)
{
	struct span *span;

	if ((entry->protection & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE))
		return -EACCES;
	if (region->kind == SNAPSHOT_SAVED)
		return add_saved(start, end, entry);
	if (entry->shared || entry->inode != 0)
		return -EINVAL;
	span = add_span(start, end, entry);
	if (!span)
		return -ENOSPC;
	span->question = DIRTY_POPULATED;
	span->explicit_fresh = true;
	return 0;
}

/* Mappings and regions both ascend: one walk over the mappings covers all regions. */
static void cut(const struct maps_entry *entry, void *context)
{
	struct cutting *cutting = context;
	const struct snapshot *s = &snapshot_state;

	while (cutting->error == 0 && cutting->region < s->region_count) {
		const struct region *region = &s->regions[cutting->region];
		const uintptr_t start =
			cutting->next > region->start ? cutting->next : region->start;
		const uintptr_t end = entry->end < region->end ? entry->end : region->end;

		if (entry->end <= start)
			return;
		if (entry->start > start) {
			cutting->error = -EFAULT;
			return;
		}
		cutting->error = add_piece(region, start, end, entry);
		cutting->next = end;
		if (end == region->end)
			cutting->region++;
	}
}

int snapshot_cut(void)
{
	const struct snapshot *s = &snapshot_state;
	struct cutting cutting = { 0 };
	int error;

	for (size_t i = 1; i < s->region_count; i++)
		if (s->regions[i].start < s->regions[i - 1].end)
			return -EINVAL;
	error = maps_read(cut, &cutting);
	if (error != 0 || cutting.error != 0)
		return error != 0 ? error : cutting.error;
	return cutting.region < s->region_count ? -EFAULT : 0;
}
