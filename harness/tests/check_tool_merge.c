/* SPDX-License-Identifier: Apache-2.0 */
/* Which findings of several detectors are one, which are not, and how they are counted. */
#include "check_main.h"

#include <string.h>

#include "event/finding.h"
#include "under/merge.h"

#define PLACE(name, number) .place = { .file = (name), .line = (number) }
#define ACCESS(name, number)                              \
	{                                                 \
		.role = SITE_ACCESS, PLACE(name, number), \
	}
#define NOWHERE                                       \
	{                                             \
		.role = SITE_CREATED, PLACE("a.c", 1) \
	}

static struct pool pool;

static void setup(void)
{
	pool = (struct pool){ NULL };
}

static void teardown(void)
{
	pool_fini(&pool);
}

static const uint64_t early[] = { 0, 1 }, late[] = { 1, 4, 5 };

/* What two detectors told, and whether it is one finding. */
static const struct {
	const char *name, *kinds[2], *causes[2];
	struct story_site sites[2][2];
	bool one;
} rows[] = {
	{ "the same lines in the other order",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("a.c", 10), ACCESS("a.c", 20) }, { ACCESS("a.c", 20), ACCESS("a.c", 10) } },
	  true },
	{ "a near-twin at another line",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("a.c", 10), ACCESS("a.c", 20) }, { ACCESS("a.c", 10), ACCESS("a.c", 21) } },
	  false },
	{ "one line twice is not the pair",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("a.c", 10), ACCESS("a.c", 10) }, { ACCESS("a.c", 10), ACCESS("a.c", 20) } },
	  false },
	{ "a path that one of them shortens",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("/home/x/src/a.c", 10), ACCESS("/home/x/src/a.c", 20) },
	    { ACCESS("../src/a.c", 10), ACCESS("a.c", 20) } },
	  true },
	{ "files of one name in two folders",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("/x/one/a.c", 10), ACCESS("/x/one/a.c", 20) },
	    { ACCESS("/x/two/a.c", 10), ACCESS("/x/two/a.c", 20) } },
	  false },
	{ "a name that ends so is another file",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("/x/aa.c", 10), ACCESS("/x/aa.c", 20) },
	    { ACCESS("a.c", 10), ACCESS("a.c", 20) } },
	  false },
	{ "another kind at the same lines",
	  { "race", "lock-order" },
	  { "", "" },
	  { { ACCESS("a.c", 10), ACCESS("a.c", 20) },
	    { { .role = SITE_EDGE, PLACE("a.c", 10) }, { .role = SITE_EDGE, PLACE("a.c", 20) } } },
	  false },
	{ "half of a race belongs to the pair",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("a.c", 10), ACCESS("a.c", 20) }, { ACCESS("a.c", 20), NOWHERE } },
	  true },
	{ "half of another one does not",
	  { "race", "race" },
	  { "", "" },
	  { { ACCESS("a.c", 10), ACCESS("a.c", 20) }, { ACCESS("a.c", 21), NOWHERE } },
	  false },
	{ "a misuse that one has no name for",
	  { "misuse", "misuse" },
	  { "unlock-unlocked", "" },
	  { { { .role = SITE_AT, PLACE("a.c", 10) }, NOWHERE },
	    { { .role = SITE_AT, PLACE("a.c", 10) }, NOWHERE } },
	  true },
	{ "two misuses at one line",
	  { "misuse", "misuse" },
	  { "unlock-unlocked", "destroy-held" },
	  { { { .role = SITE_AT, PLACE("a.c", 10) }, NOWHERE },
	    { { .role = SITE_AT, PLACE("a.c", 10) }, NOWHERE } },
	  false },
	{ "the same ending", { "crash", "crash" }, { "signal", "signal" }, { { NOWHERE } }, true },
};

static void make(struct story *story, int row, int which)
{
	*story = (struct story){ .kind = rows[row].kinds[which],
				 .cause = rows[row].causes[which],
				 .severity_level = SEVERITY_ERROR,
				 .title = "title",
				 .text = "",
				 .tool = which ? "drd" : "helgrind",
				 .sites = rows[row].sites[which],
				 .site_count = 2,
				 .runs = which ? late : early,
				 .run_count = which ? 3 : 2,
				 .count = which ? 3 : 2 };
}

