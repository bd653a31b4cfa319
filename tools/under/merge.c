/* SPDX-License-Identifier: Apache-2.0 */
#include "under/merge.h"

#include <stdlib.h>
#include <string.h>

#include "event/finding.h"

struct member {
	size_t part;
	struct story *story;
	struct member *next; /* of its group */
};

/* What is one finding, in the order in which the parts told it. */
struct group {
	struct member *first, *last;
	struct story *story; /* that is kept */
};

struct merge {
	struct pool *pool;
	const struct merge_part *parts;
	size_t part_count;
	struct group *groups;
	size_t count;
};

/* A compiler may have been called with a relative path. */
static const char *without_dots(const char *file)
{
	while (strncmp(file, "./", 2) == 0 || strncmp(file, "../", 3) == 0)
		file += file[1] == '/' ? 2 : 3;
	return file;
}

/* One is the other, or its end behind a slash. */
static bool same_file(const char *a, const char *b)
{
	size_t length_a, length_b;

	a = without_dots(a);
	b = without_dots(b);
	length_a = strlen(a);
	length_b = strlen(b);
	if (length_a < length_b)
		return same_file(b, a);
	return strcmp(a + length_a - length_b, b) == 0 &&
	       (length_a == length_b || b[0] == '/' || a[length_a - length_b - 1] == '/');
}

static bool same_place(const struct frame *a, const struct frame *b)
{
	if (a->file && b->file)
		return a->line == b->line && same_file(a->file, b->file);
	return !a->file && !b->file && a->function && b->function &&
	       strcmp(a->function, b->function) == 0;
}

static bool is_kind(const struct story *story, enum finding_kind kind)
{
	return strcmp(story->kind, finding_kind_name(kind)) == 0;
}

/* The sites by which a finding of this kind is known. */
static bool is_core(const struct story *story, const struct story_site *site)
{
	switch (site->role) {
	case SITE_ACCESS:
		return is_kind(story, FINDING_RACE);
	case SITE_EDGE:
		return is_kind(story, FINDING_LOCK_ORDER);
	case SITE_WAITS:
		return is_kind(story, FINDING_DEADLOCK) || is_kind(story, FINDING_HANG);
	case SITE_AT:
		return is_kind(story, FINDING_MISUSE) || is_kind(story, FINDING_LIFETIME) ||
		       is_kind(story, FINDING_LEAK);
	default:
		return false;
	}
}

static size_t core_count(const struct story *story)
{
	size_t count = 0;

	for (size_t i = 0; i < story->site_count; i++)
		count += is_core(story, &story->sites[i]);
	return count;
}

/* How often a place stands among the core sites. */
static size_t times_at(const struct story *story, const struct frame *place)
{
	size_t count = 0;

	for (size_t i = 0; i < story->site_count; i++)
		count += is_core(story, &story->sites[i]) &&
			 same_place(&story->sites[i].place, place);
	return count;
}

/* In any order. */
static bool same_places(const struct story *a, const struct story *b)
{
	if (core_count(a) != core_count(b))
		return false;
	for (size_t i = 0; i < a->site_count; i++)
		if (is_core(a, &a->sites[i]) &&
		    times_at(a, &a->sites[i].place) != times_at(b, &a->sites[i].place))
			return false;
	return true;
}

/* Of a misuse each detector has words of its own; one detector means its words. */
static bool same_cause(const struct member *a, const struct member *b)
{
	if (a->part == b->part)
		return strcmp(a->story->cause, b->story->cause) == 0 &&
		       strcmp(a->story->text, b->story->text) == 0;
	return !a->story->cause[0] || !b->story->cause[0] ||
	       strcmp(a->story->cause, b->story->cause) == 0;
}

static bool is_same(const struct member *a, const struct member *b)
{
	if (strcmp(a->story->kind, b->story->kind) != 0 || !same_cause(a, b))
		return false;
	if (core_count(a->story) == 0 && core_count(b->story) == 0)
		return strcmp(a->story->title, b->story->title) == 0;
	return same_places(a->story, b->story);
}

static bool is_half(const struct story *story)
{
	return is_kind(story, FINDING_RACE) && core_count(story) == 1;
}

static struct group *group_of(const struct merge *merge, const struct member *member)
{
	for (size_t i = 0; i < merge->count; i++)
		if (is_same(merge->groups[i].first, member))
			return &merge->groups[i];
	return NULL;
}

/* The one pair of lines that has a side where half of a race was seen; NULL: none or several. */
static struct group *pair_of(const struct merge *merge, const struct story *half)
{
	const struct story_site *side = half->sites;
	struct group *found = NULL;

