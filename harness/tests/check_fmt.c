/* SPDX-License-Identifier: Apache-2.0 */
/* fmt() against libc's snprintf for what both understand, and its own promises for the rest. */
#include "check_main.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"

static char ours[256], theirs[256];

#define same_as_libc(...)                                                     \
	do {                                                                  \
		size_t length = fmt(ours, sizeof(ours), __VA_ARGS__);         \
		int expected = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
		ck_assert_str_eq(ours, theirs);                               \
		ck_assert_uint_eq(length, (size_t)expected);                  \
	} while (0)

START_TEST(integers_print_as_libc_prints_them)
{
	same_as_libc("%d %d %d", 0, INT_MIN, INT_MAX);
	same_as_libc("%u %x %X", UINT_MAX, 0xbeefu, 0xbeefu);
	same_as_libc("%ld %lu %lx", LONG_MIN, ULONG_MAX, 0x123456789abcdefUL);
	same_as_libc("%lld %llu", LLONG_MIN, ULLONG_MAX);
	same_as_libc("%zu", (size_t)-1);
	same_as_libc("%hd %hu %hhd %hhu", (short)-5, (unsigned short)65535, (signed char)-5,
		     (unsigned char)255);
}
END_TEST

START_TEST(widths_pad_on_the_side_that_was_asked_for)
{
	same_as_libc("[%5d][%-5d][%05d]", 42, 42, 42);
	same_as_libc("[%5d][%-5d][%05d]", -42, -42, -42);
	same_as_libc("[%2d][%02x]", 12345, 0x123u);
	same_as_libc("[%*d][%*d]", 6, 7, -6, 7);
	same_as_libc("[%8s][%-8s][%1s]", "abc", "abc", "abc");
	same_as_libc("[%3c][%-3c]", 'x', 'y');
	same_as_libc("[%016lx]", 0xabcUL);
}
END_TEST

START_TEST(a_precision_bounds_a_string)
{
	const char unterminated[3] = { 'a', 'b', 'c' };

	same_as_libc("%.2s|%.9s|%.0s|%.*s", "abc", "abc", "abc", 1, "abc");
	ck_assert_uint_eq(fmt(ours, sizeof(ours), "%.3s", unterminated), 3);
	ck_assert_str_eq(ours, "abc");
}
END_TEST

START_TEST(pointers_and_percent_signs_print)
{
	int here;

	same_as_libc("%p", (void *)&here);
	fmt(ours, sizeof(ours), "%p %d%%", (void *)0, 100);
	ck_assert_str_eq(ours, "0x0 100%");
}
END_TEST

START_TEST(a_null_string_prints_as_such)
{
	/* Through a volatile, since gcc knows that libc need not print it. */
	const char *volatile nothing = NULL;

	fmt(ours, sizeof(ours), "%s", nothing);
	ck_assert_str_eq(ours, "(null)");
}
END_TEST

/* Formats that gcc would reject go through a pointer that it cannot see through. */
START_TEST(an_unknown_conversion_is_copied_as_it_stands)
{
	static const char *volatile formats[] = { "%q", "%5!x", "%", "50%", "%-" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *format = formats[i];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fmt(ours, sizeof(ours), format);
#pragma GCC diagnostic pop
		ck_assert_str_eq(ours, format);
	}
}
END_TEST

START_TEST(a_full_buffer_truncates_terminates_and_reports_what_it_stored)
{
	char small[8];

	for (size_t size = 1; size <= sizeof(small); size++) {
		memset(small, '#', sizeof(small));
		ck_assert_uint_eq(fmt(small, size, "%d-%s", 12345, "tail"), size - 1);
		ck_assert_uint_eq(strlen(small), size - 1);
		for (size_t i = size; i < sizeof(small); i++)
			ck_assert_int_eq(small[i], '#');
	}
}
END_TEST

START_TEST(a_buffer_of_no_size_is_not_touched)
{
	char untouched = '#';

	ck_assert_uint_eq(fmt(&untouched, 0, "text"), 0);
	ck_assert_int_eq(untouched, '#');
}
END_TEST

START_TEST(appending_to_a_full_buffer_changes_nothing)
{
	char small[6];
	size_t length = 0;

	for (int i = 0; i < 10; i++)
		length += fmt(small + length, sizeof(small) - length, "ab");
	ck_assert_uint_eq(length, 5);
	ck_assert_str_eq(small, "ababa");
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("fmt");
	TCase *tcase = tcase_create("fmt");

	tcase_add_test(tcase, integers_print_as_libc_prints_them);
	tcase_add_test(tcase, widths_pad_on_the_side_that_was_asked_for);
	tcase_add_test(tcase, a_precision_bounds_a_string);
	tcase_add_test(tcase, pointers_and_percent_signs_print);
	tcase_add_test(tcase, a_null_string_prints_as_such);
	tcase_add_test(tcase, an_unknown_conversion_is_copied_as_it_stands);
	tcase_add_test(tcase, a_full_buffer_truncates_terminates_and_reports_what_it_stored);
	tcase_add_test(tcase, a_buffer_of_no_size_is_not_touched);
	tcase_add_test(tcase, appending_to_a_full_buffer_changes_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}
