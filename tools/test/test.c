/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `jostle test`: each case is a campaign of its own. Helpers, forked from the command, take cases
 * from a shared counter and put results into shared memory; the command prints them in the
 * catalogue's order, as soon as all before them are known.
 */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign/process.h"
#include "jostle/commands.h"
#include "jostle/interrupt.h"
#include "jostle/say.h"
#include "perturb/perturb_campaign.h"
#include "report/json_parts.h"
#include "test/cases.h"
#include "test/judge.h"
#include "test/test_case.h"
#include "test/test_suite.h"
#include "test/test_table.h"
#include "test/test_under.h"

struct test {
	struct options *options;
	struct pool pool;
	struct cases cases;
	struct case_entry **chosen;
	size_t count;
	struct shared {
		atomic_size_t next;
		struct case_result results[];
	} * shared;
	pid_t helpers[JOBS_MAX];
	size_t helper_count;
	size_t gone; /* marks whose access the compiler removed */
};

static _Noreturn void helper(struct test *test)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (;;) {
		size_t at = atomic_fetch_add(&test->shared->next, 1);
		const struct case_entry *entry;
		struct case_result *result;

		if (at >= test->count || interrupt_count())
			_exit(0);
		entry = test->chosen[at];
		result = &test->shared->results[at];
		test_case(test->options, &test->cases, entry, result);
		if (!interrupt_count())
			test_under(test->options, &test->cases, entry, result);
		if (interrupt_count())
			_exit(0);
		__atomic_store_n(&result->done, true, __ATOMIC_RELEASE);
	}
}

static bool start_helpers(struct test *test)
{
	size_t wanted = test->options->jobs ? test->options->jobs : 0;
	cpu_set_t set;

	if (!wanted)
		wanted = sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
	if (wanted > test->count)
		wanted = test->count;
	if (wanted > JOBS_MAX)
		wanted = JOBS_MAX;
	fflush(NULL);
	for (size_t i = 0; i < wanted; i++) {
		pid_t pid = fork();

		if (pid == 0)
			helper(test);
		if (pid > 0)
			test->helpers[test->helper_count++] = pid;
	}
	return test->helper_count > 0;
}

static const char *found_text(const struct case_result *result, char *text, size_t size)
{
	if (!result->kind[0])
		return result->verdict == CASE_NOT_SEEN ? "not seen" : "silent";
	snprintf(text, size, "%s%s%s", result->kind, result->cause[0] ? ": " : "", result->cause);
	return text;
}

static void add_row(struct page *page, const struct case_entry *entry,
		    const struct case_result *result)
{
	static const char *const words[] = { [CASE_OK] = "ok",
					     [CASE_FAILED] = "FAIL",
					     [CASE_GAP] = "gap",
					     [CASE_SKIPPED] = "skip",
					     [CASE_NOT_SEEN] = "miss" };
	char found[64], count[32];

	page_style(page, result->verdict == CASE_FAILED ? STYLE_BAD
			 : result->verdict == CASE_OK   ? STYLE_GOOD
							: STYLE_WARN);
	page_add(page, "%-4s", words[result->verdict]);
	page_style(page, STYLE_PLAIN);
	format_count(count, sizeof(count),
		     result->kind[0] ? result->first_schedule + 1 : result->schedules);
	page_add(page, " %-40s %-27s %6s\n", entry->id,
		 result->verdict == CASE_SKIPPED ? "-" : found_text(result, found, sizeof(found)),
		 result->verdict == CASE_SKIPPED ? "-" : count);
	if (result->why[0]) {
		page_add(page, "      ");
		page_wrap(page, 6, result->why);
	}
}

static struct test_rows rows_of(const struct test *test)
{
	return (struct test_rows){ .entries = test->chosen,
				   .results = test->shared->results,
				   .count = test->count,
				   .options = test->options };
}

/* With --quiet: what makes the exit code 1. */
static bool is_worth_saying(const struct test *test, size_t at)
{
	const struct test_rows row = { .entries = &test->chosen[at],
				       .results = &test->shared->results[at],
				       .count = 1,
				       .options = test->options };

	return row.results->verdict == CASE_FAILED || test_table_unexplained(&row);
}

