/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result as CI systems read it: a list of tests, each passed, failed or skipped, with a text. The
 * findings of a run become such a list (suite_of_run()), and so do the cases of the catalogue; what
 * writes a format (junit.c, tap.c) knows nothing else. Every text may hold any bytes: the writers
 * escape.
 */
#ifndef JOSTLE_REPORT_SUITE_H
#define JOSTLE_REPORT_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "jostle/options.h"
#include "report/page.h"
#include "report/pool.h"

struct report;

enum suite_status {
	SUITE_PASSED,
	SUITE_FAILED,
	SUITE_SKIPPED, /* does not count: suppressed, below --fail-on, needs another level */
	SUITE_KNOWN,   /* failed, and is expected to for now */
	SUITE_ERROR,   /* could not be tried */
};

/* Texts are never NULL, but text and output may be; they live as long as the suite's pool. */
struct suite_test {
	const char *name; /* the same in each run, so that a CI system follows it */
	enum suite_status status;
	const char *type;    /* of a failure: "deadlock: lock-cycle" */
	const char *message; /* one sentence; "" when there is nothing to say */
	const char *text;    /* the story, many lines */
	const char *output;  /* what the program wrote */
	size_t output_size;
	double seconds;
};

struct suite {
	struct pool pool; /* fresh when all zero; suite_fini() frees it */
	const char *name;
	struct suite_test *tests;
	size_t count;
	double seconds;
};

/* One test for the exploration itself, then one for each finding. uncontrolled: nothing was
 * explored that a pass could speak for. suite is all zero before. */
void suite_of_run(struct suite *suite, const struct report *report, bool uncontrolled);
void suite_fini(struct suite *suite);

/* Compose the formats. */
void suite_tap(const struct suite *suite, struct page *page);   /* version 14 */
void suite_junit(const struct suite *suite, struct page *page); /* share/jostle/schema/junit.xsd */

/* Writes what --junit and --tap ask for. Returns 0 or EXIT_USAGE, the reason having been said. */
int suite_write(const struct suite *suite, const struct options *options);
/* Whether --json, --html, --junit, --tap or --table take standard output, so that no text has room
 * there. */
bool output_is_taken(const struct options *options);
/* 0, or EXIT_USAGE when two of them want standard output, the reason having been said. */
int output_check(const struct options *options);

/*
 * Well-formed UTF-8 of characters that XML, TAP and terminals can hold: tabs and line ends stay,
 * other control characters and bytes that are no UTF-8 are shown as \x1b. In the pool.
 */
char *text_clean(struct pool *pool, const char *bytes, size_t size);
/* Bytes of the well-formed UTF-8 character that begins there; 0: none does. */
size_t text_utf8_length(const char *bytes, size_t size);
/* The same in one line: line ends and tabs become blanks. */
char *text_line(struct pool *pool, const char *text);

#endif
