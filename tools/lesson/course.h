/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course: cases/course puts files of the catalogue under topics and into an order. One line a
 * topic,
 *
 *	topic | ids of threads | ids of processes
 *
 * where an id is that of a case or of a file, for all its broken variants; each file is a lesson,
 * numbered by where it is first named. The same file makes the table of
 * topics in cases/README.md.
 */
#ifndef JOSTLE_TOOL_COURSE_H
#define JOSTLE_TOOL_COURSE_H

#include "test/cases.h"

/* One file. Texts and arrays belong to the pool of course_read(). */
struct lesson {
	size_t number; /* from 1 */
	const char *topic;
	const char *id; /* "tutorial/03_lock_order" */
	/* What a student mends: the broken variants of the file, known gaps left out. At least one.
	 */
	const struct case_entry **broken;
	size_t broken_count;
	unsigned nasty; /* what the file's fixed variants survive; bits as board_config.spurious */
};

struct course {
	struct lesson *lessons;
	size_t count;
};

/* Reads the file beside the catalogue's sources. Returns 0 or EXIT_USAGE, the reason having been
 * said. cases must outlive course. */
int course_read(struct course *course, const struct cases *cases, struct pool *pool);

#endif
