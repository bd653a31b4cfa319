/* SPDX-License-Identifier: Apache-2.0 */
/* jostle compare: its statistics, its plan, and the code that it measures with, none of which may
 * depend on how fast this machine is. */
#include "check_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "compare/compare.h"
#include "compare/plot.h"
#include "compare/probe.h"
#include "compare/quantity.h"
#include "jostle/say.h"

static struct comparison comparison;

static void setup(void)
{
	comparison = (struct comparison){ .rounds = 3 };
}

static void teardown(void)
{
	compare_fini(&comparison);
}

/* Expected figures are those of R's quantile(x, type = 7). */
static const struct {
	const char *name;
	double samples[6];
	size_t count;
	double first_quartile, median, third_quartile;
} lists[] = {
	{ "one", { 7 }, 1, 7, 7, 7 },
	{ "two", { 4, 2 }, 2, 2.5, 3, 3.5 },
	{ "an odd number", { 5, 1, 3 }, 3, 2, 3, 4 },
	{ "an even number", { 4, 1, 3, 2 }, 4, 1.75, 2.5, 3.25 },
	{ "six, one far off", { 2, 1, 3, 1000, 4, 5 }, 6, 2.25, 3.5, 4.75 },
	{ "equal ones", { 2, 2, 2, 2 }, 4, 2, 2, 2 },
};

START_TEST(quartiles_are_those_of_the_literature)
{
	const struct summary summary = stats_summary(lists[_i].samples, lists[_i].count);

	ck_assert_double_eq_tol(summary.first_quartile, lists[_i].first_quartile, 1e-9);
	ck_assert_double_eq_tol(summary.median, lists[_i].median, 1e-9);
	ck_assert_double_eq_tol(summary.third_quartile, lists[_i].third_quartile, 1e-9);
	ck_assert_uint_eq(summary.count, lists[_i].count);
	ck_assert_double_le(summary.least, summary.first_quartile);
	ck_assert_double_ge(summary.most, summary.third_quartile);
}
END_TEST

START_TEST(samples_stay_in_their_order)
{
	double samples[] = { 3, 1, 2 };

	stats_summary(samples, 3);
	ck_assert_double_eq(samples[0], 3);
	ck_assert_uint_eq(stats_summary(samples, 0).count, 0);
}
END_TEST

START_TEST(figures_are_apart_when_their_middle_halves_are)
{
	const struct summary low = { .first_quartile = 1, .third_quartile = 2 };
	const struct summary high = { .first_quartile = 2.1, .third_quartile = 3 };
	const struct summary wide = { .first_quartile = 1.5, .third_quartile = 4 };

	ck_assert(stats_apart(&low, &high) && stats_apart(&high, &low));
	ck_assert(!stats_apart(&low, &wide) && !stats_apart(&wide, &high));
	ck_assert(!stats_apart(&low, &low));
}
END_TEST

static const struct {
	double value;
	enum unit unit;
	const char *text;
} quantities[] = {
	{ 0, UNIT_NS, "0 ns" },
	{ 8.214, UNIT_NS, "8.21 ns" },
	{ 999.4, UNIT_NS, "999 ns" },
	{ 999.6, UNIT_NS, "1.00 us" },
	{ 118400, UNIT_NS, "118 us" },
	{ 9.996e6, UNIT_NS, "10.0 ms" },
	{ 2.5e9, UNIT_NS, "2.50 s" },
	{ 7.2e12, UNIT_NS, "7200 s" },
	{ 512, UNIT_BYTES, "512 B" },
	{ 16384, UNIT_BYTES, "16.0 KiB" },
	{ 8 << 20, UNIT_BYTES, "8.00 MiB" },
};

START_TEST(quantities_have_three_digits_and_a_unit)
{
	struct pool pool = { NULL };

	ck_assert_str_eq(quantity_text(&pool, quantities[_i].value, quantities[_i].unit),
			 quantities[_i].text);
	pool_fini(&pool);
}
END_TEST

START_TEST(a_range_is_in_the_unit_of_its_median)
{
	const struct summary summary = { .median = 1500,
					 .first_quartile = 800,
					 .third_quartile = 123456 };
	struct pool pool = { NULL };

	ck_assert_str_eq(quantity_range(&pool, &summary, UNIT_NS), "0.80-123");
	pool_fini(&pool);
}
END_TEST

