/* SPDX-License-Identifier: Apache-2.0 */
/* ThreadSanitizer's text as gcc and clang write it, cut off anywhere and hostile. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "under/tool.h"
#include "under/tsan_text.h"

#define BAR "==================\n"
#define RACE                                                                                      \
	BAR "WARNING: ThreadSanitizer: data race (pid=321)\n"                                     \
	    "  Read of size 8 at 0x563ccf7e70a8 by thread T2:\n"                                  \
	    "    #0 two /home/bank.c:7 (bank+0x12ba)\n"                                           \
	    "\n"                                                                                  \
	    "  Previous write of size 8 at 0x563ccf7e70a8 by thread T1 (mutexes: write M0, read " \
	    "M1):\n"                                                                              \
	    "    #0 one /home/bank.c:6 (bank+0x122b)\n"                                           \
	    "\n"                                                                                  \
	    "  Location is global 'balance' of size 8 at 0x563ccf7e70a8 (bank+0x40a8)\n"          \
	    "\n"                                                                                  \
	    "  Mutex M0 (0x563ccf7e70c0) created at:\n"                                           \
	    "    #0 pthread_mutex_lock ../../src/interceptors.inc:4324 (libtsan.so.2+0x558e1)\n"  \
	    "    #1 one /home/bank.c:6 (bank+0x1202)\n"                                           \
	    "\n"                                                                                  \
	    "  Mutex M1 (0x563ccf7e70d0) created at:\n"                                           \
	    "    #0 one /home/bank.c:5 (bank+0x1202)\n"                                           \
	    "\n"                                                                                  \
	    "  Thread T2 (tid=324, running) created by main thread at:\n"                         \
	    "    #0 pthread_create ../../src/tsan_interceptors.cpp:1001 (libtsan.so.2+0x5e686)\n" \
	    "    #1 main /home/bank.c:11 (bank+0x13a5)\n"                                         \
	    "\n"                                                                                  \
	    "SUMMARY: ThreadSanitizer: data race /home/bank.c:7 in two\n" BAR

#define ORDER                                                                               \
	BAR "WARNING: ThreadSanitizer: lock-order-inversion (potential deadlock) (pid=3)\n" \
	    "  Cycle in lock order graph: M0 (0xa0) => M1 (0xb0) => M0\n\n"                 \
	    "  Mutex M1 acquired here while holding mutex M0 in thread T1:\n"               \
	    "    #0 one /home/bank.c:8 (bank+0x12c3)\n\n"                                   \
	    "  Mutex M0 previously acquired by the same thread here:\n"                     \
	    "    #0 one /home/bank.c:7 (bank+0x12b4)\n\n"                                   \
	    "  Mutex M0 acquired here while holding mutex M1 in main thread:\n"             \
	    "    #0 main /home/bank.c:15 (bank+0x14cf)\n\n"                                 \
	    "SUMMARY: ThreadSanitizer: lock-order-inversion (potential deadlock)\n" BAR

#define UNLOCK                                                                              \
	BAR "WARNING: ThreadSanitizer: unlock of an unlocked mutex (or by a wrong thread) " \
	    "(pid=3)\n"                                                                     \
	    "    #0 pthread_mutex_unlock <null> (bank+0x6f0da) (BuildId: 23cf)\n"           \
	    "    #1 main /home/bank.c:16:2 (bank+0xd01f0) (BuildId: 23cf)\n\n"              \
	    "SUMMARY: ThreadSanitizer: unlock of an unlocked mutex\n" BAR

static struct pool pool;
static struct claims claims;
static const struct tsan_report *last;
static size_t count;

static void setup(void)
{
	pool = (struct pool){ NULL };
	claims = (struct claims){ .pool = &pool };
	last = NULL;
	count = 0;
}

static void teardown(void)
{
	claims_fini(&claims);
	pool_fini(&pool);
}

static void keep(void *context, const struct tsan_report *report)
{
	(void)context;
	last = report;
	count++;
}

static void read_text(const char *text)
{
	tsan_read(&pool, text, strlen(text), keep, NULL);
}

static const struct finding *read_claim(const char *text)
{
	tsan_tool.read(&claims, &(struct under_file){ text, strlen(text), "./bank" });
	ck_assert_uint_gt(claims.count, 0);
	return &claims.list[claims.count - 1].finding;
}

START_TEST(a_report_becomes_sentences_with_their_stacks)
{
	read_text(RACE);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(last->title, "data race");
	ck_assert_uint_eq(last->section_count, 6);
	ck_assert_str_eq(last->sections[0].text, "Read of size 8 at 0x563ccf7e70a8 by thread T2");
	ck_assert_str_eq(last->sections[0].frames[0].function, "two");
	ck_assert_str_eq(last->sections[0].frames[0].file, "/home/bank.c");
	ck_assert_uint_eq(last->sections[0].frames[0].line, 7);
	ck_assert_str_eq(last->sections[0].frames[0].module, "bank");
	ck_assert_uint_eq(last->sections[0].frames[0].offset, 0x12ba);
	ck_assert_uint_eq(last->sections[2].frame_count, 0);
	ck_assert_uint_eq(last->sections[3].frame_count, 2);
}
END_TEST

static const struct {
	const char *line, *function, *file, *module;
	unsigned at;
} frames[] = {
	{ "main /a/b.c:16:2 (bank+0xd0) (BuildId: 23cf)", "main", "/a/b.c", "bank", 16 },
	{ "free <null> (bank+0x6f) (BuildId: 23cf)", "free", NULL, "bank", 0 },
	{ "<null> <null> (bank+0x6f)", NULL, NULL, "bank", 0 },
	{ "std::map<int, char (*)(int)>::at(int const&) /a b/c.cc:3 (lib c.so+0x1)",
	  "std::map<int, char (*)(int)>::at(int const&)", "/a b/c.cc", "lib c.so", 3 },
	{ "operator()(int) const csu/x.h:58 (libc.so.6+0x1)", "operator()(int) const", "csu/x.h",
	  "libc.so.6", 58 },
	{ "main", "main", NULL, NULL, 0 },
	{ "", NULL, NULL, NULL, 0 },
};

static void check_text(const char *seen, const char *wanted)
{
	if (wanted)
		ck_assert_str_eq(seen, wanted);
	else
		ck_assert_ptr_null(seen);
}

START_TEST(a_frame_is_taken_apart)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 1:\n    #0 %s\n" BAR,
		 frames[_i].line);
	read_text(text);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(last->sections[0].frame_count, 1);
	check_text(last->sections[0].frames[0].function, frames[_i].function);
	check_text(last->sections[0].frames[0].file, frames[_i].file);
	check_text(last->sections[0].frames[0].module, frames[_i].module);
	ck_assert_uint_eq(last->sections[0].frames[0].line, frames[_i].at);
}
END_TEST

START_TEST(a_text_may_end_anywhere_and_whole_reports_stay)
{
	const size_t whole = (size_t)(strstr(RACE, "in two\n") + 7 - RACE);

	for (size_t size = 0; size < sizeof(RACE) - 1; size++) {
		count = 0;
		tsan_read(&pool, RACE, size, keep, NULL);
		ck_assert_uint_eq(count, size >= whole);
	}
}
END_TEST

static const struct {
	const char *name, *text;
	size_t reports;
} hostile[] = {
	{ "nothing", "", 0 },
	{ "bars alone", BAR BAR BAR, 0 },
	{ "a program that writes the same lines", "SUMMARY: ThreadSanitizer: x\n" RACE, 1 },
	{ "a report that another one interrupts",
	  "WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 1:\n"
	  "WARNING: ThreadSanitizer: data race (pid=2)\n  Write of size 1:\n" BAR,
	  1 },
	{ "control bytes and no UTF-8",
	  "WARNING: ThreadSanitizer: data\x1b\xff race\n  \x01 of\n    #0 \x02\xc0 \xff\n" BAR, 1 },
	{ "a stack without a sentence", "WARNING: ThreadSanitizer: x\n    #0 f\n" BAR, 1 },
	{ "numbers that are none",
	  "WARNING: ThreadSanitizer: data race\n  Write of size 99999999999999999999 at 0x by "
	  "thread T99999999999999999999 (mutexes: write M99999999999999999999):\n    #0 f "
	  ":9:9:9\n" BAR,
	  1 },
	{ "locks without an address",
	  "WARNING: ThreadSanitizer: lock-order-inversion\n  Mutex M1 acquired here while\n"
	  "  Mutex previously acquired by\n" BAR,
	  1 },
};

START_TEST(whatever_else_the_file_holds_is_passed_over)
{
	read_text(hostile[_i].text);
	ck_assert_msg(count == hostile[_i].reports, "%s: %zu reports", hostile[_i].name, count);
	tsan_tool.read(&claims, &(struct under_file){ hostile[_i].text, strlen(hostile[_i].text),
						      "./bank" });
	ck_assert_uint_eq(claims.count, hostile[_i].reports);
}
END_TEST

START_TEST(a_line_of_a_megabyte_and_a_stack_without_end)
{
	static char line[(1 << 20) + 1];
	const size_t frames_many = 5000;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	memset(line, 'x', sizeof(line) - 1);
	fprintf(out, "WARNING: ThreadSanitizer: data race\n  Write of size 1 %s:\n", line);
	for (size_t i = 0; i < frames_many; i++)
		fprintf(out, "    #%zu f%s", i, i ? "\n" : line);
	fputs("\n" BAR, out);
	fclose(out);
	read_text(text);
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_ge(last->sections[0].frame_count, 64);
	ck_assert_uint_lt(last->sections[0].frame_count, frames_many);
	free(text);
}
END_TEST

START_TEST(a_race_has_both_sides_and_their_locks)
{
	const struct finding *finding = read_claim(RACE);
	const struct claim *claim = &claims.list[0];

	ck_assert_int_eq(finding->kind, FINDING_RACE);
	ck_assert_uint_eq(finding->site_count, 3);
	ck_assert_str_eq(claim->given[0].place.function, "one");
	ck_assert_int_eq(finding->sites[0].op_kind, OP_WRITE);
	ck_assert_uint_eq(finding->sites[0].thread, 1);
	ck_assert_uint_eq(finding->sites[0].size, 8);
	ck_assert_uint_eq(claim->given[0].lock_count, 2);
	ck_assert_uint_eq(claim->given[0].locks[0].object, 0x563ccf7e70c0);
	ck_assert(!claim->given[0].locks[0].shared);
	ck_assert_uint_eq(claim->given[0].locks[1].object, 0x563ccf7e70d0);
	ck_assert(claim->given[0].locks[1].shared);
	ck_assert_str_eq(claim->given[1].place.function, "two");
	ck_assert_int_eq(finding->sites[1].op_kind, OP_READ);
	ck_assert(claim->given[1].locks_known && claim->given[1].lock_count == 0);
	ck_assert_int_eq(finding->sites[2].role, SITE_CREATED);
	ck_assert_str_eq(claim->given[2].place.function, "main");
}
END_TEST

START_TEST(a_lock_order_has_its_edges_and_what_was_held)
{
	const struct finding *finding = read_claim(ORDER);

	ck_assert_int_eq(finding->kind, FINDING_LOCK_ORDER);
	ck_assert_uint_eq(finding->site_count, 3);
	ck_assert_int_eq(finding->sites[0].role, SITE_EDGE);
	ck_assert_uint_eq(finding->sites[0].object, 0xb0);
	ck_assert_uint_eq(finding->sites[0].object2, 0xa0);
	ck_assert_uint_eq(finding->sites[0].thread, 1);
	ck_assert_int_eq(finding->sites[1].role, SITE_HOLDS);
	ck_assert_uint_eq(finding->sites[1].object, 0xa0);
	ck_assert_uint_eq(finding->sites[1].thread, 1);
	ck_assert_uint_eq(finding->sites[2].object, 0xa0);
	ck_assert_uint_eq(finding->sites[2].thread, 0);
}
END_TEST

START_TEST(a_runtime_inside_the_program_is_not_the_place)
{
	const struct finding *finding = read_claim(UNLOCK);

	ck_assert_int_eq(finding->kind, FINDING_MISUSE);
	ck_assert_str_eq(finding->text, "unlock of an unlocked mutex (or by a wrong thread)");
	ck_assert_str_eq(claims.list[0].given[0].place.function, "main");
}
END_TEST

START_TEST(other_processes_and_addresses_are_the_same_finding)
{
	static const char other[] = BAR
		"WARNING: ThreadSanitizer: data race (pid=9)\n"
		"  Write of size 8 at 0x1 by thread T7:\n    #0 one /home/bank.c:6 (bank+0x1)\n\n"
		"  Previous read of size 8 at 0x1 by thread T3:\n    #0 two /home/bank.c:7 "
		"(bank+0x2)\n\n"
		"  Location is global 'balance' of size 8 at 0x1 (bank+0x40a8)\n\n"
		"SUMMARY: ThreadSanitizer: data race /home/bank.c:6 in one\n" BAR;

	read_claim(RACE);
	read_claim(other);
	ck_assert_uint_eq(claims.count, 1);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool/tsan");
	TCase *format = tcase_create("format"), *meaning = tcase_create("meaning");

	tcase_add_checked_fixture(format, setup, teardown);
	tcase_add_checked_fixture(meaning, setup, teardown);
	tcase_add_test(format, a_report_becomes_sentences_with_their_stacks);
	tcase_add_loop_test(format, a_frame_is_taken_apart, 0, sizeof(frames) / sizeof(frames[0]));
	tcase_add_test(format, a_text_may_end_anywhere_and_whole_reports_stay);
	tcase_add_loop_test(format, whatever_else_the_file_holds_is_passed_over, 0,
			    sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(format, a_line_of_a_megabyte_and_a_stack_without_end);
	tcase_add_test(meaning, a_race_has_both_sides_and_their_locks);
	tcase_add_test(meaning, a_lock_order_has_its_edges_and_what_was_held);
	tcase_add_test(meaning, a_runtime_inside_the_program_is_not_the_place);
	tcase_add_test(meaning, other_processes_and_addresses_are_the_same_finding);
	suite_add_tcase(suite, format);
	suite_add_tcase(suite, meaning);
	return suite;
}
