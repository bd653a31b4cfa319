/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that does less than the lesson's own fix, and what of it is an answer nevertheless. */
#include "check_main.h"

#include <string.h>

#include "lesson/lesson_work.h"

static const struct {
	const char *name;
	const char *runs, *bodies;
	struct work work, own;
	const char *missing; /* part of the sentence; NULL: nothing */
} rows[] = {
	{ "the same",
	  "threads",
	  "pour, drink",
	  { 2, 6, { 2, 2, 2 } },
	  { 2, 6, { 2, 2, 2 } },
	  NULL },
	{ "less of it",
	  "threads",
	  "pour, drink",
	  { 2, 2, { 0, 1, 1 } },
	  { 2, 6, { 2, 2, 2 } },
	  NULL },
	{ "more of it",
	  "threads",
	  "pour, drink",
	  { 4, 20, { 0, 10, 10 } },
	  { 2, 6, { 2, 2, 2 } },
	  NULL },
	{ "a body without any",
	  "threads",
	  "pour, drink",
	  { 2, 4, { 2, 2, 0 } },
	  { 2, 6, { 2, 2, 2 } },
	  "Operations of the thread drink: none; in the lesson's own fix: 2." },
	{ "a process without any",
	  "processes",
	  "pour, drink",
	  { 2, 4, { 2, 0, 2 } },
	  { 2, 6, { 2, 2, 2 } },
	  "Operations of the process pour: none" },
	{ "a body that has none in the lesson either",
	  "threads",
	  "pour, drink",
	  { 2, 2, { 0, 2, 0 } },
	  { 2, 2, { 0, 2, 0 } },
	  NULL },
	{ "nobody is started",
	  "body",
	  "",
	  { 0, 4, { 4 } },
	  { 1, 4, { 4 } },
	  "Threads and processes started: 0; by the lesson's own fix: 1." },
	{ "one thread less", "body", "", { 2, 9, { 9 } }, { 3, 9, { 9 } }, "started: 2; by" },
	{ "nothing at all", "body", "", { 1, 0, { 0 } }, { 1, 4, { 4 } }, "Operations: none" },
	{ "no operations there either", "body", "", { 1, 0, { 0 } }, { 1, 0, { 0 } }, NULL },
};

START_TEST(what_is_missing_is_told_and_what_is_less_is_not)
{
	const struct case_entry lesson = { .runs = rows[_i].runs, .bodies = rows[_i].bodies };
	struct pool pool = { NULL };
	const char *told = lesson_work_missing(&rows[_i].work, &rows[_i].own, &lesson, &pool);

	if (rows[_i].missing)
		ck_assert_msg(told && strstr(told, rows[_i].missing), "%s: %s", rows[_i].name,
			      told ? told : "nothing");
	else
		ck_assert_msg(!told, "%s: %s", rows[_i].name, told);
	pool_fini(&pool);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("lesson");
	TCase *tcase = tcase_create("work");

	tcase_add_loop_test(tcase, what_is_missing_is_told_and_what_is_less_is_not, 0,
			    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