START_TEST(workers_are_sorted_and_each_there_once)
{
	ck_assert_int_eq(compare_read_workers(&comparison, "4,1,2,4,64", 2), 0);
	ck_assert_uint_eq(comparison.worker_count, 4);
	ck_assert_uint_eq(comparison.workers[0], 1);
	ck_assert_uint_eq(comparison.workers[3], 64);
	ck_assert_int_eq(compare_read_workers(&comparison, NULL, 2), 0);
	ck_assert_uint_eq(comparison.worker_count, 3);
	ck_assert_uint_eq(comparison.workers[2], 4);
	/* More processors than workers can be. */
	ck_assert_int_eq(compare_read_workers(&comparison, NULL, 192), 0);
	ck_assert_uint_eq(comparison.worker_count, 3);
	ck_assert_uint_eq(comparison.workers[2], KERNEL_WORKERS);
}
END_TEST

static const char *const bad_lists[] = { "",
					 "0",
					 "65",
					 "1,,2",
					 "1,",
					 ",1",
					 "1;2",
					 "-1",
					 "1 2",
					 "two",
					 "1,x",
					 "18446744073709551617",
					 "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17" };

START_TEST(what_is_no_list_of_workers_is_refused)
{
	ck_assert_msg(compare_read_workers(&comparison, bad_lists[_i], 2) == EXIT_USAGE, "'%s'",
		      bad_lists[_i]);
}
END_TEST

START_TEST(every_row_is_measured_in_every_way_it_has)
{
	size_t runs = 0, others = 0;

	ck_assert_int_eq(compare_read_workers(&comparison, "1,3", 2), 0);
	compare_plan(&comparison);
	for (size_t i = 0; i < comparison.measure_count; i++)
		if (comparison.measures[i].row->topic == TOPIC_RUN)
			runs++;
		else
			others++;
	ck_assert_uint_eq(runs, TASK_COUNT * (1 + 4 * 2));
	ck_assert_uint_eq(others, 2 * 10 + 1);
	ck_assert_ptr_nonnull(
		compare_find(&comparison, compare_row(TOPIC_RUN, "mixed"), WAY_THREAD_POOL, 3));
	ck_assert_ptr_null(
		compare_find(&comparison, compare_row(TOPIC_RUN, "mixed"), WAY_THREAD_POOL, 2));
}
END_TEST

START_TEST(each_round_takes_each_measure_once_and_the_seed_says_in_which_order)
{
	size_t first[50], again[50], other[50], seen = 0;

	compare_shuffle(first, 50, 7, 1);
	compare_shuffle(again, 50, 7, 1);
	compare_shuffle(other, 50, 7, 2);
	ck_assert_mem_eq(first, again, sizeof(first));
	ck_assert_mem_ne(first, other, sizeof(first));
	for (size_t number = 0; number < 50; number++)
		for (size_t i = 0; i < 50; i++)
			seen += other[i] == number;
	ck_assert_uint_eq(seen, 50);
}
END_TEST

START_TEST(scales_have_round_steps)
{
	ck_assert_double_eq_tol(plot_step(50, 5), 10, 1e-9);
	ck_assert_double_eq_tol(plot_step(51, 5), 20, 1e-9);
	ck_assert_double_eq_tol(plot_step(0.9, 5), 0.2, 1e-9);
	ck_assert_double_eq_tol(plot_step(2.4, 5), 0.5, 1e-9);
	/* A quartile far above everything is cut, others are not. */
	ck_assert_double_eq_tol(plot_top(10, 12), 12, 1e-9);
	ck_assert_double_lt(plot_top(10, 1000), 20);
}
END_TEST

static struct kernel_call *open_call(void)
{
	struct kernel_call *call = probe_open();

	ck_assert_ptr_nonnull(call);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	call->folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	call->hashes = 1000;
	call->wait_ns = 100000;
	call->operations = 7;
	call->workers = 3;
	return call;
}

static kernel_run *const tasks[] = { kernel_cpu, kernel_files, kernel_waits, kernel_mixed };

START_TEST(the_result_does_not_depend_on_who_does_the_tasks)
{
	struct kernel_call *call = open_call();
	uint64_t expected = 0;

	for (enum way way = WAY_ONE; way < WAY_COUNT; way++) {
		call->way = way;
		ck_assert_msg(probe_run(call, tasks[_i]) == PROBE_DONE, "%s: %s", way_id(way),
			      call->error);
		ck_assert_uint_ne(call->checksum, 0);
		if (way == WAY_ONE)
			expected = call->checksum;
		ck_assert_uint_eq(call->checksum, expected);
		ck_assert_double_gt(call->values[0], 0);
	}
	/* And it does depend on the tasks. */
	call->operations = 8;
	ck_assert_int_eq(probe_run(call, tasks[_i]), PROBE_DONE);
	ck_assert_uint_ne(call->checksum, expected);
	close(call->folder);
	probe_close(call);
}
END_TEST

