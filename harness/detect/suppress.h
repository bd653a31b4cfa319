/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suppressions: findings that a user knows of and does not want to hear about. One rule per line,
 *
 *	kind:pattern
 *
 * with a kind of findings ("race", "deadlock", ...) or * for any, and a pattern that must match the
 * whole of the title, of a function's name or of a file's name among the finding's places. In
 * patterns * stands for any characters, ? for one, \ takes the next one literally. Empty lines and
 * lines that begin with # say nothing; blanks around the parts do not count.
 *
 * No libc, no memory of its own: rules point into the text, which the caller keeps.
 */
#ifndef JOSTLE_DETECT_SUPPRESS_H
#define JOSTLE_DETECT_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUPPRESS_ANY_KIND (-1)

struct suppress_rule {
	const char *pattern; /* length characters, no NUL */
	size_t length;
	int kind; /* enum finding_kind or SUPPRESS_ANY_KIND */
	uint32_t line;
	uint64_t used; /* findings that it suppressed; the caller counts */
};

/* What rules look at. Any string may be NULL. */
struct suppress_subject {
	int kind; /* enum finding_kind */
	const char *title;
	const char *const *functions;
	const char *const *files;
	size_t function_count;
	size_t file_count;
};

/*
 * Reads rules from @text of @length bytes. 0, with *count rules; -EINVAL: line *line is none;
 * -ENOSPC: more than @max, found in line *line. Rules before it are valid in either case.
 */
int suppress_parse(const char *text, size_t length, struct suppress_rule *rules, size_t max,
		   size_t *count, uint32_t *line);

/* The first rule that matches, or NULL. */
struct suppress_rule *suppress_match(struct suppress_rule *rules, size_t count,
				     const struct suppress_subject *subject);

/* Does @pattern of @length characters match the whole of @text? */
bool suppress_glob(const char *pattern, size_t length, const char *text);

#endif
