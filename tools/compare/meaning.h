/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the figures mean on this machine, in words. Each sentence follows from figures that are
 * there: two of them are called different when the middle halves of their samples are apart
 * (stats_apart()), and what was not measured is not spoken of.
 */
#ifndef JOSTLE_COMPARE_MEANING_H
#define JOSTLE_COMPARE_MEANING_H

#include "compare/compare.h"

struct meaning {
	const char *about; /* a topic's id; of run times the task's: "cpu"; "machine" */
	const char *text;  /* sentences; "" when there is nothing to say */
};

#define MEANINGS (TOPIC_RUN + TASK_COUNT + 1)

/* Fills in all, in the order of the report; texts live in the pool. */
void meaning_of(const struct comparison *comparison, struct pool *pool,
		struct meaning meanings[MEANINGS]);
/* The text about that; "" when there is none. */
const char *meaning_about(const struct meaning *meanings, const char *about);

#endif
