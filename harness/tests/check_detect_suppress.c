/* SPDX-License-Identifier: Apache-2.0 */
/* Suppression rules: the glob, the parser with its complaints, and what a rule matches. */
#include "check_main.h"

#include <errno.h>
#include <string.h>

#include "detect/suppress.h"
#include "event/finding.h"

static const struct {
	const char *pattern, *text;
	bool match;
} globs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "a", "a", true },
	{ "a", "", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "?", "", false },
	{ "?", "x", true },
	{ "a*c", "abc", true },
	{ "a*c", "ac", true },
	{ "a*c", "acb", false },
	{ "*b*", "abc", true },
	{ "a?c", "abc", true },
	{ "a?c", "ac", false },
	{ "*.c", "queue.c", true },
	{ "*.c", "queue.h", false },
	{ "**a", "bba", true },
	{ "a*b*c", "aXbXbXc", true },
	{ "a*b*c", "aXcXb", false },
	{ "\\*", "*", true },
	{ "\\*", "x", false },
	{ "a\\?b", "a?b", true },
	{ "a\\?b", "axb", false },
	{ "a\\", "a\\", true },
	{ "*ab", "aab", true },
	{ "*aab", "aaaab", true },
	{ "?*?", "a", false },
	{ "?*?", "ab", true },
	{ "exact", "exactly", false },
};

START_TEST(a_pattern_matches_the_whole_text_or_not_at_all)
{
	const char *pattern = globs[_i].pattern;

	ck_assert_int_eq(suppress_glob(pattern, strlen(pattern), globs[_i].text), globs[_i].match);
}
END_TEST

/* Every pattern of up to five characters over a*? against every text over ab, by the definition. */
static bool defined_match(const char *pattern, const char *text)
{
	if (*pattern == '\0')
		return *text == '\0';
	if (*pattern == '*')
		return defined_match(pattern + 1, text) ||
		       (*text && defined_match(pattern, text + 1));
	return *text && (*pattern == '?' || *pattern == *text) &&
	       defined_match(pattern + 1, text + 1);
}

static void nth_string(unsigned n, const char *letters, char *out)
{
	const unsigned base = (unsigned)strlen(letters);

	while (n > 0) {
		n--;
		*out++ = letters[n % base];
		n /= base;
	}
	*out = '\0';
}

START_TEST(short_patterns_match_as_defined)
{
	char pattern[16], text[16];

	for (unsigned p = 0; p < 364; p++)
		for (unsigned t = 0; t < 127; t++) {
			nth_string(p, "a*?", pattern);
			nth_string(t, "ab", text);
			ck_assert_msg(suppress_glob(pattern, strlen(pattern), text) ==
					      defined_match(pattern, text),
				      "'%s' and '%s'", pattern, text);
		}
}
END_TEST

START_TEST(rules_comments_and_blanks_are_told_apart)
{
	static const char text[] = "# known\n\n  race : *counter* \r\n*:legacy.c\n\tdeadlock:a:b";
	struct suppress_rule rules[4];
	size_t count;
	uint32_t line;

	ck_assert_int_eq(suppress_parse(text, strlen(text), rules, 4, &count, &line), 0);
	ck_assert_uint_eq(count, 3);
	ck_assert_int_eq(rules[0].kind, FINDING_RACE);
	ck_assert_uint_eq(rules[0].length, 9);
	ck_assert_mem_eq(rules[0].pattern, "*counter*", 9);
	ck_assert_uint_eq(rules[0].line, 3);
	ck_assert_int_eq(rules[1].kind, SUPPRESS_ANY_KIND);
	ck_assert_int_eq(rules[2].kind, FINDING_DEADLOCK);
	ck_assert_uint_eq(rules[2].length, 3);
	ck_assert_uint_eq(rules[2].line, 5);
}
END_TEST

static const struct {
	const char *text;
	uint32_t line;
} faulty[] = {
	{ "race", 1 },        { "rase:*", 1 },
	{ "race:", 1 },       { ":x", 1 },
	{ "\nrace:  \n", 2 }, { "race:x\nnone:x", 2 },
	{ "race race:x", 1 }, { "a-kind-whose-name-is-much-too-long-for-any:x", 1 },
};

START_TEST(a_line_that_is_no_rule_is_named)
{
	struct suppress_rule rules[4];
	size_t count;
	uint32_t line = 0;

	ck_assert_int_eq(suppress_parse(faulty[_i].text, strlen(faulty[_i].text), rules, 4, &count,
					&line),
			 -EINVAL);
	ck_assert_uint_eq(line, faulty[_i].line);
}
END_TEST

START_TEST(more_rules_than_room_is_an_error_not_a_loss)
{
	static const char text[] = "race:a\nrace:b\nrace:c\n";
	struct suppress_rule rules[2];
	size_t count;
	uint32_t line;

	ck_assert_int_eq(suppress_parse(text, strlen(text), rules, 2, &count, &line), -ENOSPC);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(line, 3);
}
END_TEST

START_TEST(a_rule_looks_at_title_functions_and_files_of_its_kind)
{
	static const char text[] = "race:*balance\nlock-order:take_both\n*:third_party/*\n";
	const char *const functions[] = { "main", NULL, "take_both" };
	const char *const files[] = { "third_party/x.c" };
	struct suppress_subject subject = { .kind = FINDING_RACE, .title = "race on balance" };
	struct suppress_rule rules[4];
	size_t count;
	uint32_t line;

	ck_assert_int_eq(suppress_parse(text, strlen(text), rules, 4, &count, &line), 0);
	ck_assert_ptr_eq(suppress_match(rules, count, &subject), &rules[0]);
	subject.kind = FINDING_DEADLOCK;
	ck_assert_ptr_null(suppress_match(rules, count, &subject));
	subject.functions = functions;
	subject.function_count = 3;
	ck_assert_ptr_null(suppress_match(rules, count, &subject));
	subject.kind = FINDING_LOCK_ORDER;
	ck_assert_ptr_eq(suppress_match(rules, count, &subject), &rules[1]);
	subject.kind = FINDING_CRASH;
	subject.title = NULL;
	ck_assert_ptr_null(suppress_match(rules, count, &subject));
	subject.files = files;
	subject.file_count = 1;
	ck_assert_ptr_eq(suppress_match(rules, count, &subject), &rules[2]);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_suppress");
	TCase *tcase = tcase_create("suppress");

	tcase_add_loop_test(tcase, a_pattern_matches_the_whole_text_or_not_at_all, 0,
			    (int)(sizeof(globs) / sizeof(globs[0])));
	tcase_add_test(tcase, short_patterns_match_as_defined);
	tcase_add_test(tcase, rules_comments_and_blanks_are_told_apart);
	tcase_add_loop_test(tcase, a_line_that_is_no_rule_is_named, 0,
			    (int)(sizeof(faulty) / sizeof(faulty[0])));
	tcase_add_test(tcase, more_rules_than_room_is_an_error_not_a_loss);
	tcase_add_test(tcase, a_rule_looks_at_title_functions_and_files_of_its_kind);
	suite_add_tcase(suite, tcase);
	return suite;
}