START_TEST(findings_at_the_same_lines_are_one)
{
	struct story stories[2];
	struct story *const first[] = { &stories[0] }, *const second[] = { &stories[1] };
	const struct merge_part parts[] = { { "helgrind", 5, first, 1 }, { "drd", 6, second, 1 } };
	struct story *merged[2];
	size_t count;

	make(&stories[0], _i, 0);
	make(&stories[1], _i, 1);
	count = merge_stories(&pool, parts, 2, merged);
	ck_assert_msg(count == (rows[_i].one ? 1 : 2), "%s", rows[_i].name);
	ck_assert_uint_eq(merged[0]->below_count, 2);
	ck_assert_uint_eq(merged[0]->below[0].shown, 2);
	ck_assert_uint_eq(merged[0]->below[0].runs, 5);
	ck_assert_uint_eq(merged[0]->below[1].shown, rows[_i].one ? 3 : 0);
	ck_assert_uint_eq(merged[0]->below[1].runs, 6);
	ck_assert_str_eq(merged[0]->replay, rows[_i].one ? "5 of 11" : "2 of 11");
	if (!rows[_i].one)
		ck_assert_str_eq(merged[1]->replay, "3 of 11");
}
END_TEST

static const struct story_site pair[] = { ACCESS("a.c", 10), ACCESS("a.c", 20) };
static const struct story_site other_pair[] = { ACCESS("a.c", 10), ACCESS("a.c", 30) };

static struct story race_at(const struct story_site *sites, size_t count, const uint64_t *runs,
			    size_t run_count)
{
	return (struct story){ .kind = "race",
			       .cause = "",
			       .severity_level = SEVERITY_ERROR,
			       .title = "race",
			       .text = "",
			       .sites = sites,
			       .site_count = count,
			       .runs = runs,
			       .run_count = run_count };
}

START_TEST(both_halves_are_counted_once_a_run)
{
	struct story halves[] = { race_at(pair, 1, early, 2), race_at(pair + 1, 1, late, 3) };
	struct story whole = race_at(pair, 2, late, 1);
	struct story *const of_drd[] = { &halves[0], &halves[1] }, *const of_helgrind[] = {
		&whole
	};
	const struct merge_part parts[] = { { "drd", 6, of_drd, 2 },
					    { "helgrind", 6, of_helgrind, 1 } };
	struct story *merged[3];

	ck_assert_uint_eq(merge_stories(&pool, parts, 2, merged), 1);
	ck_assert_ptr_eq(merged[0], &whole);
	/* Of runs 0, 1 and 1, 4, 5. */
	ck_assert_uint_eq(merged[0]->below[0].shown, 4);
	ck_assert_uint_eq(merged[0]->below[1].shown, 1);
}
END_TEST

START_TEST(half_of_two_pairs_is_a_finding_of_its_own)
{
	struct story half = race_at(pair, 1, early, 2);
	struct story whole = race_at(pair, 2, late, 1), twin = race_at(other_pair, 2, late, 1);
	struct story *const of_drd[] = { &half }, *const of_helgrind[] = { &whole, &twin };
	const struct merge_part parts[] = { { "drd", 6, of_drd, 1 },
					    { "helgrind", 6, of_helgrind, 2 } };
	struct story *merged[3];

	ck_assert_uint_eq(merge_stories(&pool, parts, 2, merged), 3);
}
END_TEST

START_TEST(the_worst_severity_is_kept_and_told_first)
{
	struct story warning = race_at(pair, 2, early, 2), error = race_at(pair, 2, late, 3);
	struct story first = race_at(other_pair, 2, early, 2);
	struct story *const one[] = { &first, &warning }, *const two[] = { &error };
	const struct merge_part parts[] = { { "helgrind", 6, one, 2 }, { "tsan", 6, two, 1 } };
	struct story *merged[3];

	first.severity_level = warning.severity_level = SEVERITY_WARNING;
	error.severity = "error";
	ck_assert_uint_eq(merge_stories(&pool, parts, 2, merged), 2);
	ck_assert_ptr_eq(merged[0], &warning);
	ck_assert_uint_eq(warning.severity_level, SEVERITY_ERROR);
	ck_assert_str_eq(warning.severity, "error");
	ck_assert_ptr_eq(merged[1], &first);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_merge");
	TCase *tcase = tcase_create("merge");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, findings_at_the_same_lines_are_one, 0,
			    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, both_halves_are_counted_once_a_run);
	tcase_add_test(tcase, half_of_two_pairs_is_a_finding_of_its_own);
	tcase_add_test(tcase, the_worst_severity_is_kept_and_told_first);
	suite_add_tcase(suite, tcase);
	return suite;
}
