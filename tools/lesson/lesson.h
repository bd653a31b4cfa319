/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lesson graded: a student's version of one file of the course is compiled, found to be that
 * lesson still, and explored in two looks.
 *
 * The first look is what the catalogue itself needs to find the bug: the case's own budget, at the
 * level at which the bug shows. What it finds is *found*. The second look asks for more than the
 * lesson does: five times as many schedules from other seeds, at both levels, so that races are
 * seen where the lesson was about outcomes, and with whatever POSIX permits that the catalogue's
 * own fix survives. What only this look finds was *fixed by luck*. Silent in both is *fixed*.
 */
#ifndef JOSTLE_TOOL_LESSON_H
#define JOSTLE_TOOL_LESSON_H

#include <limits.h>

#include "jostle/options.h"
#include "lesson/course.h"
#include "report/report.h"

#define LESSON_SECOND_LOOK 5 /* times the first look's schedules */

/* From good to bad: the worst variant is the lesson's grade. */
enum lesson_grade { GRADE_FIXED, GRADE_LUCK, GRADE_FOUND };

/* A student's file, compiled. */
struct lesson_file {
	const char *given;      /* as on the command line */
	char program[PATH_MAX]; /* every access visible; absolute */
	const char *out;        /* folder of the program and of the failure files */
	struct cases cases;     /* what it declares */
};

/*
 * Compiles the file of lesson and checks that it is that lesson: the same broken variants, with the
 * same bodies, judged by the same functions and outcomes. Returns 0 or EXIT_USAGE, the reason
 * having been said.
 */
int lesson_file_open(struct lesson_file *file, const struct lesson *lesson,
		     const struct cases *cases, const struct options *options, struct pool *pool);

/* One exploration. */
struct look {
	bool second;
	bool accesses; /* at the instrumented level */
	unsigned nasty;
	uint64_t seed;
	uint64_t wanted,
		schedules; /* asked for, and run until it was over or something was found */
};

#define LOOKS_MAX 3

#define WORK_THREADS_MAX 64

/* What one schedule came to. */
struct work {
	unsigned threads;    /* started, and processes: the highest number of one */
	unsigned operations; /* that are not about threads, processes or time */
	unsigned of_thread[WORK_THREADS_MAX]; /* the same of each */
};

/* One variant. Texts belong to the pool, but for the stories, which belong to report. */
struct variant {
	const struct case_entry *lesson; /* of the catalogue */
	const char *name;                /* "broken" */
	enum lesson_grade grade;
	const char *why; /* when it is not fixed and there is no story */
	struct look looks[LOOKS_MAX];
	size_t look_count;
	struct report report;       /* of the last look; report_fini() */
	const struct story *story;  /* NULL: silent */
	bool compared;              /* the lesson has no outcomes, and these are filled: */
	struct work work, own_work; /* own: the least of the lesson's own fixed variants */
	const char *remark;         /* what the grade does not say; NULL: nothing */
	const char *unseen;         /* the allowed outcomes that never came, "90, 80"; "" */
};

/* Explores each broken variant: variants has lesson->broken_count places. Returns 0, EXIT_USAGE or
 * EXIT_UNCONTROLLED, the reason having been said; *count variants hold a report in any case. */
int lesson_explore(const struct lesson_file *file, const struct lesson *lesson,
		   const struct cases *cases, const struct options *options,
		   struct variant *variants, size_t *count, struct pool *pool);

const char *lesson_grade_name(enum lesson_grade grade);

/* The result for people, and as JSON (a new reference). */
void lesson_tell(const struct lesson *lesson, const struct lesson_file *file,
		 const struct variant *variants, size_t count, struct page *page);
json_t *lesson_json(const struct lesson *lesson, const struct lesson_file *file,
		    const struct variant *variants, size_t count);

/* The worst of them. */
enum lesson_grade lesson_grade_of(const struct variant *variants, size_t count);

#endif