	while (!is_core(half, side))
		side++;
	for (size_t i = 0; i < merge->count; i++) {
		const struct story *story = merge->groups[i].first->story;

		if (!is_kind(story, FINDING_RACE) || is_half(story) ||
		    !times_at(story, &side->place))
			continue;
		if (found)
			return NULL;
		found = &merge->groups[i];
	}
	return found;
}

static void add(struct merge *merge, struct group *group, struct member *member)
{
	if (!group) {
		merge->groups[merge->count++] = (struct group){ .first = member, .last = member };
	} else {
		group->last->next = member;
		group->last = member;
	}
}

/* Pairs first, then what may be half of one. */
static void group_all(struct merge *merge)
{
	for (int half = 0; half <= 1; half++)
		for (size_t part = 0; part < merge->part_count; part++)
			for (size_t i = 0; i < merge->parts[part].count; i++) {
				struct story *story = merge->parts[part].stories[i];
				struct member *member = pool_new(merge->pool, struct member, 1);
				struct group *group = NULL;

				if (is_half(story) != (bool)half)
					continue;
				*member = (struct member){ part, story, NULL };
				if (half)
					group = pair_of(merge, story);
				add(merge, group ? group : group_of(merge, member), member);
			}
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Runs of a part that showed any of its members. */
static uint64_t shown_of(const struct merge *merge, const struct group *group, size_t part)
{
	const struct member *member;
	uint64_t *runs, shown = 0;
	size_t count = 0, at = 0;

	for (member = group->first; member; member = member->next)
		if (member->part == part)
			count += member->story->run_count;
	runs = pool_new(merge->pool, uint64_t, count + 1);
	for (member = group->first; member; member = member->next)
		for (size_t i = 0; member->part == part && i < member->story->run_count; i++)
			runs[at++] = member->story->runs[i];
	qsort(runs, count, sizeof(*runs), compare_numbers);
	for (size_t i = 0; i < count; i++)
		shown += i == 0 || runs[i] != runs[i - 1];
	return shown;
}

static bool knows_locks(const struct story *story)
{
	for (size_t i = 0; i < story->site_count; i++)
		if (story->sites[i].locks_known)
			return true;
	return false;
}

static bool says_more(const struct story *a, const struct story *b)
{
	if (core_count(a) != core_count(b))
		return core_count(a) > core_count(b);
	if (!a->cause[0] != !b->cause[0])
		return a->cause[0];
	return knows_locks(a) && !knows_locks(b);
}

/* The story that says most, with the greatest severity. */
static struct story *best_of(const struct group *group)
{
	struct story *best = group->first->story, *worst = best;

	for (const struct member *member = group->first; member; member = member->next) {
		if (says_more(member->story, best))
			best = member->story;
		if (member->story->severity_level > worst->severity_level)
			worst = member->story;
	}
	best->severity_level = worst->severity_level;
	best->severity = worst->severity;
	return best;
}

static void count(const struct merge *merge, struct group *group)
{
	struct story_below *below = pool_new(merge->pool, struct story_below, merge->part_count);
	struct story *story = group->story;

	story->below = below;
	story->below_count = merge->part_count;
	story->count = story->schedules = 0;
	for (size_t part = 0; part < merge->part_count; part++) {
		below[part] = (struct story_below){ .tool = merge->parts[part].tool,
						    .shown = shown_of(merge, group, part),
						    .runs = merge->parts[part].runs };
		story->count += below[part].shown;
		story->schedules += below[part].runs;
	}
	story->replay = pool_format(merge->pool, "%llu of %llu", (unsigned long long)story->count,
				    (unsigned long long)story->schedules);
}

size_t merge_stories(struct pool *pool, const struct merge_part *parts, size_t part_count,
		     struct story **stories)
{
	struct merge merge = { .pool = pool, .parts = parts, .part_count = part_count };
	size_t all = 0, told = 0;

	for (size_t i = 0; i < part_count; i++)
		all += parts[i].count;
	merge.groups = pool_new(pool, struct group, all + 1);
	group_all(&merge);
	for (size_t i = 0; i < merge.count; i++) {
		merge.groups[i].story = best_of(&merge.groups[i]);
		count(&merge, &merge.groups[i]);
	}
	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--)
		for (size_t i = 0; i < merge.count; i++)
			if ((int)merge.groups[i].story->severity_level == severity)
				stories[told++] = merge.groups[i].story;
	return told;
}
