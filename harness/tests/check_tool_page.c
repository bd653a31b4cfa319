/* SPDX-License-Identifier: Apache-2.0 */
/* Text composed for a terminal: words, columns, colour, hostile bytes. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/page.h"
#include "report/pool.h"
#include "report/source.h"

static struct page page;

static void setup(void)
{
	page_init(&page, false);
}

static void teardown(void)
{
	page_fini(&page);
}

START_TEST(words_are_filled_into_lines_of_the_width)
{
	char text[2000] = "";

	for (int i = 0; i < 200; i++)
		strcat(text, i % 3 ? "word " : "longerword ");
	page_wrap(&page, 4, text);
	for (char *line = strtok(page.text, "\n"); line; line = strtok(NULL, "\n"))
		ck_assert_uint_le(strlen(line), PAGE_WIDTH);
}
END_TEST

START_TEST(a_word_longer_than_a_line_stands_alone)
{
	char text[300];

	memset(text, 'x', 200);
	strcpy(text + 200, " tail");
	page_wrap(&page, 2, text);
	ck_assert_uint_eq(strcspn(page.text, "\n"), 200);
	ck_assert_str_eq(page.text + 200, "\n  tail\n");
}
END_TEST

START_TEST(colour_is_only_there_when_it_was_asked_for)
{
	page_style(&page, STYLE_BAD);
	page_add(&page, "bad");
	page_style(&page, STYLE_PLAIN);
	ck_assert_str_eq(page.text, "bad");
	page.colour = true;
	page_style(&page, STYLE_BAD);
	ck_assert_ptr_nonnull(strchr(page.text, '\033'));
}
END_TEST

START_TEST(escapes_take_no_columns)
{
	page.colour = true;
	page_style(&page, STYLE_TITLE);
	page_add(&page, "0123456789");
	page_style(&page, STYLE_PLAIN);
	page_wrap(&page, 0,
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb c");
	ck_assert_ptr_nonnull(strstr(page.text, "bbb c\n"));
}
END_TEST

START_TEST(a_programs_output_cannot_speak_to_the_terminal)
{
	page_output(&page, "| ", "a\033[31mb\r\nc\0d", 12);
	ck_assert_str_eq(page.text, "| a\\x1b[31mb\\x0d\n| c\\x00d\n");
}
END_TEST

START_TEST(counts_get_separators)
{
	char text[32];

	format_count(text, sizeof(text), 0);
	ck_assert_str_eq(text, "0");
	format_count(text, sizeof(text), 999);
	ck_assert_str_eq(text, "999");
	format_count(text, sizeof(text), 1234567);
	ck_assert_str_eq(text, "1,234,567");
	format_count(text, sizeof(text), UINT64_MAX);
	ck_assert_str_eq(text, "18,446,744,073,709,551,615");
}
END_TEST

START_TEST(columns_count_characters_not_bytes)
{
	ck_assert_uint_eq(text_columns("fähre"), 5);
	ck_assert_uint_eq(text_fit("fähre", 2), 3);
	ck_assert_uint_eq(text_fit("ab", 5), 2);
}
END_TEST

START_TEST(a_pool_keeps_what_it_was_given)
{
	struct pool pool = { NULL };
	char *texts[2000];

	for (int i = 0; i < 2000; i++)
		texts[i] = pool_format(&pool, "text number %d", i);
	ck_assert_str_eq(texts[0], "text number 0");
	ck_assert_str_eq(texts[1999], "text number 1999");
	memset(pool_alloc(&pool, 100000), 1, 100000);
	ck_assert_str_eq(pool_text(&pool, "after"), "after");
	ck_assert_ptr_null(pool_text(&pool, NULL));
	pool_fini(&pool);
}
END_TEST

/* Where a line of so many columns is cut, shown by a bar. */
static const struct {
	const char *name, *text, *cut;
	size_t columns;
} cuts[] = {
	{ "what fits is not cut", "unlocks mutex#1", "unlocks mutex#1|", 20 },
	{ "between words", "wants to lock savings.lock", "wants to lock| savings.lock", 20 },
	{ "an end at a gap is no cut in a word", "wants to lock it", "wants to| lock it", 8 },
	{ "behind punctuation rather than early", "30: pthread_mutex_lock(&order->from->lock);",
	  "30: pthread_mutex_lock(&order->|from->lock);", 34 },
	{ "anywhere when there is nothing else", "abcdefghijklmnop", "abcdefgh|ijklmnop", 8 },
};

START_TEST(cells_are_cut_where_a_reader_would)
{
	const size_t fit = text_fit_words(cuts[_i].text, cuts[_i].columns);
	char shown[100];

	snprintf(shown, sizeof(shown), "%.*s|%s", (int)fit, cuts[_i].text, cuts[_i].text + fit);
	ck_assert_msg(strcmp(shown, cuts[_i].cut) == 0, "%s: %s", cuts[_i].name, shown);
}
END_TEST

/* A line of a source file, and what a table shows of it. */
static const struct {
	const char *line, *code;
} lines[] = {
	{ "\tlock(&s->lock); /* DEADLOCK: here */\n", "lock(&s->lock)" },
	{ "\tlock(&s->lock); // here\n", "lock(&s->lock)" },
	{ "\tx = a / b;\n", "x = a / b" },
	{ "\tcall(/* first */ 1, 2);\n", "call(/* first */ 1, 2)" },
	{ "\tputs(\"a /* b */\");\n", "puts(\"a /* b */\")" },
	{ "\t/* nothing but words */\n", "/* nothing but words */" },
	{ "\t;\n", ";" },
	{ "last", "last" },
};

START_TEST(tables_show_the_code_of_a_line)
{
	char path[] = "/tmp/jostle-check.XXXXXX";
	const int fd = mkstemp(path);
	struct pool pool = { NULL };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, lines[_i].line, strlen(lines[_i].line)), strlen(lines[_i].line));
	close(fd);
	ck_assert_str_eq(source_code(&pool, path, 1), lines[_i].code);
	ck_assert_ptr_null(source_code(&pool, path, 2));
	unlink(path);
	pool_fini(&pool);
}
END_TEST

START_TEST(what_is_no_terminal_leaves_the_width_alone)
{
	int pipes[2];

	ck_assert_int_eq(pipe(pipes), 0);
	page_fit_terminal(&page, pipes[1]);
	ck_assert_uint_eq(page.width, PAGE_WIDTH);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_page");
	TCase *tcase = tcase_create("page");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, words_are_filled_into_lines_of_the_width);
	tcase_add_test(tcase, a_word_longer_than_a_line_stands_alone);
	tcase_add_test(tcase, colour_is_only_there_when_it_was_asked_for);
	tcase_add_test(tcase, escapes_take_no_columns);
	tcase_add_test(tcase, a_programs_output_cannot_speak_to_the_terminal);
	tcase_add_test(tcase, counts_get_separators);
	tcase_add_test(tcase, columns_count_characters_not_bytes);
	tcase_add_test(tcase, a_pool_keeps_what_it_was_given);
	tcase_add_loop_test(tcase, cells_are_cut_where_a_reader_would, 0,
			    sizeof(cuts) / sizeof(cuts[0]));
	tcase_add_loop_test(tcase, tables_show_the_code_of_a_line, 0,
			    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tcase, what_is_no_terminal_leaves_the_width_alone);
	suite_add_tcase(suite, tcase);
	return suite;
}