static kernel_run *const costs[] = { kernel_create, kernel_switch_pipe,  kernel_switch_futex,
				     kernel_memory, kernel_message_pipe, kernel_message_shared };

START_TEST(every_cost_is_measured_between_processes_and_between_threads)
{
	struct kernel_call *call = open_call();

	call->cpu = machine_last_processor();
	for (enum way way = WAY_PROCESS; way <= WAY_THREAD; way++) {
		call->way = way;
		ck_assert_msg(probe_run(call, costs[_i]) == PROBE_DONE, "%s: %s", way_id(way),
			      call->error);
		ck_assert_double_gt(call->values[0], 0);
	}
	close(call->folder);
	probe_close(call);
}
END_TEST

static void crash(struct kernel_call *call)
{
	call->values[0] = 1;
	raise(SIGKILL);
}

static void leave(struct kernel_call *call)
{
	(void)call;
	_exit(3);
}

static void complain(struct kernel_call *call)
{
	errno = ENOSPC;
	kernel_fail(call, "writing a file");
}

/* Leaves a worker behind that would wait for ever, and fails. */
static void abandon(struct kernel_call *call)
{
	const pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	call->checksum = (uint64_t)pid;
	_exit(1);
}

static const struct {
	kernel_run *run;
	const char *error;
} failures[] = {
	{ crash, "was killed by signal 9" },
	{ leave, "ended with status 3" },
	{ complain, "writing a file: No space left on device" },
	{ abandon, "ended with status 1" },
};

START_TEST(a_kernel_that_fails_is_no_figure)
{
	struct kernel_call *call = open_call();

	ck_assert_int_eq(probe_run(call, failures[_i].run), PROBE_FAILED);
	ck_assert_str_eq(call->error, failures[_i].error);
	if (failures[_i].run == abandon) {
		ck_assert_int_eq(kill((pid_t)call->checksum, 0), -1);
		ck_assert_int_eq(errno, ESRCH);
	}
	close(call->folder);
	probe_close(call);
}
END_TEST

START_TEST(a_worker_that_fails_fails_its_kernel)
{
	struct kernel_call *call = open_call();

	close(call->folder);
	call->folder = -1;
	for (enum way way = WAY_ONE; way < WAY_COUNT; way++) {
		call->way = way;
		ck_assert_int_eq(probe_run(call, kernel_files), PROBE_FAILED);
		ck_assert_str_eq(call->error, "making a file: Bad file descriptor");
	}
	probe_close(call);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_compare");
	TCase *tcase = tcase_create("compare");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, quartiles_are_those_of_the_literature, 0,
			    sizeof(lists) / sizeof(lists[0]));
	tcase_add_test(tcase, samples_stay_in_their_order);
	tcase_add_test(tcase, figures_are_apart_when_their_middle_halves_are);
	tcase_add_loop_test(tcase, quantities_have_three_digits_and_a_unit, 0,
			    sizeof(quantities) / sizeof(quantities[0]));
	tcase_add_test(tcase, a_range_is_in_the_unit_of_its_median);
	tcase_add_test(tcase, workers_are_sorted_and_each_there_once);
	tcase_add_loop_test(tcase, what_is_no_list_of_workers_is_refused, 0,
			    sizeof(bad_lists) / sizeof(bad_lists[0]));
	tcase_add_test(tcase, every_row_is_measured_in_every_way_it_has);
	tcase_add_test(tcase, each_round_takes_each_measure_once_and_the_seed_says_in_which_order);
	tcase_add_test(tcase, scales_have_round_steps);
	tcase_add_loop_test(tcase, the_result_does_not_depend_on_who_does_the_tasks, 0,
			    sizeof(tasks) / sizeof(tasks[0]));
	tcase_add_loop_test(tcase, every_cost_is_measured_between_processes_and_between_threads, 0,
			    sizeof(costs) / sizeof(costs[0]));
	tcase_add_loop_test(tcase, a_kernel_that_fails_is_no_figure, 0,
			    sizeof(failures) / sizeof(failures[0]));
	tcase_add_test(tcase, a_worker_that_fails_fails_its_kernel);
	suite_add_tcase(suite, tcase);
	return suite;
}
