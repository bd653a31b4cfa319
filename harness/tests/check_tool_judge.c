/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a case, in both directions, and what suppressions and baselines let through. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event/finding.h"
#include "jostle/say.h"
#include "report/suppress.h"
#include "test/judge.h"

#define FILE_NAME "cases/deadlock/demo.c"

static struct case_mark marks[] = { { .line = 10, .must = true, .text = "waits" },
				    { .line = 12, .text = "taken" } };
static struct case_entry entry;
static struct story_site sites[2];
static struct frame frames[2];
static struct story story, other;
static struct story *stories[2] = { &story, &other };
static struct case_result result;

static void setup(void)
{
	entry = (struct case_entry){ .id = "deadlock/demo/broken",
				     .expect = "deadlock",
				     .cause = "self",
				     .also = "",
				     .file = FILE_NAME,
				     .marks = marks,
				     .mark_count = 2 };
	for (int i = 0; i < 2; i++) {
		frames[i] = (struct frame){ .function = "f",
					    .file = "/somewhere/" FILE_NAME,
					    .line = 10 + 2 * (unsigned)i };
		sites[i] = (struct story_site){ .role = i ? SITE_HOLDS : SITE_WAITS,
						.place = frames[i],
						.frames = &frames[i],
						.frame_count = 1 };
	}
	story = (struct story){ .id = "F1",
				.kind = "deadlock",
				.cause = "self",
				.severity = "error",
				.severity_level = SEVERITY_ERROR,
				.title = "deadlock: self in f()",
				.first_schedule = 4,
				.sites = sites,
				.site_count = 2 };
	other = (struct story){ .id = "F2",
				.kind = "misuse",
				.cause = "relock",
				.severity = "error",
				.severity_level = SEVERITY_ERROR,
				.title = "misuse: relock in g()" };
	memset(&result, 0, sizeof(result));
}

static enum case_verdict judge(size_t count)
{
	judge_case(&entry, stories, count, &result);
	return result.verdict;
}

START_TEST(what_is_declared_and_found_on_its_marks_is_ok)
{
	ck_assert_int_eq(judge(1), CASE_OK);
	ck_assert_str_eq(result.kind, "deadlock");
	ck_assert_uint_eq(result.first_schedule, 4);
}
END_TEST

START_TEST(what_is_declared_and_not_found_fails_and_may_improve)
{
	ck_assert_int_eq(judge(0), CASE_FAILED);
	ck_assert(result.may_improve);
}
END_TEST

START_TEST(another_cause_fails)
{
	story.cause = "lock-cycle";
	ck_assert_int_eq(judge(1), CASE_FAILED);
	entry.cause = NULL;
	ck_assert_int_eq(judge(1), CASE_OK);
}
END_TEST

START_TEST(an_error_of_another_kind_fails_and_a_warning_does_not)
{
	ck_assert_int_eq(judge(2), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "misuse: relock"));
	other.severity_level = SEVERITY_WARNING;
	ck_assert_int_eq(judge(2), CASE_OK);
}
END_TEST

START_TEST(a_mark_that_no_finding_shows_fails)
{
	frames[0].line = 12;
	ck_assert_int_eq(judge(1), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "demo.c:10"));
	ck_assert(result.may_improve);
}
END_TEST

START_TEST(a_line_that_may_be_shown_need_not_be)
{
	story.site_count = 1;
	ck_assert_int_eq(judge(1), CASE_OK);
}
END_TEST

START_TEST(a_finding_beside_the_marks_fails)
{
	frames[1].line = 99;
	ck_assert_int_eq(judge(1), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "demo.c:99"));
	ck_assert(!result.may_improve);
}
END_TEST