static void print_row(const struct test *test, size_t at)
{
	struct page page;

	if (output_is_taken(test->options))
		return;
	if (test->options->quiet && !is_worth_saying(test, at))
		return;
	command_page(&page, test->options);
	if (test->options->under) {
		const struct test_rows rows = rows_of(test);

		if (at == 0)
			test_table_head(&page, test->options);
		test_table_row(&page, &rows, at);
	} else {
		add_row(&page, test->chosen[at], &test->shared->results[at]);
	}
	page_write(&page, STDOUT_FILENO);
	page_fini(&page);
}

/* Prints rows while the helpers work. Returns how many cases are done. */
static size_t follow(struct test *test)
{
	size_t printed = 0, running = test->helper_count;

	while (running) {
		struct pollfd polled = { .fd = interrupt_fd(), .events = POLLIN };
		pid_t pid;

		poll(&polled, 1, 20);
		if (polled.revents & POLLIN && interrupt_count())
			for (size_t i = 0; i < test->helper_count; i++)
				kill(test->helpers[i], SIGTERM);
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			for (size_t i = 0; i < test->helper_count; i++)
				running -= test->helpers[i] == pid;
		while (printed < test->count &&
		       __atomic_load_n(&test->shared->results[printed].done, __ATOMIC_ACQUIRE))
			print_row(test, printed++);
	}
	return printed;
}

static json_t *result_json(const struct options *options, const struct case_entry *entry,
			   const struct case_result *result)
{
	static const char *const words[] = { [CASE_OK] = "ok",
					     [CASE_FAILED] = "failed",
					     [CASE_GAP] = "gap",
					     [CASE_SKIPPED] = "skipped",
					     [CASE_NOT_SEEN] = "not seen" };

	return json_pack("{s:o, s:o, s:o, s:s, s:o, s:s, s:s, s:s, s:o, s:I, s:I, s:o, s:o*}", "id",
			 json_words(entry->id), "expect", json_words(entry->expect),
			 "expected_cause", json_words(entry->cause), "verdict",
			 result->done ? words[result->verdict] : "not run", "why",
			 json_words(result->why), "levels", result->levels, "kind", result->kind,
			 "cause", result->cause, "title", json_words(result->title),
			 "first_schedule", (json_int_t)result->first_schedule, "schedules",
			 (json_int_t)result->schedules, "event_hash", json_hex(result->event_hash),
			 "under", options->under ? test_table_json(options, result) : NULL);
}

/* "cases/race/counter.c:22" of each mark that need not be shown. */
static json_t *gone_json(const struct test *test)
{
	json_t *array = json_array();

	for (size_t i = 0; i < test->count; i++)
		for (size_t k = 0; k < test->chosen[i]->mark_count; k++)
			if (test->chosen[i]->marks[k].gone)
				json_array_append_new(array,
						      json_sprintf("%s:%u", test->chosen[i]->file,
								   test->chosen[i]->marks[k].line));
	return array;
}

static int write_json(const struct test *test, const size_t *counts, size_t not_run)
{
	json_t *object = json_object(), *array = json_array();
	int code;

	for (size_t i = 0; i < test->count; i++)
		json_array_append_new(array, result_json(test->options, test->chosen[i],
							 &test->shared->results[i]));
	json_object_set_new(object, "version", json_integer(REPORT_VERSION));
	json_object_set_new(object, "jostle", json_string(JOSTLE_VERSION));
	json_object_set_new(object, "seed", json_integer((json_int_t)test->options->seed));
	json_object_set_new(object, "passed", json_integer((json_int_t)counts[CASE_OK]));
	json_object_set_new(object, "failed", json_integer((json_int_t)counts[CASE_FAILED]));
	json_object_set_new(object, "gaps", json_integer((json_int_t)counts[CASE_GAP]));
	json_object_set_new(object, "skipped", json_integer((json_int_t)counts[CASE_SKIPPED]));
	json_object_set_new(object, "not_seen", json_integer((json_int_t)counts[CASE_NOT_SEEN]));
	json_object_set_new(object, "not_run", json_integer((json_int_t)not_run));
	json_object_set_new(object, "gone", gone_json(test));
	if (test->options->under) {
		const struct test_rows rows = rows_of(test);

		json_object_set_new(object, "unexplained",
				    json_integer((json_int_t)test_table_unexplained(&rows)));
		json_object_set_new(object, "classes", test_table_classes());
	}
	json_object_set_new(object, "cases", array);
	code = json_write(object, test->options->json);
	json_decref(object);
	return code;
}

