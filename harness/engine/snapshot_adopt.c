/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adopted memory (dirty.h) is a file's to the kernel and stays anonymous to the program: what the
 * two do otherwise when they are dropped or resized is made good here.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/sys.h"
#include "engine/snapshot_layout.h"

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

void snapshot_dropped(uintptr_t start, size_t length)
{
	const struct snapshot *s = &snapshot_state;
	uintptr_t from, to;

	for (size_t i = 0; i < s->span_count && s->spans[i].start < start + length; i++)
		if (s->spans[i].anonymous &&
		    adopted_part(&s->spans[i], start, start + length, &from, &to))
			memset((void *)from, 0, to - from);
}

static void make_anonymous(uintptr_t from, uintptr_t to, int protection)
{
	const size_t size = to - from;
	const long copy = sys_mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sys_failed(copy))
		return;
	memcpy((void *)copy, (const void *)from, size);
	sys_mprotect((void *)copy, size, protection);
	sys_call5(SYS_mremap, copy, (long)size, (long)size, MREMAP_MAYMOVE | MREMAP_FIXED,
		  (long)from);
}

void snapshot_release(uintptr_t start, size_t length)
{
	const struct snapshot *s = &snapshot_state;
	uintptr_t from, to;

	for (size_t i = 0; i < s->span_count && s->spans[i].start < start + length; i++)
		if (adopted_part(&s->spans[i], start, start + length, &from, &to))
			make_anonymous(from, to, s->spans[i].protection);
}
