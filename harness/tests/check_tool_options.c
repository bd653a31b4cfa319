/* SPDX-License-Identifier: Apache-2.0 */
/* The parser against its own table: every spelling of every option, and what it refuses. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jostle/nearest.h"
#include "jostle/options.h"
#include "jostle/say.h"

#define WORDS_MAX 16

/* The parser rearranges argv, so it gets a copy; its sentences go where a test can read them. */
static char *words[WORDS_MAX];
static char said[4096];

static int parse_list(struct options *options, const char *command, const char *list)
{
	static char text[1024];
	int argc = 0, saved = dup(STDERR_FILENO), out = memfd_create("said", 0), code;
	ssize_t size;

	snprintf(text, sizeof(text), "%s", list);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		words[argc++] = word;
	words[argc] = NULL;
	dup2(out, STDERR_FILENO);
	code = options_parse(options, command_find(command), argc, words);
	dup2(saved, STDERR_FILENO);
	size = pread(out, said, sizeof(said) - 1, 0);
	said[size < 0 ? 0 : size] = '\0';
	close(saved);
	close(out);
	return code;
}

START_TEST(every_spelling_of_a_value_is_read)
{
	static const char *const spellings[] = { "-n 5",          "-n5",  "--schedules 5",
						 "--schedules=5", "-qn5", "-q -n 5" };
	struct options options;

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		ck_assert_int_eq(parse_list(&options, "run", spellings[i]), 0);
		ck_assert_uint_eq(options.schedules, 5);
	}
}
END_TEST

START_TEST(durations_and_sizes_have_units)
{
	struct options options;

	ck_assert_int_eq(
		parse_list(&options, "run", "-t 2 --hang-timeout 1500ms --memory-limit 2M x"), 0);
	ck_assert_uint_eq(options.time_ns, 2000000000);
	ck_assert_uint_eq(options.hang_timeout_ns, 1500000000);
	ck_assert_uint_eq(options.memory_limit, 2 << 20);
	ck_assert_int_eq(parse_list(&options, "run", "-t 3m x"), 0);
	ck_assert_uint_eq(options.time_ns, 180000000000);
}
END_TEST

START_TEST(all_behind_the_program_belongs_to_the_program)
{
	struct options options;

	ck_assert_int_eq(parse_list(&options, "run", "-q ./app --seed 7 -- -q"), 0);
	ck_assert_uint_eq(options.operand_count, 5);
	ck_assert_str_eq(options.operands[0], "./app");
	ck_assert_str_eq(options.operands[1], "--seed");
	ck_assert_str_eq(options.operands[4], "-q");
	ck_assert_ptr_null(options.operands[5]);
	ck_assert_uint_eq(options.seed, 1);
	ck_assert_int_eq(parse_list(&options, "run", "-- --seed"), 0);
	ck_assert_str_eq(options.operands[0], "--seed");
}
END_TEST

START_TEST(operands_of_other_commands_may_stand_between_options)
{
	struct options options;

	ck_assert_int_eq(parse_list(&options, "test", "deadlock/* -q wakeup/*"), 0);
	ck_assert_uint_eq(options.operand_count, 2);
	ck_assert_str_eq(options.operands[1], "wakeup/*");
	ck_assert(options.quiet);
}
END_TEST

START_TEST(sets_are_bits_in_the_boards_order)
{
	struct options options;

	ck_assert_int_eq(parse_list(&options, "run", "--nasty short,wakeup x"), 0);
	ck_assert_uint_eq(options.nasty, 1 | 4);
	ck_assert_int_eq(parse_list(&options, "run", "--kill again,child x"), 0);
	ck_assert_uint_eq(options.kill << KILL_SHIFT, 32 | 128);
}
END_TEST

static const struct {
	const char *name;
	const char *command, *words;
	const char *sentence; /* a part of it */
} refused[] = {
	{ "a mistyped option", "run", "--shedules 3", "did you mean --schedules?" },
	{ "an option of another command", "list", "--seed 3",
	  "--seed is no option of this command" },
	{ "a value that is missing", "run", "--seed", "--seed needs N" },
	{ "a letter that is unknown", "run", "-Z", "unknown option -Z" },
	{ "a value for a flag", "run", "--quiet=1", "--quiet takes no value" },
	{ "no number", "run", "--seed x1", "'x1' is not a number" },
	{ "a negative number", "run", "--seed -1", "'-1' is not a number" },
	{ "a number with a tail", "run", "-n 5x", "'5x' is not a number" },
	{ "a number that does not fit", "run", "--seed 99999999999999999999", "is too large" },
	{ "nothing to do", "run", "-n 0", "at least 1" },
	{ "a duration without sense", "run", "-t 5y", "a time such as 30s" },
	{ "a duration that does not fit", "run", "-t 99999999999999h", "a time such as 30s" },
	{ "an exit status that cannot be", "run", "--expect-exit 256", "from 0 to 255" },
	{ "a mistyped choice", "run", "--reset snapshto", "did you mean snapshot?" },
	{ "an unknown choice", "run", "--fail-on never", "is not one of note, warning or error" },
	{ "a wrong element of a set", "run", "--nasty wakeup,foo", "is not one of wakeup" },
	{ "no client", "run", "--with", "--with needs CLIENT" },
	{ "nobody to kill", "run", "--kill all", "is not one of child, first or again" },
	{ "an empty value", "run", "--out=", "needs DIR" },
};

