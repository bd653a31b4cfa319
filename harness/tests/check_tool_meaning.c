/* SPDX-License-Identifier: Apache-2.0 */
/* jostle compare: what it says of figures that are made up, in words and on the page. */
#include "check_main.h"

#include <string.h>

#include "compare/facts.h"
#include "compare/meaning.h"
#include "compare/plot.h"
#include "compare/show.h"

#define MS 1e6

static struct comparison comparison;
static struct meaning meanings[MEANINGS];

static void setup(void)
{
	comparison = (struct comparison){ .rounds = 5,
					  .rounds_done = 5,
					  .tasks = 16,
					  .machine = { .processors = 2,
						       .online = 2,
						       .folder = "/some/where",
						       .file_system = "tmpfs" } };
	ck_assert_int_eq(compare_read_workers(&comparison, "1,2,4", 2), 0);
	compare_plan(&comparison);
	for (size_t i = 0; i < comparison.measure_count; i++)
		comparison.measures[i].missing = "not in this test";
}

static void teardown(void)
{
	compare_fini(&comparison);
}

/* Samples around a median, from (1 - spread) to (1 + spread) of it. */
static void put(enum topic topic, const char *id, enum way way, unsigned workers, double median,
		double spread)
{
	for (size_t i = 0; i < comparison.measure_count; i++) {
		struct measure *measure = &comparison.measures[i];

		if (measure->row != compare_row(topic, id) || measure->way != way ||
		    measure->workers != workers)
			continue;
		measure->missing = NULL;
		for (unsigned j = 0; j < comparison.rounds; j++)
			measure->samples[j] = median * (1 + spread * ((double)j - 2) / 2);
		return;
	}
	ck_abort_msg("there is no %s %s", id, way_id(way));
}

/* What each sample used of a processor. */
static void put_processor(const char *id, double share)
{
	struct measure *one =
		(struct measure *)compare_find(&comparison, compare_row(TOPIC_RUN, id), WAY_ONE, 1);

	for (unsigned j = 0; j < comparison.rounds; j++)
		one->processor[j] = one->samples[j] * share;
}

static const char *said(const char *about)
{
	compare_summarise(&comparison);
	meaning_of(&comparison, &comparison.pool, meanings);
	return meaning_about(meanings, about);
}

static void ck_says(const char *about, const char *part)
{
	const char *text = said(about);

	ck_assert_msg(strstr(text, part) != NULL, "not '%s' but '%s'", part, text);
}

static void ck_says_not(const char *about, const char *part)
{
	const char *text = said(about);

	ck_assert_msg(strstr(text, part) == NULL, "'%s' in '%s'", part, text);
}

START_TEST(what_was_not_measured_is_not_spoken_of)
{
	static const char *const topics[] = { "create", "switch", "message", "memory",
					      "cpu",    "files",  "waits",   "mixed" };

	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		ck_assert_str_eq(said(topics[i]), "");
	put(TOPIC_CREATE, "worker", WAY_PROCESS, 0, 100000, 0.01);
	ck_assert_str_eq(said("create"), "");
}
END_TEST

START_TEST(costs_are_compared_by_their_ratio)
{
	put(TOPIC_CREATE, "worker", WAY_PROCESS, 0, 100000, 0.01);
	put(TOPIC_CREATE, "worker", WAY_THREAD, 0, 10000, 0.01);
	ck_says("create", "takes 100 us, a thread 10.0 us: 10.0 times as much.");
	ck_says("create", "the process has to work for 900 us, the thread for 90.0 us");
	put(TOPIC_CREATE, "worker", WAY_THREAD, 0, 80000, 0.01);
	ck_says("create", "25 % more");
	put(TOPIC_CREATE, "worker", WAY_THREAD, 0, 400000, 0.01);
	ck_says("create", "4.00 times as little");
}
END_TEST

START_TEST(figures_that_overlap_are_no_difference)
{
	put(TOPIC_CREATE, "worker", WAY_PROCESS, 0, 100000, 0.5);
	put(TOPIC_CREATE, "worker", WAY_THREAD, 0, 80000, 0.5);
	ck_says("create", "no difference that shows");
	ck_says_not("create", "% more");
}
END_TEST

START_TEST(the_address_space_is_blamed_only_for_what_both_switches_show)
{
	put(TOPIC_SWITCH, "pipe", WAY_PROCESS, 0, 3000, 0.01);
	put(TOPIC_SWITCH, "pipe", WAY_THREAD, 0, 2000, 0.01);
	put(TOPIC_SWITCH, "futex", WAY_PROCESS, 0, 3000, 0.01);
	put(TOPIC_SWITCH, "futex", WAY_THREAD, 0, 2000, 0.01);
	ck_says("switch", "Going to another address space makes the difference");
	put(TOPIC_SWITCH, "futex", WAY_THREAD, 0, 2990, 0.01);
	ck_says_not("switch", "makes the difference");
	ck_says_not("switch", "adds little");
	put(TOPIC_SWITCH, "pipe", WAY_THREAD, 0, 2990, 0.01);
	ck_says("switch", "the other address space adds little");
}
END_TEST

