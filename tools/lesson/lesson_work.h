/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a variant does, counted in one schedule: a fix that is silent because it does nothing is
 * no fix. Needed where a lesson has no outcomes, which would show that the work was done.
 */
#ifndef JOSTLE_TOOL_LESSON_WORK_H
#define JOSTLE_TOOL_LESSON_WORK_H

#include "lesson/lesson.h"

/*
 * Runs one schedule of the variant and of each fixed variant of the lesson's own file, and
 * compares. What is less than every one of them does at its place, a thread that is not started or
 * a body without a single operation, makes the grade GRADE_FOUND, with the reason in why; what
 * cannot be told goes to remark. Returns 0, EXIT_USAGE or EXIT_UNCONTROLLED, the reason having been
 * said.
 */
int lesson_work_judge(const struct lesson_file *file, const struct lesson *lesson,
		      const struct cases *cases, const struct options *options,
		      struct variant *variant, struct pool *pool);

/* The first thing that work lacks and own has, as a sentence, or NULL. */
const char *lesson_work_missing(const struct work *work, const struct work *own,
				const struct case_entry *lesson, struct pool *pool);

#endif
