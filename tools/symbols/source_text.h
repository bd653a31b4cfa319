/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case's source as words: what must be known of it that is not in the program, namely whether the
 * functions that judge a run are still those of the lesson. Comments and blanks do not count; the
 * preprocessor is not run. Pure text, no files but the one that is read.
 */
#ifndef JOSTLE_TOOL_SOURCE_TEXT_H
#define JOSTLE_TOOL_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "report/pool.h"

struct source_text {
	const char **words; /* identifiers, numbers, strings, and punctuation one by one */
	size_t count;
};

/* Takes text apart; everything belongs to the pool. */
void source_text_parse(struct source_text *source, const char *text, struct pool *pool);

/* The same of a file. Returns 0 or -errno. */
int source_text_read(struct source_text *source, const char *path, struct pool *pool);

/* What `.member =` names in JOSTLE_CASE(name); NULL: nothing. */
const char *source_text_member(const struct source_text *source, const char *name,
			       const char *member);

/*
 * Whether function of one source says the same as other_function of the other: parameters and body,
 * and so every function of its own file that it calls. False when one of them is not there.
 */
bool source_text_same_function(const struct source_text *source, const char *function,
			       const struct source_text *other, const char *other_function);

#endif
