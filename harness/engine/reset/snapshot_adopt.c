/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adopted memory (dirty.h) is a file's to the kernel and stays anonymous to the program: what the
 * two do otherwise when they are dropped or resized is made good here.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/reset/maps.h"
#include "engine/reset/snapshot_layout.h"

/* The whole pages of an adopted span within [start, end). */
static bool adopted_part(const struct span *span, uintptr_t start, uintptr_t end, uintptr_t *from,
			 uintptr_t *to)
{
	if (span->question != DIRTY_COPIED || !span->watched || !span_whole_pages(span, from, to))
		return false;
	*from = *from > start ? *from : start;
	*to = *to < end ? *to : end;
	return *from < *to;
}

/*
 * The program may have protected these pages meanwhile, and so differently one from the other: each
 * mapping is made accessible, handed over, and given its protection back.
 */
struct handing {
	uintptr_t from, to;
	void (*take)(uintptr_t from, uintptr_t to, int protection);
};

static void hand_over(const struct maps_entry *entry, void *context)
{
	const struct handing *handing = context;
	const uintptr_t from = handing->from > entry->start ? handing->from : entry->start;
	const uintptr_t to = handing->to < entry->end ? handing->to : entry->end;
	const int both = PROT_READ | PROT_WRITE;

	if (from >= to)
		return;
	if ((entry->protection & both) != both)
		sys_mprotect((void *)from, to - from, entry->protection | both);
	handing->take(from, to, entry->protection);
	if ((entry->protection & both) != both)
		sys_mprotect((void *)from, to - from, entry->protection);
}

static void make_zero(uintptr_t from, uintptr_t to, int protection)
{
	(void)protection;
	memset((void *)from, 0, to - from);
}

static void make_anonymous(uintptr_t from, uintptr_t to, int protection)
{
	const size_t size = to - from;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	const long copy = sys_mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (sys_failed(copy))
		return;
	memcpy((void *)copy, (const void *)from, size);
	if (sys_mmap((void *)from, size, protection | PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1,
		     0) == (long)from)
		memcpy((void *)from, (const void *)copy, size);
	sys_munmap((void *)copy, size);
}

void snapshot_dropped(uintptr_t start, size_t length)
{
	const struct snapshot *s = &snapshot_state;
	struct handing handing = { .take = make_zero };

	for (size_t i = 0; i < s->span_count && s->spans[i].start < start + length; i++)
		if (s->spans[i].anonymous &&
		    adopted_part(&s->spans[i], start, start + length, &handing.from, &handing.to))
			maps_read(hand_over, &handing);
}

void snapshot_release(uintptr_t start, size_t length)
{
	const struct snapshot *s = &snapshot_state;
	struct handing handing = { .take = make_anonymous };

	for (size_t i = 0; i < s->span_count && s->spans[i].start < start + length; i++)
		if (adopted_part(&s->spans[i], start, start + length, &handing.from, &handing.to))
			maps_read(hand_over, &handing);
}
