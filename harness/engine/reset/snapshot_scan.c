/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the pages that were written since the take and are not known yet.
 *
 * The kernel is asked once for spans that lie close together; what it reports of the gaps is
 * dropped here. Where it cannot be asked, contents are compared with the copy or with zero.
 */
#include <errno.h>
#include <string.h>

#include "engine/reset/snapshot_layout.h"

/* Walking a populated gap costs the kernel about as much as being asked again. */
enum { GAP_MAX = 256 << 10 };

static const char zeros[PAGE_BYTES];

uint32_t snapshot_learn(struct span *span, uintptr_t start, uintptr_t end)
{
	struct snapshot *s = &snapshot_state;
	uint32_t from, to, added = 0;

	start = start > span->start ? start : span->start;
	end = end < span->end ? end : span->end;
	if (start >= end)
		return 0;
	from = (uint32_t)((start - span->first_page) >> PAGE_SHIFT);
	to = (uint32_t)((end - 1 - span->first_page) >> PAGE_SHIFT) + 1;
	for (uint32_t page = from; page < to; page++) {
		if (bitset_has(span->known, page))
			continue;
		bitset_add(span->known, page);
		added++;
	}
	if (added == 0)
		return 0;
	if (span->known_count == 0 || from < span->known_low)
		span->known_low = from;
	if (to > span->known_high)
		span->known_high = to;
	span->known_count += added;
	s->counters.pages_dirty += added;
	s->stale = true;
	return added;
}

bool snapshot_watch(struct span *span)
{
	const unsigned int abilities = snapshot_state.abilities;
	uintptr_t start, end;

	if (!(abilities & (DIRTY_CAN_WATCH | DIRTY_CAN_ADOPT)))
		return false;
	if (!span_whole_pages(span, &start, &end))
		return true;
	if (abilities & DIRTY_CAN_WATCH)
		return dirty_watch(start, end) == 0;
	if (dirty_adopt(start, end, span->protection) != 0)
		return false;
	span->question = DIRTY_COPIED;
	return true;
}

/* The kernel's answer for some neighbouring spans. */
struct harvest {
	size_t next, end; /* spans */
	enum dirty_question question;
	uint64_t added;
};

static bool asked(const struct span *span, enum dirty_question question)
{
	return span->question == question && (span->watched || question == DIRTY_POPULATED) &&
	       span->known_count < span->pages;
}

static void gather(uintptr_t start, uintptr_t end, void *context)
{
	struct harvest *harvest = context;

	for (; harvest->next < harvest->end; harvest->next++) {
		struct span *span = &snapshot_state.spans[harvest->next];

		if (span->start >= end)
			return;
		if (asked(span, harvest->question))
			harvest->added += snapshot_learn(span, start, end);
		if (span->end > end)
			return; /* the next range may continue in it */
	}
}

static uintptr_t asked_end(const struct span *span)
{
	const uintptr_t limit = span->first_page + ((uintptr_t)span->limit << PAGE_SHIFT);

	if (span->question == DIRTY_POPULATED && !(snapshot_state.abilities & DIRTY_CAN_SCAN))
		return limit;
	return span->first_page + ((uintptr_t)span->pages << PAGE_SHIFT);
}

static long ask(enum dirty_question question)
{
	const struct snapshot *s = &snapshot_state;
	uint64_t added = 0;

	for (size_t i = 0; i < s->span_count;) {
		struct harvest harvest = { .next = i, .question = question };
		const uintptr_t start = s->spans[i].first_page;
		uintptr_t end;
		int error;

		if (!asked(&s->spans[i], question)) {
			i++;
			continue;
		}
		end = asked_end(&s->spans[i]);
		harvest.end = ++i;
		for (; i < s->span_count && s->spans[i].first_page <= end + GAP_MAX; i++) {
			if (!asked(&s->spans[i], question))
				continue;
			end = asked_end(&s->spans[i]);
			harvest.end = i + 1;
		}
		i = harvest.end;
		error = dirty_scan(question, start, end, gather, &harvest);
		if (error != 0)
			return error;
		added += harvest.added;
	}
	return (long)added;
}

/* What is neither watched nor listed is looked at: pages that are not known, within @span->limit.
 */