/* Returns 0 or EXIT_USAGE, as page_write(). */
static int print_summary(const struct test *test, const size_t *counts, size_t not_run)
{
	const bool on_threads = test->options->level == LEVEL_PERTURBED;
	const struct test_rows rows = rows_of(test);
	char not_seen[48] = "";
	struct page page;
	int code;

	command_page(&page, test->options);
	if (test->options->under && !test->options->quiet) {
		test_table_end(&page, &rows);
		page_add(&page, "\n");
	}
	if (on_threads)
		snprintf(not_seen, sizeof(not_seen), ", %zu not seen", counts[CASE_NOT_SEEN]);
	page_add(&page, "%zu passed, %zu failed, %zu known gaps, %zu skipped%s%s\n",
		 counts[CASE_OK], counts[CASE_FAILED], counts[CASE_GAP], counts[CASE_SKIPPED],
		 not_seen, not_run ? ", others not run" : "");
	if (on_threads)
		page_add(&page, "Not seen is no failure: on real threads a bug shows when it "
				"happens to, and "
				"data\nraces, misuse and lifetimes are not looked for.\n");
	if (test->gone && !on_threads)
		page_add(&page, "%zu mark%s need not be shown: the compiler removed the access\n",
			 test->gone, test->gone == 1 ? "" : "s");
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}

static int finish(const struct test *test, size_t done)
{
	const struct test_rows rows = rows_of(test);
	size_t counts[CASE_VERDICT_COUNT] = { 0 }, not_run = 0;
	int code = 0;

	for (size_t i = 0; i < test->count; i++)
		if (test->shared->results[i].done)
			counts[test->shared->results[i].verdict]++;
		else
			not_run++;
	if (!output_is_taken(test->options))
		code = print_summary(test, counts, not_run);
	if (!code && test->options->json)
		code = write_json(test, counts, not_run);
	if (!code)
		code = test_suite_write(test->chosen, test->shared->results, test->count,
					test->options);
	if (!code)
		code = test_table_write(&rows);
	if (code)
		return code;
	if (done < test->count)
		return say_error(EXIT_FOUND,
				 "test: ended before all cases were run: %zu of %zu are missing",
				 not_run, test->count);
	return counts[CASE_FAILED] || test_table_unexplained(&rows) ? EXIT_FOUND : EXIT_CLEAN;
}

/* One sentence instead of one for each case. */
static int check_library(const struct options *options)
{
	const struct target none = { .argc = 0 };
	const struct input silent = { .fd = -1 };
	struct perturb perturb;
	struct launch launch;
	int code;

	if (options->level == LEVEL_PERTURBED) {
		code = perturb_open(&perturb);
		perturb_close(&perturb);
		return code ? code : perturb_check_options(options);
	}
	code = launch_prepare(&launch, &none, &silent);
	launch_finish(&launch);
	return code;
}

static int test_chosen(struct test *test)
{
	const size_t size = sizeof(*test->shared) + test->count * sizeof(struct case_result);
	int code = check_library(test->options);

	if (!code)
		code = test_under_check(test->options, &test->cases);
	if (code)
		return code;
	test->shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (test->shared == MAP_FAILED)
		return say_error(EXIT_USAGE, "test: out of memory");
	interrupt_init();
	if (!start_helpers(test))
		code = say_error(EXIT_USAGE, "test: cannot start a process");
	else
		code = finish(test, follow(test));
	munmap(test->shared, size);
	return code;
}

int command_test(struct options *options)
{
	struct test test = { .options = options };
	int code;

	code = output_check(options);
	if (code == 0)
		code = cases_read(&test.cases, &test.pool);
	if (code == 0) {
		test.chosen = pool_new(&test.pool, struct case_entry *, test.cases.count);
		for (size_t i = 0; i < test.cases.count; i++)
			if (case_matches(&test.cases.entries[i], options->operands,
					 options->operand_count))
				test.chosen[test.count++] = &test.cases.entries[i];
		test_find_gone(&test.cases, &test.gone);
		if (test.count)
			code = test_chosen(&test);
		else
			code = say_error(EXIT_USAGE,
					 "test: no case matches '%s'; jostle list shows them",
					 options->operand_count ? options->operands[0] : "");
	}
	pool_fini(&test.pool);
	return code;
}
