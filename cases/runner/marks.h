/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks: comments of one line in a case's source that say where its findings must land.
 *
 *	pthread_mutex_lock(&s->second);	// DEADLOCK: waits for second     (as a block comment)
 *
 * The word is a kind in capitals, and then the finding must show that line, or it is SEE: a line
 * that a finding may show as well (where the lock was taken, the signal that came too early). A
 * mark belongs to every broken variant of its file that expects its kind, unless it names one
 * between parentheses: RACE(broken_twice). For a variant that has its kind among .also it is as
 * SEE.
 */
#ifndef JOSTLE_CASES_MARKS_H
#define JOSTLE_CASES_MARKS_H

#include "catalogue.h"

#define MARKS_MAX     64
#define MARK_WORD_MAX 32
#define MARK_TEXT_MAX 96

struct mark {
	int line;
	char word[MARK_WORD_MAX];    /* as written: "DEADLOCK", "SEE" */
	char variant[MARK_WORD_MAX]; /* "" for all */
	char text[MARK_TEXT_MAX];    /* after the colon, without blanks at its ends */
};

struct marks {
	size_t count;
	struct mark marks[MARKS_MAX];
};

/* Reads the marks of the case's file. Returns 0 or -errno; -E2BIG when there are too many. */
int marks_read(struct marks *marks, const struct entry *entry);

/* Whether the word is SEE or a kind. A comment with any other word before its colon is no mark. */
int mark_is_known(const struct mark *mark);

/* Whether the mark speaks of this variant: always false for one that must pass. */
int mark_applies(const struct mark *mark, const struct entry *entry);

/* Whether its word is the kind that this variant expects: not SEE, and not what shows beside it. */
int mark_is_strict(const struct mark *mark, const struct entry *entry);

/* What the JSON calls an applicable mark: "deadlock" when a finding must show it, or "see". */
const char *mark_kind_name(const struct mark *mark, const struct entry *entry);

#endif
