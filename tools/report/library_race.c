/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Races that are the standard library's own and that no program can avoid.
 *
 * std::atomic<std::shared_ptr> of libstdc++ 12 locks itself with a bit of its count. Reading, it
 * gives that lock back with memory_order_relaxed, so that by the letter nothing orders its read of
 * the pointer before the next write. It is a mistake of the library, and told as one: both accesses
 * must be that pointer's, made by the members themselves. What the pointer leads to, and the making
 * and destroying of the object, remain the program's.
 */
#include <string.h>

#include "event/finding.h"
#include "report/story.h"
#include "report/suppress.h"

#define CLASS "std::_Sp_atomic<"

static bool is_member(const struct frame *frame)
{
	static const char *const members[] = { ">::load", ">::swap", ">::wait",
					       ">::compare_exchange_strong" };

	if (!frame->function || strncmp(frame->function, CLASS, strlen(CLASS)) != 0)
		return false;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *end = strstr(frame->function, members[i]);

		/* Not of a class that is the pointer's argument. */
		if (end && end[strlen(members[i])] == '\0')
			return true;
	}
	return false;
}

static bool is_its_own(const struct story_site *site)
{
	if (site->frame_count == 0)
		return false;
	if (is_member(&site->frames[0]))
		return true;
	return site->frame_count > 1 && site->frames[0].function &&
	       strstr(site->frames[0].function, "std::swap<") && is_member(&site->frames[1]);
}

const char *library_race(const struct story *story)
{
	size_t accesses = 0;

	if (strcmp(story->kind, finding_kind_name(FINDING_RACE)) != 0)
		return NULL;
	for (size_t i = 0; i < story->site_count; i++) {
		if (story->sites[i].role != SITE_ACCESS)
			continue;
		if (!is_its_own(&story->sites[i]))
			return NULL;
		accesses++;
	}
	return accesses == 2 ? "a rule of jostle's own: the library's std::atomic<std::shared_ptr> "
			       "unlocks itself with memory_order_relaxed"
			     : NULL;
}