static uint64_t compare(struct span *span)
{
	uint64_t added = 0;

	if (span->known_count == span->pages)
		return 0;
	for (uint32_t page = 0; page < span->limit; page++) {
		const uintptr_t start = span->first_page + ((uintptr_t)page << PAGE_SHIFT);

		/* First and last page are known when they are not whole. */
		if (bitset_has(span->known, page))
			continue;
		if (memcmp((const void *)start,
			   span->copy ? span->copy + (start - span->start) : zeros,
			   PAGE_BYTES) != 0)
			added += snapshot_learn(span, start, start + PAGE_BYTES);
	}
	return added;
}

static bool can_ask(enum dirty_question question)
{
	switch (question) {
	case DIRTY_COPIED:
		return snapshot_state.abilities & DIRTY_CAN_ADOPT;
	case DIRTY_POPULATED:
		return snapshot_state.abilities & (DIRTY_CAN_SCAN | DIRTY_CAN_READ);
	default:
		return snapshot_state.abilities & DIRTY_CAN_WATCH;
	}
}

static long scan_all(void)
{
	struct snapshot *s = &snapshot_state;
	uint64_t added = 0;

	for (int question = DIRTY_WRITTEN; question <= DIRTY_POPULATED; question++) {
		const bool can = can_ask((enum dirty_question)question);
		const long result = can ? ask((enum dirty_question)question) : 0;

		if (result < 0)
			return result;
		added += (uint64_t)result;
		for (size_t i = 0; i < s->span_count; i++) {
			struct span *span = &s->spans[i];

			if ((int)span->question == question && !span->watched &&
			    !(can && question == DIRTY_POPULATED))
				added += compare(span);
		}
	}
	return (long)added;
}

long snapshot_scan(void)
{
	struct snapshot *s = &snapshot_state;
	long added;

	if (s->method == SNAPSHOT_NONE)
		return -EINVAL;
	added = scan_all();
	if (added < 0)
		return added;
	added += (long)s->marked;
	s->marked = 0;
	s->counters.scans++;
	s->counters.scans_new += added > 0;
	if (s->stale)
		snapshot_rebuild();
	return added;
}

void snapshot_mark(const void *base, size_t length)
{
	struct snapshot *s = &snapshot_state;
	const uintptr_t start = (uintptr_t)base;
	const uintptr_t end = start + length < start ? UINTPTR_MAX : start + length;

	for (size_t i = 0; i < s->span_count && s->spans[i].start < end; i++)
		s->marked += snapshot_learn(&s->spans[i], start, end);
}

void snapshot_limit(const void *base, size_t used)
{
	struct snapshot *s = &snapshot_state;
	const uintptr_t end = (uintptr_t)base + used;
	bool inside = false;

	for (size_t i = 0; i < s->span_count; i++) {
		struct span *span = &s->spans[i];

		/* The region may have been cut into several spans. */
		if (inside && (!span->explicit_fresh || span->start != s->spans[i - 1].end))
			break;
		inside |= span->explicit_fresh && span->start == (uintptr_t)base;
		if (!inside)
			continue;
		if (end <= span->first_page)
			span->limit = 0;
		else if (end < span->end)
			span->limit = (uint32_t)((end - 1 - span->first_page) >> PAGE_SHIFT) + 1;
		else
			span->limit = span->pages;
	}
}

bool snapshot_wants_limit(void)
{
	return snapshot_state.method != SNAPSHOT_NONE &&
	       !(snapshot_state.abilities & DIRTY_CAN_SCAN);
}

int snapshot_rearm_after_fork(void)
{
	struct snapshot *s = &snapshot_state;

	if (s->method == SNAPSHOT_NONE)
		return -EINVAL;
	s->abilities = dirty_open(~s->forbidden);
	for (size_t i = 0; i < s->span_count; i++) {
		struct span *span = &s->spans[i];

		/* What was adopted is so in the child, too. */
		if (span->question == DIRTY_POPULATED || span->question == DIRTY_COPIED ||
		    span->shared)
			continue;
		span->watched = snapshot_watch(span);
		if (!span->watched)
			s->method = SNAPSHOT_COMPARED;
		s->marked += compare(span);
	}
	if (!(s->abilities & (DIRTY_CAN_SCAN | DIRTY_CAN_READ)))
		s->method = SNAPSHOT_COMPARED;
	return 0;
}