START_TEST(lines_of_other_files_carry_no_marks)
{
	frames[1].file = "/somewhere/cases/runner/run.c";
	sites[1].place = frames[1];
	ck_assert_int_eq(judge(1), CASE_OK);
	frames[1].file = "/somewhere/xcases/deadlock/demo.c";
	sites[1].place = frames[1];
	ck_assert_int_eq(judge(1), CASE_OK);
}
END_TEST

START_TEST(a_finding_without_a_place_shows_the_steps_before_it)
{
	struct story_event events[] = { { .place = { .file = "/x/" FILE_NAME, .line = 10 } } };
	static const char *const outcomes[] = { "80" };

	entry.expect = story.kind = "outcome";
	entry.cause = NULL;
	entry.outcomes = outcomes;
	entry.outcome_count = 1;
	story.text = "80";
	story.site_count = 0;
	ck_assert_int_eq(judge(1), CASE_FAILED);
	story.events = events;
	story.event_count = 1;
	ck_assert_int_eq(judge(1), CASE_OK);
}
END_TEST

START_TEST(what_the_bug_leads_to_may_show_beside_it)
{
	static const char *const outcomes[] = { "1", "2" };

	entry.also = "crash outcome";
	entry.outcomes = outcomes;
	entry.outcome_count = 2;
	other.kind = "crash";
	ck_assert_int_eq(judge(2), CASE_OK);
	other.kind = "outcome";
	other.text = "2 (the update is lost)";
	ck_assert_int_eq(judge(2), CASE_OK);
	entry.also = "crash";
	ck_assert_int_eq(judge(2), CASE_FAILED);
}
END_TEST

START_TEST(what_the_bug_leads_to_does_not_stand_for_it)
{
	entry.also = "misuse";
	stories[0] = &other;
	ck_assert_int_eq(judge(1), CASE_FAILED);
	stories[0] = &story;
	ck_assert(result.may_improve);
}
END_TEST

START_TEST(what_shows_beside_the_bug_lands_on_marks_as_well)
{
	entry.also = "misuse";
	other.sites = &sites[1];
	other.site_count = 1;
	ck_assert_int_eq(judge(2), CASE_OK);
	story.site_count = 1;
	frames[1].line = 99;
	ck_assert_int_eq(judge(2), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "F2 shows demo.c:99"));
}
END_TEST

START_TEST(an_outcome_that_the_case_does_not_list_fails)
{
	static const char *const outcomes[] = { "2" };

	entry.also = "outcome";
	entry.outcomes = outcomes;
	entry.outcome_count = 1;
	other.kind = "outcome";
	other.text = "20 (the case declares no such outcome)";
	ck_assert_int_eq(judge(2), CASE_FAILED);
}
END_TEST

START_TEST(a_fixed_case_is_accused_by_warnings_and_not_by_notes)
{
	entry.expect = "pass";
	entry.cause = NULL;
	ck_assert_int_eq(judge(0), CASE_OK);
	story.severity_level = SEVERITY_NOTE;
	ck_assert_int_eq(judge(1), CASE_OK);
	story.severity_level = SEVERITY_WARNING;
	ck_assert_int_eq(judge(1), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "accused"));
}
END_TEST

START_TEST(a_known_gap_is_a_row_of_its_own_until_it_closes)
{
	entry.known_gap = "not seen yet";
	ck_assert_int_eq(judge(0), CASE_GAP);
	ck_assert_str_eq(result.why, "not seen yet");
	ck_assert_int_eq(judge(1), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "remove .known_gap"));
}
END_TEST

static enum case_verdict judge_on_threads(size_t count)
{
	judge_case_on_threads(&entry, stories, count, &result);
	return result.verdict;
}

START_TEST(on_threads_a_bug_that_did_not_show_is_no_failure)
{
	ck_assert_int_eq(judge_on_threads(0), CASE_NOT_SEEN);
	ck_assert_str_eq(result.kind, "");
	ck_assert_str_eq(result.why, "");
	ck_assert(!result.may_improve);
	entry.expect = "race";
	ck_assert_int_eq(judge_on_threads(0), CASE_NOT_SEEN);
	ck_assert_ptr_nonnull(strstr(result.why, "does not look for race"));
}
END_TEST

