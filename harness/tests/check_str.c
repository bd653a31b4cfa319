/* SPDX-License-Identifier: Apache-2.0 */
#include "check_main.h"

#include <string.h>

#include "base/str.h"

static const char *const texts[] = { "", "a", "ab", "abc", "b", "\xff", "abd" };
#define TEXTS ((int)(sizeof(texts) / sizeof(texts[0])))

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

START_TEST(comparison_and_prefixes_agree_with_libc)
{
	for (int i = 0; i < TEXTS; i++)
		for (int j = 0; j < TEXTS; j++) {
			const char *a = texts[i], *b = texts[j];

			ck_assert_int_eq(sign(str_compare(a, b)), sign(strcmp(a, b)));
			ck_assert_int_eq(str_equal(a, b), i == j);
			ck_assert_int_eq(str_starts_with(a, b), strncmp(a, b, strlen(b)) == 0);
		}
}
END_TEST

START_TEST(a_bounded_length_reads_no_further)
{
	const char unterminated[2] = { 'x', 'y' };

	ck_assert_uint_eq(str_length("abc"), 3);
	ck_assert_uint_eq(str_length_max("abc", 9), 3);
	ck_assert_uint_eq(str_length_max(unterminated, 2), 2);
	ck_assert_uint_eq(str_length_max("abc", 0), 0);
}
END_TEST

START_TEST(a_copy_is_cut_and_terminated)
{
	char to[5];

	ck_assert_uint_eq(str_copy(to, sizeof(to), "abcdefgh"), 4);
	ck_assert_str_eq(to, "abcd");
	ck_assert_uint_eq(str_copy(to, sizeof(to), "ab"), 2);
	ck_assert_str_eq(to, "ab");
	ck_assert_uint_eq(str_copy(to, 1, "ab"), 0);
	ck_assert_str_eq(to, "");
	to[0] = '#';
	ck_assert_uint_eq(str_copy(to, 0, "ab"), 0);
	ck_assert_int_eq(to[0], '#');
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("str");
	TCase *tcase = tcase_create("str");

	tcase_add_test(tcase, comparison_and_prefixes_agree_with_libc);
	tcase_add_test(tcase, a_bounded_length_reads_no_further);
	tcase_add_test(tcase, a_copy_is_cut_and_terminated);
	suite_add_tcase(suite, tcase);
	return suite;
}