START_TEST(memory_is_what_a_gigabyte_holds)
{
	put(TOPIC_MEMORY, "private", WAY_PROCESS, 0, 96 * 1024, 0);
	put(TOPIC_MEMORY, "page-tables", WAY_PROCESS, 0, 32 * 1024, 0);
	put(TOPIC_MEMORY, "private", WAY_THREAD, 0, 12 * 1024, 0);
	put(TOPIC_MEMORY, "page-tables", WAY_THREAD, 0, 4 * 1024, 0);
	ck_says("memory", "about 8,100 such processes or 65,000 such threads");
}
END_TEST

START_TEST(the_fastest_and_the_slowest_way_of_a_message_are_named)
{
	put(TOPIC_MESSAGE, "pipe", WAY_PROCESS, 0, 8000, 0.01);
	put(TOPIC_MESSAGE, "queue", WAY_PROCESS, 0, 9000, 0.01);
	put(TOPIC_MESSAGE, "shared-memory", WAY_PROCESS, 0, 6000, 0.01);
	ck_says("message", "fastest through shared memory (6.00 us) and slowest through a queue "
			   "(9.00 us)");
	ck_says_not("message", "Between threads");
	put(TOPIC_MESSAGE, "queue", WAY_PROCESS, 0, 6010, 0.01);
	put(TOPIC_MESSAGE, "pipe", WAY_PROCESS, 0, 6005, 0.01);
	ck_says("message", "it does not show which way");
}
END_TEST

static void put_runs(const char *id, double one, double two, double four)
{
	put(TOPIC_RUN, id, WAY_ONE, 1, one, 0.01);
	for (enum way way = WAY_PROCESS; way <= WAY_THREAD_POOL; way++) {
		put(TOPIC_RUN, id, way, 1, one * 1.02, 0.01);
		put(TOPIC_RUN, id, way, 2, two, 0.01);
		put(TOPIC_RUN, id, way, 4, four, 0.01);
	}
}

START_TEST(a_speed_up_is_measured_against_one_process)
{
	put_runs("cpu", 32 * MS, 16.4 * MS, 16.5 * MS);
	put(TOPIC_RUN, "cpu", WAY_THREAD_POOL, 2, 16 * MS, 0.01);
	ck_says("cpu", "The fastest is a pool of threads with 2 workers: 16.0 ms instead of the "
		       "32.0 ms of one process, 2.00 times as fast.");
	ck_says_not("cpu", "less than the 2 processors");
	ck_says("cpu",
		"a process per task takes 16.4 ms, a thread per task 16.4 ms: no difference");
	ck_says("cpu", "saves nothing that shows with processes and saves 2 % with threads");
	ck_says("cpu", "get in each other's way: 4 take 16.5 ms, 2 take 16.0 ms");
}
END_TEST

START_TEST(a_speed_up_that_falls_short_is_named)
{
	put_runs("cpu", 32 * MS, 25 * MS, 25 * MS);
	ck_says("cpu", "That is less than the 2 processors would allow.");
	comparison.machine.others = 0.9;
	ck_says("cpu", "would allow: other programs used them as well.");
	put_runs("cpu", 32 * MS, 33 * MS, 33 * MS);
	ck_says("cpu", "Nothing is clearly faster than one process");
	ck_says("cpu", "show no gain");
	ck_says("cpu", "in a pool saves nothing that shows.");
}
END_TEST

START_TEST(waiting_overlaps_beyond_the_processors)
{
	put_runs("waits", 32 * MS, 16 * MS, 8 * MS);
	put_processor("waits", 0.02);
	ck_says("waits", "used a processor for 2 % of its time");
	ck_says("waits", "still gain: 4 take 8.00 ms, 2 take 16.0 ms");
}
END_TEST

START_TEST(files_that_lie_in_memory_are_no_input_or_output)
{
	put_runs("files", 32 * MS, 16 * MS, 8 * MS);
	put_processor("files", 0.9);
	ck_says("files", "in /some/where (tmpfs) files hardly wait");
	put_processor("files", 0.1);
	ck_says_not("files", "hardly wait");
}
END_TEST

START_TEST(who_else_used_the_machine_is_said)
{
	ck_says("machine", "next to nothing");
	comparison.machine.others = 0.3;
	ck_says("machine", "used 0.3 of the 2 processors meanwhile: run times");
	comparison.machine.others = 1.5;
	ck_says("machine", "Measure again when the machine is quiet");
	comparison.machine.quota = 0.5;
	ck_says("machine", "may use 0.5 processors at a time");
	comparison.interrupted = true;
	comparison.rounds_done = 2;
	ck_says("machine", "2 of 5 rounds");
}
END_TEST

