/* SPDX-License-Identifier: Apache-2.0 */
/* What other detectors say of a case: what agrees, which class a difference belongs to, and that
 * what no class covers is unexplained. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "event/finding.h"
#include "test/disagree.h"
#include "test/test_table.h"

static struct story story, other;
static struct story *stories[2] = { &story, &other };
static struct case_entry entry;
static struct tool_verdict verdict;

static void setup(void)
{
	entry = (struct case_entry){ .id = "race/demo/broken",
				     .expect = "race",
				     .also = "outcome",
				     .tags = "counter",
				     .file = "cases/race/demo.c" };
	story = (struct story){ .kind = "race",
				.cause = "",
				.severity_level = SEVERITY_ERROR,
				.title = "race: f() and g()",
				.count = 3 };
	other = (struct story){ .kind = "lock-order",
				.cause = "lock-cycle",
				.severity_level = SEVERITY_WARNING,
				.title = "lock-order: f() and g()",
				.count = 2 };
	memset(&verdict, 0, sizeof(verdict));
	verdict.ran = true;
}

static const char *cell(void)
{
	static char text[32];

	test_table_cell(&entry, &verdict, text, sizeof(text));
	return text;
}

static const struct {
	const char *name;
	enum test_tool tool;
	const char *expect, *cause, *tags;
	const char *told; /* the kind of the one report; NULL: silent */
	bool jostle_found;
	const char *cell;
} rows[] = {
	{ "found", TOOL_TSAN, "race", NULL, "", "race", true, "ok" },
	{ "silent on a correct one", TOOL_TSAN, "pass", NULL, "", NULL, false, "ok" },
	{ "a schedule that did not happen", TOOL_TSAN, "race", NULL, "", NULL, true, "miss s" },
	{ "no schedule is known that shows it", TOOL_TSAN, "race", NULL, "", NULL, false,
	  "miss ?" },
	{ "a descriptor that another thread closed", TOOL_TSAN, "outcome", NULL, "pipe descriptor",
	  "race", true, "race r" },
	{ "the end of a pipe", TOOL_TSAN, "pass", NULL, "pipe descriptor", "race", true, "race m" },
	{ "the other access is another process's", TOOL_DRD, "race", NULL, "process", NULL, true,
	  "miss p" },
	{ "and natively nobody looks", TOOL_NONE, "race", NULL, "process", NULL, true, "miss k" },
	{ "natively nobody looks for races", TOOL_NONE, "race", NULL, "", NULL, true, "miss k" },
	{ "only the first looks for lock orders", TOOL_DRD, "lock-order", NULL, "", NULL, true,
	  "miss k" },
	{ "Helgrind does", TOOL_HELGRIND, "lock-order", NULL, "", NULL, true, "miss s" },
	{ "an outcome shows by itself", TOOL_NONE, "outcome", NULL, "", NULL, true, "miss s" },
	{ "atomics race for Helgrind", TOOL_HELGRIND, "pass", NULL, "clean atomic", "race", false,
	  "race a" },
	{ "and not for TSan", TOOL_TSAN, "pass", NULL, "clean atomic", "race", false, "race ?" },
	{ "which ignores fences", TOOL_TSAN, "pass", NULL, "atomic fence", "race", false,
	  "race f" },
	{ "the tag is a whole word", TOOL_HELGRIND, "pass", NULL, "nonatomic", "race", false,
	  "race ?" },
	{ "no class covers a crash", TOOL_HELGRIND, "pass", NULL, "atomic", "crash", false,
	  "crash ?" },
	{ "nor anything told natively", TOOL_NONE, "pass", NULL, "atomic", "race", false,
	  "race ?" },
	{ "both: told something else, and missed it", TOOL_DRD, "outcome", NULL, "atomic", "race",
	  true, "race as" },
	{ "a lock order warns of a lock cycle", TOOL_TSAN, "deadlock", "lock-cycle", "",
	  "lock-order", true, "ok" },
	{ "and of no other deadlock", TOOL_TSAN, "deadlock", "semaphore", "", "lock-order", true,
	  "order ?s" },
	{ "what stands is told as a hang", TOOL_NONE, "deadlock", "semaphore", "", "hang", true,
	  "ok" },
	{ "of misuse each knows its own list", TOOL_TSAN, "misuse", "join-twice", "", NULL, true,
	  "miss k" },
	{ "this is on Helgrind's", TOOL_HELGRIND, "misuse", "join-twice", "", NULL, true,
	  "miss s" },
	{ "told as a race, it was not missed", TOOL_DRD, "lifetime", NULL, "", "race", true,
	  "race r" },
	{ "undefined: it may crash", TOOL_NONE, "lifetime", NULL, "", "crash", true, "ok" },
};