START_TEST(on_threads_marks_need_not_be_hit)
{
	frames[0].line = 12;
	ck_assert_int_eq(judge_on_threads(1), CASE_OK);
	ck_assert_str_eq(result.kind, "deadlock");
}
END_TEST

START_TEST(on_threads_another_kind_fails_where_the_kind_is_looked_for)
{
	ck_assert_int_eq(judge_on_threads(2), CASE_FAILED);
	ck_assert_ptr_nonnull(strstr(result.why, "misuse: relock in g() instead of deadlock"));
	entry.expect = "lifetime"; /* undefined: it may deadlock, and crash */
	other.kind = "crash";
	ck_assert_int_eq(judge_on_threads(2), CASE_OK);
}
END_TEST

static const struct {
	const char *name, *declared_cause, *kind, *cause;
	enum case_verdict verdict;
} told_causes[] = {
	{ "the same", "lock-cycle", "deadlock", "lock-cycle", CASE_OK },
	{ "what is waited for, without the history", "lost-wakeup", "deadlock", "no-signal",
	  CASE_OK },
	{ "another one", "self", "deadlock", "lock-cycle", CASE_FAILED },
	{ "any", NULL, "deadlock", "lock-cycle", CASE_OK },
	{ "nobody goes on, and the table does not tell why", "self", "hang", "no-progress",
	  CASE_OK },
};

START_TEST(on_threads_a_cause_may_be_coarse_but_not_wrong)
{
	entry.cause = told_causes[_i].declared_cause;
	story.kind = told_causes[_i].kind;
	story.cause = told_causes[_i].cause;
	ck_assert_msg(judge_on_threads(1) == told_causes[_i].verdict, "%s", told_causes[_i].name);
}
END_TEST

START_TEST(on_threads_a_fixed_case_is_silent)
{
	entry.expect = "pass";
	ck_assert_int_eq(judge_on_threads(0), CASE_OK);
	ck_assert_int_eq(judge_on_threads(1), CASE_FAILED);
}
END_TEST

START_TEST(patterns_are_globs_tags_and_beginnings)
{
	char *patterns[] = { (char[]){ "deadlock/*" } }, *tag[] = { (char[]){ "mutex" } },
	     *start[] = { (char[]){ "deadlock/demo" } }, *none[] = { (char[]){ "dead" } };

	entry.tags = "mutex tutorial";
	ck_assert(case_matches(&entry, patterns, 1));
	ck_assert(case_matches(&entry, tag, 1));
	ck_assert(case_matches(&entry, start, 1));
	ck_assert(case_matches(&entry, NULL, 0));
	ck_assert(!case_matches(&entry, none, 1));
}
END_TEST

