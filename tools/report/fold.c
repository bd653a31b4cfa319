/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One bug, one finding.
 *
 * A lock order is a warning as long as nobody saw the threads hang. When another schedule of the
 * same campaign did hang there, it is the same bug seen twice, and telling it twice would only make
 * the report longer. The two are the same when the places are: in the order, where each lock is
 * asked for while another is held; in the deadlock, where each thread waits. Places are compared as
 * module and offset, since a target's addresses may differ from those of the next.
 *
 * And one line may stand at several places of the code: of a loop that was unrolled, of a function
 * that was inlined twice. Whoever reads the source has one bug there, as long as the whole stacks
 * have the same lines and it is about the same thing, which the title says. What a line does inside
 * a library, or in headers of the C++ library, is not looked at: to insert into a map under the
 * wrong lock is one bug, however many fields of the tree race. Nothing is folded into what does not
 * count itself.
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

static bool same_words(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_line(const struct frame *a, const struct frame *b)
{
	return a->file && a->line > 0 && a->line == b->line && same_words(a->file, b->file) &&
	       same_words(a->function, b->function);
}

/* In code without lines it is the same place. */
static bool same_frame(const struct frame *a, const struct frame *b)
{
	return same_line(a, b) || (!a->file && !b->file && same_place(a, b));
}

/* How many frames are further in than the user's own place. */
static size_t frames_within(const struct story_site *site)
{
	for (size_t i = 0; i < site->frame_count; i++)
		if (site->frames[i].pc == site->place.pc &&
		    same_frame(&site->frames[i], &site->place))
			return i;
	return 0;
}

static bool same_lines(const struct story_site *a, const struct story_site *b)
{
	const size_t a_within = frames_within(a), b_within = frames_within(b);

	if (a->role != b->role || a->op_kind != b->op_kind ||
	    a->frame_count - a_within != b->frame_count - b_within ||
	    !same_frame(&a->place, &b->place))
		return false;
	for (size_t i = a_within, k = b_within; i < a->frame_count; i++, k++)
		if (!same_frame(&a->frames[i], &b->frames[k]))
			return false;
	return true;
}

/* Site by site; the two accesses of a race, which come first, either way. */
static bool same_sites(const struct story *a, const struct story *b)
{
	const bool crossed = a->site_count >= 2 && a->sites[0].role == SITE_ACCESS &&
			     a->sites[1].role == SITE_ACCESS;

	if (a->site_count == 0 || a->site_count != b->site_count)
		return false;
	for (size_t i = crossed ? 2 : 0; i < a->site_count; i++)
		if (!same_lines(&a->sites[i], &b->sites[i]))
			return false;
	return !crossed ||
	       (same_lines(&a->sites[0], &b->sites[0]) && same_lines(&a->sites[1], &b->sites[1])) ||
	       (same_lines(&a->sites[0], &b->sites[1]) && same_lines(&a->sites[1], &b->sites[0]));
}

const struct story *story_told_before(const struct story *story, struct story *const *stories,
				      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct story *before = stories[i];

		if (before->severity_level >= story->severity_level && !before->folded_into &&
		    !before->suppressed && !before->in_baseline &&
		    strcmp(before->kind, story->kind) == 0 &&
		    strcmp(before->cause, story->cause) == 0 &&
		    same_words(before->title, story->title) &&
		    same_words(before->text, story->text) && same_sites(before, story))
			return before;
	}
	return NULL;
}
