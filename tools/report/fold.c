/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock order is a warning as long as nobody saw the threads hang. When another schedule of the
 * same campaign did hang there, it is the same bug seen twice, and telling it twice would only make
 * the report longer. The two are the same when the places are: in the order, where each lock is
 * asked for while another is held; in the deadlock, where each thread waits. Places are compared as
 * module and offset, since a target's addresses may differ from those of the next.
 */
#include <string.h>

#include "report/story.h"

static bool same_place(const struct frame *a, const struct frame *b)
{
	return a->module && b->module && strcmp(a->module, b->module) == 0 &&
	       a->offset == b->offset;
}

/* Each site of story with that role has its like among the other's sites with other_role, and there
 * is at least one. */
static bool covers(const struct story *story, unsigned role, const struct story *other,
		   unsigned other_role)
{
	size_t found = 0;

	for (size_t i = 0; i < story->site_count; i++) {
		bool known = false;

		if (story->sites[i].role != role)
			continue;
		for (size_t k = 0; k < other->site_count && !known; k++)
			known = other->sites[k].role == other_role &&
				same_place(&story->sites[i].place, &other->sites[k].place);
		if (!known)
			return false;
		found++;
	}
	return found > 0;
}

const struct story *story_confirmation(const struct story *story, struct story *const *stories,
				       size_t count)
{
	if (strcmp(story->kind, finding_kind_name(FINDING_LOCK_ORDER)) != 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const struct story *deadlock = stories[i];

		/* Others may wait in the deadlock as well, main for the threads to begin with. */
		if (strcmp(deadlock->kind, finding_kind_name(FINDING_DEADLOCK)) == 0 &&
		    strcmp(deadlock->cause, story->cause) == 0 &&
		    covers(story, SITE_EDGE, deadlock, SITE_WAITS) &&
		    covers(story, SITE_HOLDS, deadlock, SITE_HOLDS))
			return deadlock;
	}
	return NULL;
}