START_TEST(texts_cannot_leave_the_page)
{
	struct page page;

	page_init(&page, false);
	html_text(&page, "<a href=\"x\">&</a> 12 us, 5 %, 3 users");
	ck_assert_str_eq(page.text, "&lt;a href=&quot;x&quot;&gt;&amp;&lt;/a&gt; "
				    "12&#160;&#181;s, 5&#160;%, 3 users");
	page_fini(&page);
}
END_TEST

START_TEST(the_page_needs_no_other_file_and_has_a_plot_for_each_part)
{
	struct page page;
	unsigned plots = 0;

	strcpy(comparison.machine.processor, "<script>");
	put(TOPIC_CREATE, "worker", WAY_PROCESS, 0, 100000, 0.01);
	put_runs("cpu", 32 * MS, 16 * MS, 16 * MS);
	put_runs("waits", 32 * MS, 16 * MS, 8 * MS);
	said("machine");
	page_init(&page, false);
	show_html(&comparison, meanings, &page);
	for (const char *at = page.text; (at = strstr(at, "<svg")); at++)
		plots++;
	ck_assert_uint_eq(plots, 3);
	ck_assert_ptr_null(strstr(page.text, "<script"));
	ck_assert_ptr_null(strstr(page.text, "http"));
	ck_assert_ptr_null(strstr(page.text, "nan"));
	ck_assert_ptr_null(strstr(page.text, "url("));
	ck_assert_ptr_nonnull(strstr(page.text, "not measured: not in this test"));
	page_fini(&page);
}
END_TEST

START_TEST(the_table_fits_the_terminal)
{
	static const size_t widths[] = { 40, 60, 80, 120 };

	put_runs("cpu", 32.5 * MS, 16.5 * MS, 16.5 * MS);
	put_runs("files", 145 * MS, 99.5 * MS, 0.55 * MS);
	put_runs("waits", 32.5 * MS, 16.5 * MS, 16.5 * MS);
	put_runs("mixed", 32.5 * MS, 16.5 * MS, 985.5 * MS);
	put(TOPIC_CREATE, "worker", WAY_PROCESS, 0, 2.12e6, 0.95);
	put(TOPIC_CREATE, "worker", WAY_THREAD, 0, 99.5e3, 0.95);
	said("machine");
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct page page;

		page_init(&page, false);
		page.width = widths[i];
		show_facts(&page);
		show_text(&comparison, meanings, &page);
		for (char *line = strtok(page.text, "\n"); line; line = strtok(NULL, "\n")) {
			ck_assert_msg(strlen(line) <= (widths[i] < 52 ? 52 : widths[i]),
				      "%zu columns: %s", widths[i], line);
			ck_assert_msg(line[strlen(line) - 1] != ' ', "ends with a blank: %s", line);
		}
		page_fini(&page);
	}
}
END_TEST

START_TEST(every_kind_of_task_is_explained)
{
	for (const struct row *row = compare_rows; row->id; row++)
		if (row->topic == TOPIC_RUN)
			ck_assert_ptr_nonnull(facts_task(row->id));
	ck_assert_ptr_null(facts_task("sleep"));
	ck_assert_ptr_nonnull(strstr(compare_python, "GIL"));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_meaning");
	TCase *tcase = tcase_create("meaning");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_was_not_measured_is_not_spoken_of);
	tcase_add_test(tcase, costs_are_compared_by_their_ratio);
	tcase_add_test(tcase, figures_that_overlap_are_no_difference);
	tcase_add_test(tcase, the_address_space_is_blamed_only_for_what_both_switches_show);
	tcase_add_test(tcase, memory_is_what_a_gigabyte_holds);
	tcase_add_test(tcase, the_fastest_and_the_slowest_way_of_a_message_are_named);
	tcase_add_test(tcase, a_speed_up_is_measured_against_one_process);
	tcase_add_test(tcase, a_speed_up_that_falls_short_is_named);
	tcase_add_test(tcase, waiting_overlaps_beyond_the_processors);
	tcase_add_test(tcase, files_that_lie_in_memory_are_no_input_or_output);
	tcase_add_test(tcase, who_else_used_the_machine_is_said);
	tcase_add_test(tcase, texts_cannot_leave_the_page);
	tcase_add_test(tcase, the_page_needs_no_other_file_and_has_a_plot_for_each_part);
	tcase_add_test(tcase, the_table_fits_the_terminal);
	tcase_add_test(tcase, every_kind_of_task_is_explained);
	suite_add_tcase(suite, tcase);
	return suite;
}