START_TEST(a_report_agrees_or_has_a_class_or_is_unexplained)
{
	entry.expect = rows[_i].expect;
	entry.cause = rows[_i].cause;
	entry.tags = rows[_i].tags;
	story.kind = rows[_i].told;
	disagree_judge(&entry, rows[_i].tool, stories, rows[_i].told ? 1 : 0, rows[_i].jostle_found,
		       &verdict);
	ck_assert_msg(strcmp(cell(), rows[_i].cell) == 0, "%s: %s", rows[_i].name, cell());
	ck_assert_int_eq(disagree_is_unexplained(&verdict), strchr(rows[_i].cell, '?') != NULL);
}
END_TEST

START_TEST(what_is_found_beside_the_bug_is_a_difference)
{
	disagree_judge(&entry, TOOL_HELGRIND, stories, 2, true, &verdict);
	ck_assert_str_eq(cell(), "ok +?");
	ck_assert_ptr_nonnull(strstr(verdict.why, "lock-order: f() and g(): unexplained"));
	memset(&verdict, 0, sizeof(verdict));
	verdict.ran = true;
	entry.tags = "lock-order";
	disagree_judge(&entry, TOOL_HELGRIND, stories, 2, true, &verdict);
	ck_assert_str_eq(cell(), "ok +l");
}
END_TEST

START_TEST(a_reason_does_not_hide_what_has_none)
{
	entry.expect = "pass";
	entry.tags = "atomic";
	disagree_judge(&entry, TOOL_HELGRIND, stories, 2, true, &verdict);
	ck_assert_str_eq(verdict.marks, "?a");
	ck_assert(disagree_is_unexplained(&verdict));
}
END_TEST

START_TEST(notes_accuse_nobody)
{
	entry.expect = "pass";
	story.severity_level = SEVERITY_NOTE;
	disagree_judge(&entry, TOOL_TSAN, stories, 1, false, &verdict);
	ck_assert_str_eq(cell(), "ok");
}
END_TEST

START_TEST(the_first_report_speaks_with_its_count)
{
	disagree_judge(&entry, TOOL_TSAN, stories, 1, true, &verdict);
	ck_assert_str_eq(verdict.kind, "race");
	ck_assert_uint_eq(verdict.shown, 3);
}
END_TEST

START_TEST(what_did_not_run_is_no_agreement)
{
	struct case_entry *entries[] = { &entry };
	const struct options options = { .under = 1U << TOOL_DRD };
	struct case_result result = { .done = true };
	const struct test_rows table = {
		.entries = entries, .results = &result, .count = 1, .options = &options
	};

	ck_assert_uint_eq(test_table_unexplained(&table), 1);
	verdict.ran = false;
	ck_assert_str_eq(cell(), "n/a");
	result.tools[TOOL_DRD].ran = true;
	ck_assert_uint_eq(test_table_unexplained(&table), 0);
}
END_TEST

START_TEST(each_class_has_a_letter_of_its_own)
{
	for (const struct disagreement *a = disagreements; a->mark; a++) {
		ck_assert(a->mark >= 'a' && a->mark <= 'z');
		for (const struct disagreement *b = a + 1; b->mark; b++)
			ck_assert_int_ne(a->mark, b->mark);
	}
}
END_TEST

START_TEST(a_row_fits_into_80_columns)
{
	struct case_entry *entries[] = { &entry };
	struct options options = { .under = (1U << TOOL_COUNT) - 1 };
	struct case_result result = { .done = true };
	const struct test_rows table = {
		.entries = entries, .results = &result, .count = 1, .options = &options
	};
	struct page page;

	entry.id = "clean/handed_over_atomics/sequentially_consistent";
	entry.expect = "lock-order";
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++) {
		struct tool_verdict *cell_verdict = &result.tools[tool];

		*cell_verdict = (struct tool_verdict){ .ran = true, .other = true };
		snprintf(cell_verdict->kind, sizeof(cell_verdict->kind), "misuse");
		cell_verdict->marks[0] = 's';
	}
	page_init(&page, false);
	test_table_head(&page, &options);
	test_table_row(&page, &table, 0);
	for (const char *line = page.text; *line; line = strchr(line, '\n') + 1)
		ck_assert_uint_le(strcspn(line, "\n"), 80);
	ck_assert_ptr_nonnull(strstr(page.text, "misuse s misuse s misuse s misuse s\n"));
	page_fini(&page);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_disagree");
	TCase *tcase = tcase_create("disagree");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, a_report_agrees_or_has_a_class_or_is_unexplained, 0,
			    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, what_is_found_beside_the_bug_is_a_difference);
	tcase_add_test(tcase, a_reason_does_not_hide_what_has_none);
	tcase_add_test(tcase, notes_accuse_nobody);
	tcase_add_test(tcase, the_first_report_speaks_with_its_count);
	tcase_add_test(tcase, what_did_not_run_is_no_agreement);
	tcase_add_test(tcase, each_class_has_a_letter_of_its_own);
	tcase_add_test(tcase, a_row_fits_into_80_columns);
	suite_add_tcase(suite, tcase);
	return suite;
}
