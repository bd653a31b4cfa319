/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings of several detectors merged into one list. Two are the same when they are of one kind
 * and lie at the same lines of source: the two accesses of a race, in either order, the two
 * acquisitions of a lock order, the place of a misuse. Lines are compared by their file and number,
 * since Valgrind and ThreadSanitizer see different builds of one program, and the words of each
 * detector (what the memory is called, whether an update is its read or its write) do not count.
 * How the program ended is the same when its title is.
 *
 * DRD names one access of a race alone. Such a finding belongs to the pair of lines that has a side
 * there if there is exactly one, and is a finding of its own if there is none or several.
 */
#ifndef JOSTLE_UNDER_MERGE_H
#define JOSTLE_UNDER_MERGE_H

#include "report/story.h"

/* What one detector said. */
struct merge_part {
	const char *tool;
	uint64_t runs;
	struct story *const *stories;
	size_t count;
};

/*
 * Fills stories, which has room for all, the worst first, then in the order of the parts; returns
 * how many there are. Of stories that are the same the one that says most is kept and changed: it
 * gets below, with a row for each part, and count, schedules and replay are of all parts together.
 * Texts are in the pool.
 */
size_t merge_stories(struct pool *pool, const struct merge_part *parts, size_t part_count,
		     struct story **stories);

#endif