static void write_text(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

static int read_quietly(struct suppressions *suppressions, const char *rules, const char *baseline)
{
	int saved = dup(STDERR_FILENO), sink = memfd_create("sink", 0), code;

	dup2(sink, STDERR_FILENO);
	code = suppressions_read(suppressions, (const char *const[]){ rules }, rules != NULL,
				 baseline);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(sink);
	return code;
}

static const struct {
	const char *rules;
	const char *matched; /* the rule that speaks, NULL: none; "": the file is refused */
} rules[] = {
	{ "# only a comment\n\n", NULL },
	{ "deadlock:*self*\n", "deadlock:*self*" },
	{ "  deadlock:f  \n", "deadlock:f" },
	{ "*:demo.c\n", "*:demo.c" },
	{ "misuse:*\n", NULL },
	{ "deadlock:g\n", NULL },
	{ "misuse:*\r\ndeadlock:deadlock: self in f()", "deadlock:deadlock: self in f()" },
	{ "deadlok:*\n", "" },
	{ "deadlock\n", "" },
	{ "deadlock:\n", "" },
};

START_TEST(rules_match_titles_functions_and_files)
{
	struct suppressions suppressions;
	char file[] = "/tmp/check_rules_XXXXXX";
	const char *matched = rules[_i].matched;
	int code;

	close(mkstemp(file));
	write_text(file, rules[_i].rules);
	code = read_quietly(&suppressions, file, NULL);
	ck_assert_int_eq(code, matched && !matched[0] ? EXIT_USAGE : 0);
	if (code == 0 && matched)
		ck_assert_str_eq(suppressions_match(&suppressions, &story), matched);
	else if (code == 0)
		ck_assert_ptr_null(suppressions_match(&suppressions, &story));
	suppressions_fini(&suppressions);
	unlink(file);
}
END_TEST

START_TEST(a_baseline_knows_titles)
{
	struct suppressions suppressions;
	char file[] = "/tmp/check_baseline_XXXXXX";

	close(mkstemp(file));
	write_text(file, "{\"findings\": [{\"title\": \"deadlock: self in f()\"}, {}]}");
	ck_assert_int_eq(read_quietly(&suppressions, NULL, file), 0);
	ck_assert(suppressions_in_baseline(&suppressions, &story));
	ck_assert(!suppressions_in_baseline(&suppressions, &other));
	suppressions_fini(&suppressions);
	write_text(file, "{}");
	ck_assert_int_eq(read_quietly(&suppressions, NULL, file), EXIT_USAGE);
	unlink(file);
	ck_assert_int_eq(read_quietly(&suppressions, file, NULL), EXIT_USAGE);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_judge");
	TCase *tcase = tcase_create("judge");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, what_is_declared_and_found_on_its_marks_is_ok);
	tcase_add_test(tcase, what_is_declared_and_not_found_fails_and_may_improve);
	tcase_add_test(tcase, another_cause_fails);
	tcase_add_test(tcase, an_error_of_another_kind_fails_and_a_warning_does_not);
	tcase_add_test(tcase, a_mark_that_no_finding_shows_fails);
	tcase_add_test(tcase, a_line_that_may_be_shown_need_not_be);
	tcase_add_test(tcase, a_finding_beside_the_marks_fails);
	tcase_add_test(tcase, lines_of_other_files_carry_no_marks);
	tcase_add_test(tcase, a_finding_without_a_place_shows_the_steps_before_it);
	tcase_add_test(tcase, what_the_bug_leads_to_may_show_beside_it);
	tcase_add_test(tcase, what_the_bug_leads_to_does_not_stand_for_it);
	tcase_add_test(tcase, what_shows_beside_the_bug_lands_on_marks_as_well);
	tcase_add_test(tcase, an_outcome_that_the_case_does_not_list_fails);
	tcase_add_test(tcase, a_fixed_case_is_accused_by_warnings_and_not_by_notes);
	tcase_add_test(tcase, a_known_gap_is_a_row_of_its_own_until_it_closes);
	tcase_add_test(tcase, on_threads_a_bug_that_did_not_show_is_no_failure);
	tcase_add_test(tcase, on_threads_marks_need_not_be_hit);
	tcase_add_test(tcase, on_threads_another_kind_fails_where_the_kind_is_looked_for);
	tcase_add_loop_test(tcase, on_threads_a_cause_may_be_coarse_but_not_wrong, 0,
			    (int)(sizeof(told_causes) / sizeof(told_causes[0])));
	tcase_add_test(tcase, on_threads_a_fixed_case_is_silent);
	tcase_add_test(tcase, patterns_are_globs_tags_and_beginnings);
	tcase_add_loop_test(tcase, rules_match_titles_functions_and_files, 0,
			    (int)(sizeof(rules) / sizeof(rules[0])));
	tcase_add_test(tcase, a_baseline_knows_titles);
	suite_add_tcase(suite, tcase);
	return suite;
}