START_TEST(what_is_wrong_is_refused_in_one_sentence)
{
	struct options options;

	ck_assert_msg(parse_list(&options, refused[_i].command, refused[_i].words) == EXIT_USAGE,
		      "%s was accepted", refused[_i].name);
	ck_assert_msg(strstr(said, refused[_i].sentence) != NULL, "%s: said %s", refused[_i].name,
		      said);
	ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
}
END_TEST

START_TEST(the_environment_is_read_and_the_command_line_wins)
{
	struct options options;

	setenv("JOSTLE_SEED", "9", 1);
	setenv("JOSTLE_UNTIL_FIRST", "1", 1);
	setenv("JOSTLE_QUIET", "0", 1);
	ck_assert_int_eq(parse_list(&options, "run", "x"), 0);
	ck_assert_uint_eq(options.seed, 9);
	ck_assert(options.until_first && !options.quiet);
	ck_assert_int_eq(parse_list(&options, "run", "--seed 3 x"), 0);
	ck_assert_uint_eq(options.seed, 3);
	setenv("JOSTLE_SEED", "many", 1);
	ck_assert_int_eq(parse_list(&options, "run", "x"), EXIT_USAGE);
	ck_assert_ptr_nonnull(strstr(said, "JOSTLE_SEED"));
	/* A command that has no --seed does not look. */
	ck_assert_int_eq(parse_list(&options, "version", ""), 0);
}
END_TEST

START_TEST(the_table_has_no_two_options_of_one_name_or_letter)
{
	for (const struct option_row *a = option_rows; a->name; a++)
		for (const struct option_row *b = option_rows; b < a; b++) {
			ck_assert_str_ne(a->name, b->name);
			if (a->letter && a->commands & b->commands)
				ck_assert_int_ne(a->letter, b->letter);
		}
}
END_TEST

START_TEST(every_option_says_what_it_does)
{
	for (const struct option_row *row = option_rows; row->name; row++) {
		ck_assert_msg(row->help && strlen(row->help) > 10, "--%s", row->name);
		ck_assert_msg((row->argument != NULL) == (row->type != OPTION_FLAG), "--%s",
			      row->name);
		ck_assert_msg((row->choices != NULL) ==
				      (row->type == OPTION_CHOICE || row->type == OPTION_SET),
			      "--%s", row->name);
	}
}
END_TEST

START_TEST(distances_count_edits_and_swaps)
{
	ck_assert_uint_eq(nearest_distance("", "abc"), 3);
	ck_assert_uint_eq(nearest_distance("abc", "abc"), 0);
	ck_assert_uint_eq(nearest_distance("abc", "acb"), 1);
	ck_assert_uint_eq(nearest_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(nearest_distance("shedules", "schedules"), 1);
}
END_TEST

START_TEST(what_is_far_from_everything_gets_no_proposal)
{
	struct nearest nearest;

	nearest_init(&nearest, "zzzzzz");
	nearest_offer(&nearest, "schedules");
	nearest_offer(&nearest, "time");
	ck_assert_ptr_null(nearest.best);
	nearest_init(&nearest, "sched");
	nearest_offer(&nearest, "seed");
	nearest_offer(&nearest, "schedules");
	ck_assert_str_eq(nearest.best, "schedules");
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_options");
	TCase *tcase = tcase_create("options");

	tcase_add_test(tcase, every_spelling_of_a_value_is_read);
	tcase_add_test(tcase, durations_and_sizes_have_units);
	tcase_add_test(tcase, all_behind_the_program_belongs_to_the_program);
	tcase_add_test(tcase, operands_of_other_commands_may_stand_between_options);
	tcase_add_test(tcase, sets_are_bits_in_the_boards_order);
	tcase_add_loop_test(tcase, what_is_wrong_is_refused_in_one_sentence, 0,
			    (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(tcase, the_environment_is_read_and_the_command_line_wins);
	tcase_add_test(tcase, the_table_has_no_two_options_of_one_name_or_letter);
	tcase_add_test(tcase, every_option_says_what_it_does);
	tcase_add_test(tcase, distances_count_edits_and_swaps);
	tcase_add_test(tcase, what_is_far_from_everything_gets_no_proposal);
	suite_add_tcase(suite, tcase);
	return suite;
}
