/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue, as its own program tells it: `jostle-cases --list --json`. The command knows no
 * case by name and no source file; cases and command meet in that JSON and in `jostle-cases --run
 * ID`.
 */
#ifndef JOSTLE_TOOL_CASES_H
#define JOSTLE_TOOL_CASES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "report/pool.h"

struct case_mark {
	unsigned line;
	bool must; /* a finding must show it; else it may ("see") */
	bool gone; /* the compiler removed the access: it need not be shown */
	const char *text;
};

/* One case. Texts belong to the pool; never NULL but where said. */
struct case_entry {
	const char *id, *title, *tags, *why, *ref;
	const char *expect;    /* a kind, or "pass" */
	const char *cause;     /* NULL: any */
	const char *known_gap; /* NULL: none */
	const char *file;      /* below the source tree: "cases/deadlock/self.c" */
	unsigned line;
	unsigned schedules;
	unsigned nasty;     /* bits as board_config.spurious */
	const char *also;   /* kinds that may be found beside expect, as words */
	const char *runs;   /* "threads", "processes" or "body" */
	const char *bodies; /* their names, "deposit, withdraw"; "" of a body */
	const char
		*checks; /* what judges a run, as words: observe, invariant, guarded_by, always */
	const char *const *outcomes;
	const char *const *grades; /* of each outcome: "allowed", "interesting", "forbidden" */
	size_t outcome_count;      /* 0: none declared */
	bool needs_accesses;
	struct case_mark *marks;
	size_t mark_count;
};

struct cases {
	char program[PATH_MAX];      /* absolute */
	char instrumented[PATH_MAX]; /* the same cases, each access visible; "" when there is none
				      */
	char tsan[PATH_MAX];         /* the same for ThreadSanitizer; "" when there is none */
	struct case_entry *entries;
	size_t count;
};

/* Finds the catalogue's programs and asks the first. Returns 0 or EXIT_USAGE, the reason having
 * been said. */
int cases_read(struct cases *cases, struct pool *pool);

/*
 * The same of any program of cases, asked in folder, which the file names that its compiler wrote
 * may be relative to; NULL: here. Has no instrumented twin.
 */
int cases_read_program(struct cases *cases, struct pool *pool, const char *program,
		       const char *folder);

/* Whether word is one of words, which are separated by blanks. */
bool case_has_word(const char *words, const char *word);

/* A glob over the id or one of the tags, or the beginning of an id up to a "/". No pattern matches
 * everything. */
bool case_matches(const struct case_entry *entry, char *const *patterns, size_t count);

/*
 * The source file of a case, beside the build or where the tree was: its path in the pool, or NULL
 * when it is not there.
 */
const char *case_source(const struct cases *cases, const struct case_entry *entry,
			struct pool *pool);

/* The same of any file beside the sources: "cases/course". */
const char *cases_file(const struct cases *cases, const char *file, struct pool *pool);

#endif
