/* SPDX-License-Identifier: Apache-2.0 */
/* Text made fit for XML and TAP, and the tests that they list. */
#include <check.h>
#include <string.h>

#include "check_main.h"
#include "report/suite.h"

static struct pool pool;
static struct page page;

static void setup(void)
{
	pool = (struct pool){ NULL };
	page_init(&page, false);
}

static void teardown(void)
{
	pool_fini(&pool);
	page_fini(&page);
}

static const struct {
	const char *name, *bytes, *clean;
	size_t size;
} texts[] = {
	{ "plain text stays", "a b\n\tc", "a b\n\tc", 6 },
	{ "UTF-8 of all lengths stays", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", 9 },
	{ "control characters are shown", "\x1b[0m\r\x7f", "\\x1b[0m\\x0d\\x7f", 6 },
	{ "a NUL is a byte as any other", "a\0b", "a\\x00b", 3 },
	{ "the second range of control characters", "\xc2\x9b", "\\xc2\\x9b", 2 },
	{ "bytes that begin nothing", "\x80\xff", "\\x80\\xff", 2 },
	{ "a character that is cut off", "\xe2\x82", "\\xe2\\x82", 2 },
	{ "too long a form", "\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf", 5 },
	{ "a surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80", 3 },
	{ "beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 4 },
	{ "what XML leaves out", "\xef\xbf\xbf\xef\xbf\xbd", "\\xef\\xbf\\xbf\xef\xbf\xbd", 6 },
};

START_TEST(text_is_well_formed_and_says_what_it_was)
{
	const char *clean = text_clean(&pool, texts[_i].bytes, texts[_i].size);

	ck_assert_msg(strcmp(clean, texts[_i].clean) == 0, "%s: %s", texts[_i].name, clean);
}
END_TEST

START_TEST(a_line_has_no_end_inside)
{
	ck_assert_str_eq(text_line(&pool, "a\nb\tc\x1b"), "a b c\\x1b");
}
END_TEST

static struct suite_test tests[] = {
	{ .name = "good", .type = "", .message = "", .text = "fine ]]>" },
	{ .name = "bad # \\ \"x\"\nok 7",
	  .status = SUITE_FAILED,
	  .type = "race",
	  .message = "<both> \"write\"",
	  .text = "one\n\n  two ]]>\n",
	  .output = "ok 3\n\xff",
	  .output_size = 6 },
	{ .name = "left out", .status = SUITE_SKIPPED, .type = "", .message = "a rule" },
	{ .name = "gap", .status = SUITE_KNOWN, .type = "", .message = "not yet" },
	{ .name = "refused", .status = SUITE_ERROR, .type = "uncontrolled", .message = "static" },
};
static const struct suite suite = { .name = "jostle & run", .tests = tests, .count = 5 };

START_TEST(tap_escapes_what_would_be_markup)
{
	suite_tap(&suite, &page);
	ck_assert_str_eq(page.text, "TAP version 14\n"
				    "1..5\n"
				    "ok 1 - good\n"
				    "not ok 2 - bad \\# \\\\ \"x\" ok 7\n"
				    "  ---\n"
				    "  message: \"<both> \\\"write\\\"\"\n"
				    "  type: \"race\"\n"
				    "  story: |\n"
				    "    | one\n"
				    "    |\n"
				    "    |   two ]]>\n"
				    "  output: |\n"
				    "    | ok 3\n"
				    "    | \\xff\n"
				    "  ...\n"
				    "ok 3 - left out # skip a rule\n"
				    "not ok 4 - gap # todo not yet\n"
				    "not ok 5 - refused\n"
				    "  ---\n"
				    "  message: \"static\"\n"
				    "  type: \"uncontrolled\"\n"
				    "  ...\n");
}
END_TEST

START_TEST(junit_counts_and_escapes)
{
	static const char *const parts[] = {
		"<testsuites tests=\"5\" failures=\"1\" errors=\"1\" time=\"0.000\">",
		"<testsuite name=\"jostle &amp; run\" tests=\"5\" failures=\"1\" errors=\"1\" "
		"time=\"0.000\" skipped=\"2\">",
		"<system-out>fine ]]&gt;</system-out>",
		"name=\"bad # \\ &quot;x&quot; ok 7\"",
		"<failure message=\"&lt;both&gt; &quot;write&quot;\" type=\"race\">one\n\n  two "
		"]]&gt;",
		"<system-err>ok 3\n\\xff</system-err>",
		"<skipped message=\"a rule\"",
		"<skipped message=\"not yet\"",
		"<error message=\"static\" type=\"uncontrolled\"",
	};

	suite_junit(&suite, &page);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		ck_assert_msg(strstr(page.text, parts[i]) != NULL, "%s is not in %s", parts[i],
			      page.text);
}
END_TEST

START_TEST(only_one_format_gets_standard_output)
{
	struct options options = { .json = "-", .junit = "file" };

	ck_assert(output_is_taken(&options));
	ck_assert_int_eq(output_check(&options), 0);
	options.tap = "-";
	ck_assert_int_ne(output_check(&options), 0);
	options = (struct options){ .tap = "./-" };
	ck_assert(!output_is_taken(&options));
}
END_TEST

Suite *check_suite(void)
{
	Suite *all = suite_create("tool_suite");
	TCase *tcase = tcase_create("formats");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, text_is_well_formed_and_says_what_it_was, 0,
			    sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(tcase, a_line_has_no_end_inside);
	tcase_add_test(tcase, tap_escapes_what_would_be_markup);
	tcase_add_test(tcase, junit_counts_and_escapes);
	tcase_add_test(tcase, only_one_format_gets_standard_output);
	suite_add_tcase(all, tcase);
	return all;
}
