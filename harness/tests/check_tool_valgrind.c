/* SPDX-License-Identifier: Apache-2.0 */
/* Valgrind's XML, whole, cut off anywhere and hostile; and what Helgrind, DRD and Memcheck mean. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "under/tool.h"
#include "under/valgrind_xml.h"

#define FRAME(function, line)                                                \
	"<frame><ip>0x1091E6</ip><obj>/home/bank</obj><fn>" function "</fn>" \
	"<dir>/home</dir><file>bank.c</file><line>" line "</line></frame>"
#define PRELOADED                                                                             \
	"<frame><ip>0x484976E</ip><obj>/usr/libexec/valgrind/vgpreload_helgrind-amd64-linux." \
	"so</obj></frame>"
#define STARTED                                                                       \
	"<frame><ip>0x48F01F4</ip><obj>/usr/lib/libc.so.6</obj><fn>start_thread</fn>" \
	"<file>pthread_create.c</file><line>442</line></frame>"
#define STACK(function, line) "<stack>" FRAME(function, line) STARTED "</stack>"
#define HEADER                                                                     \
	"<?xml version=\"1.0\"?>\n<valgrindoutput>\n<args><argv><exe>./bank</exe>" \
	"<arg>a&lt;b ]]&gt; c</arg></argv></args>\n"
#define ANNOUNCED                                                                         \
	"<announcethread><hthreadid>3</hthreadid>" STACK(                                 \
		"main", "20") "</announcethread><announcethread><hthreadid>1</hthreadid>" \
			      "<isrootthread></isrootthread></announcethread>\n"
#define RACE(how, number, function, line, other, other_line)                                       \
	"<error><unique>0x0</unique><tid>2</tid><kind>Race</kind>\n<xwhat><text>Possible data "    \
	"race during " how " of size 8 at 0x10C068 by thread #" number "</text><hthreadid>" number \
	"</hthreadid></xwhat>" STACK(                                                              \
		function, line) "<xauxwhat><text>This conflicts with a previous write of size 8 "  \
				"by thread #2</text>"                                              \
				"<hthreadid>2</hthreadid></xauxwhat>" STACK(                       \
					other,                                                     \
					other_line) "<auxwhat>Address 0x10c068 is 0 bytes inside " \
						    "data symbol \"balance\"</auxwhat></error>\n"
#define ERROR(kind, what, more)                                                   \
	"<error><unique>0x1</unique><tid>1</tid><kind>" kind "</kind><what>" what \
	"</what>" STACK("main", "9") more "</error>\n"

static struct pool pool;
static struct claims claims;
static struct valgrind_output output;

static void setup(void)
{
	pool = (struct pool){ NULL };
	claims = (struct claims){ .pool = &pool };
}

static void teardown(void)
{
	claims_fini(&claims);
	pool_fini(&pool);
}

static void read_text(const char *text)
{
	valgrind_read(&output, &pool, text, strlen(text));
}

static size_t read_claims(const struct under_tool *tool, const char *text)
{
	return tool->read(&claims, &(struct under_file){ text, strlen(text), "./bank" });
}

START_TEST(a_file_becomes_errors_with_their_stacks)
{
	read_text(HEADER ANNOUNCED RACE("read", "3", "withdraw", "7", "deposit",
					"6") "</valgrindoutput>");
	ck_assert_str_eq(output.executable, "./bank");
	ck_assert_uint_eq(output.error_count, 1);
	ck_assert_uint_eq(output.damaged, 0);
	ck_assert_str_eq(output.errors[0].kind, "Race");
	ck_assert_uint_eq(output.errors[0].part_count, 3);
	ck_assert_uint_eq(output.errors[0].parts[0].thread, 3);
	ck_assert_uint_eq(output.errors[0].parts[0].frame_count, 2);
	ck_assert_str_eq(output.errors[0].parts[0].frames[0].function, "withdraw");
	ck_assert_str_eq(output.errors[0].parts[0].frames[0].file, "/home/bank.c");
	ck_assert_uint_eq(output.errors[0].parts[0].frames[0].line, 7);
	ck_assert_uint_eq(valgrind_thread(&output, 3)->frame_count, 2);
	ck_assert_uint_eq(valgrind_thread(&output, 1)->frame_count, 0);
	ck_assert_ptr_null(valgrind_thread(&output, 2));
}
END_TEST

START_TEST(a_file_may_end_anywhere_and_whole_errors_stay)
{
	static const char whole[] = HEADER RACE("read", "3", "withdraw", "7", "deposit", "6");
	static const char two[] = HEADER RACE("read", "3", "withdraw", "7", "deposit", "6")
		RACE("write", "3", "withdraw", "7", "deposit", "6");

	for (size_t size = 0; size < sizeof(two) - 1; size++) {
		valgrind_read(&output, &pool, two, size);
		/* The line end behind an error is not needed. */
		ck_assert_uint_eq(output.error_count, (size_t)(size + 1 >= sizeof(whole) - 1) +
							      (size + 1 >= sizeof(two) - 1));
		ck_assert_uint_eq(output.damaged, 0);
	}
}
END_TEST

static const struct {
	const char *name, *text;
	size_t errors, damaged;
} hostile[] = {
	{ "nothing", "", 0, 0 },
	{ "no XML", "Segmentation fault\n", 0, 0 },
	{ "control bytes in a name",
	  ERROR("Misc",
		"a\x1b[31m\x01"
		"b",
		""),
	  1, 0 },
	{ "invalid UTF-8 in a name", ERROR("Misc", "\xff\xc0\xaf", ""), 1, 0 },
	{ "the end of a CDATA section", ERROR("Misc", "a ]]&gt; b", ""), 1, 0 },
	{ "a bare one, which XML forbids", ERROR("Misc", "a ]]> b", "") ERROR("Misc", "c", ""), 1,
	  1 },
	{ "an entity that is not declared", ERROR("Misc", "&bomb;", "") ERROR("Misc", "c", ""), 1,
	  1 },
	{ "an error inside another one", "<error><kind>Misc</kind>" ERROR("Misc", "c", ""), 1, 0 },
	{ "another process's text between",
	  "<error><kind>Mi<status><state>RUNNING</state></status></error>" ERROR("Misc", "c", ""),
	  1, 1 },
	{ "an error without a sentence", "<error><kind>Misc</kind></error>", 0, 1 },
	{ "an end without a beginning", "</error>" ERROR("Misc", "c", "") "</error>", 1, 0 },
};

START_TEST(what_is_damaged_is_lost_alone)
{
	read_text(hostile[_i].text);
	ck_assert_msg(output.error_count == hostile[_i].errors, "%s: %zu errors", hostile[_i].name,
		      output.error_count);
	ck_assert_msg(output.damaged == hostile[_i].damaged, "%s: %zu damaged", hostile[_i].name,
		      output.damaged);
}
END_TEST

START_TEST(a_name_of_a_megabyte_is_a_name)
{
	static char name[(1 << 20) + 1];
	char *text;

	memset(name, 'x', sizeof(name) - 1);
	ck_assert_int_ge(asprintf(&text,
				  "<error><tid>1</tid><kind>Misc</kind><what>w</what><stack><frame>"
				  "<ip>0x1</ip><fn>%s</fn></frame></stack></error>",
				  name),
			 0);
	read_text(text);
	ck_assert_uint_eq(output.error_count, 1);
	ck_assert_uint_eq(strlen(output.errors[0].parts[0].frames[0].function), 1 << 20);
	free(text);
}
END_TEST

START_TEST(a_race_has_both_sides_in_an_order_of_its_own)
{
	const struct finding *finding;

	read_claims(&helgrind_tool, ANNOUNCED RACE("read", "3", "withdraw", "7", "deposit", "6"));
	ck_assert_uint_eq(claims.count, 1);
	finding = &claims.list[0].finding;
	ck_assert_int_eq(finding->kind, FINDING_RACE);
	ck_assert_uint_eq(finding->site_count, 3);
	ck_assert_str_eq(claims.list[0].given[0].place.function, "deposit");
	ck_assert_int_eq(finding->sites[0].op_kind, OP_WRITE);
	ck_assert_uint_eq(finding->sites[0].thread, 1);
	ck_assert_str_eq(claims.list[0].given[1].place.function, "withdraw");
	ck_assert_int_eq(finding->sites[1].op_kind, OP_READ);
	ck_assert_uint_eq(finding->sites[1].size, 8);
	ck_assert_uint_eq(finding->sites[1].object, 0x10c068);
	ck_assert_str_eq(finding->sites[1].thread_name, "withdraw");
	ck_assert_int_eq(finding->sites[2].role, SITE_CREATED);
	ck_assert_uint_eq(finding->sites[2].thread, 2);
}
END_TEST

START_TEST(one_pair_of_places_is_one_finding_and_a_write_says_more)
{
	read_claims(&helgrind_tool, RACE("read", "3", "withdraw", "7", "deposit", "6")
					    RACE("write", "2", "deposit", "6", "withdraw", "7"));
	ck_assert_uint_eq(claims.count, 1);
	ck_assert_int_eq(claims.list[0].finding.sites[0].op_kind, OP_WRITE);
	ck_assert_int_eq(claims.list[0].finding.sites[1].op_kind, OP_WRITE);
	read_claims(&helgrind_tool, RACE("read", "3", "withdraw", "8", "deposit", "6"));
	ck_assert_uint_eq(claims.count, 2);
}
END_TEST

START_TEST(frames_of_the_detector_are_not_the_programs)
{
	read_claims(
		&helgrind_tool,
		"<error><tid>1</tid><kind>UnlockUnlocked</kind><xwhat><text>Thread #1 unlocked a "
		"not-locked lock at 0x10C0</text><hthreadid>1</hthreadid></xwhat><stack>" PRELOADED
			FRAME("main", "9") "</stack></error>");
	ck_assert_uint_eq(claims.list[0].given[0].frame_count, 1);
	ck_assert_str_eq(claims.list[0].given[0].place.function, "main");
	ck_assert_int_eq(claims.list[0].finding.cause, CAUSE_UNLOCK_UNLOCKED);
	ck_assert_uint_eq(claims.list[0].finding.sites[0].object, 0x10c0);
}
END_TEST

START_TEST(a_lock_order_has_its_two_edges)
{
	const struct finding *finding;

	read_claims(
		&helgrind_tool,
		"<error><tid>1</tid><kind>LockOrder</kind><xwhat><text>Thread #1: lock order "
		"\"0xA0 before 0xB0\" violated</text><hthreadid>1</hthreadid></xwhat>" STACK(
			"main",
			"15") "<auxwhat>Required order was established by acquisition of "
			      "lock at 0xA0</auxwhat>" STACK(
				      "one",
				      "7") "<auxwhat>followed by a later acquisition of lock at "
					   "0xB0</auxwhat>" STACK("one", "8") "</error>");
	finding = &claims.list[0].finding;
	ck_assert_int_eq(finding->kind, FINDING_LOCK_ORDER);
	ck_assert_uint_eq(finding->site_count, 3);
	/* Ordered by line: the one of line 8 takes B while it holds A. */
	ck_assert_int_eq(finding->sites[0].role, SITE_EDGE);
	ck_assert_uint_eq(finding->sites[0].object, 0xb0);
	ck_assert_uint_eq(finding->sites[0].object2, 0xa0);
	ck_assert_int_eq(finding->sites[1].role, SITE_HOLDS);
	ck_assert_int_eq(finding->sites[2].role, SITE_EDGE);
	ck_assert_uint_eq(finding->sites[2].object, 0xa0);
	ck_assert_uint_eq(finding->sites[2].thread, 0);
}
END_TEST

#define FREED "<auxwhat>Address 0x4a4 is 0 bytes inside a block of size 8 free'd</auxwhat>"

static const struct {
	const struct under_tool *tool;
	const char *text;
	enum finding_kind kind;
	enum finding_cause cause;
	enum severity severity;
} meanings[] = {
	{ &helgrind_tool,
	  ERROR("Misc", "Thread #1: pthread_cond_wait called with un-held mutex", ""),
	  FINDING_MISUSE, CAUSE_WAIT_NOT_HELD, SEVERITY_ERROR },
	{ &helgrind_tool,
	  ERROR("Misc", "Thread #1: pthread_cond_signal: dubious: associated lock is not held", ""),
	  FINDING_MISUSE, CAUSE_NONE, SEVERITY_WARNING },
	{ &helgrind_tool, ERROR("Misc", "Thread #2: Exiting thread still holds 1 lock", ""),
	  FINDING_LEAK, CAUSE_LOCK_HELD, SEVERITY_NOTE },
	{ &drd_tool,
	  ERROR("MutexErr", "Mutex not locked: mutex 0x1, recursion count 0, owner 0.", ""),
	  FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, SEVERITY_ERROR },
	{ &drd_tool,
	  ERROR("MutexErr", "Mutex not locked by calling thread: mutex 0x1, recursion count 1", ""),
	  FINDING_MISUSE, CAUSE_UNLOCK_NOT_OWNER, SEVERITY_ERROR },
	{ &drd_tool,
	  ERROR("MutexErr", "Mutex not locked by calling thread: mutex 0x1, recursion count 0, ow",
		""),
	  FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, SEVERITY_ERROR },
	{ &drd_tool, ERROR("MutexErr", "Destroying locked mutex: mutex 0x1", ""), FINDING_MISUSE,
	  CAUSE_DESTROY_HELD, SEVERITY_ERROR },
	{ &memcheck_tool, ERROR("InvalidWrite", "Invalid write of size 8", ""), FINDING_LIFETIME,
	  CAUSE_INVALID_ACCESS, SEVERITY_ERROR },
	{ &memcheck_tool, ERROR("InvalidRead", "Invalid read of size 8", FREED), FINDING_LIFETIME,
	  CAUSE_USE_AFTER_FREE, SEVERITY_ERROR },
	{ &memcheck_tool,
	  ERROR("InvalidRead", "Invalid read of size 4",
		"<auxwhat>Address 0x8 is not stack'd, malloc'd or (recently) free'd</auxwhat>"),
	  FINDING_LIFETIME, CAUSE_INVALID_ACCESS, SEVERITY_ERROR },
	{ &memcheck_tool, ERROR("InvalidFree", "Invalid free()", FREED), FINDING_LIFETIME,
	  CAUSE_DOUBLE_FREE, SEVERITY_ERROR },
	{ &memcheck_tool, ERROR("UninitCondition", "Conditional jump depends", ""),
	  FINDING_LIFETIME, CAUSE_UNINITIALISED_VALUE, SEVERITY_ERROR },
	{ &memcheck_tool, ERROR("Leak_DefinitelyLost", "8 bytes in 1 blocks are lost", ""),
	  FINDING_LEAK, CAUSE_MEMORY_LOST, SEVERITY_NOTE },
	{ &memcheck_tool, ERROR("NewKind", "Something of a later version", ""), FINDING_LIFETIME,
	  CAUSE_NONE, SEVERITY_ERROR },
};

START_TEST(a_sentence_means_a_kind_and_a_cause)
{
	read_claims(meanings[_i].tool, meanings[_i].text);
	ck_assert_uint_eq(claims.count, 1);
	ck_assert_int_eq(claims.list[0].finding.kind, meanings[_i].kind);
	ck_assert_int_eq(claims.list[0].finding.cause, meanings[_i].cause);
	ck_assert_int_eq(claims.list[0].finding.severity, meanings[_i].severity);
	/* What has no cause keeps the detector's words. */
	ck_assert_int_eq(claims.list[0].finding.text[0] != '\0', meanings[_i].cause == CAUSE_NONE);
}
END_TEST

#define CONFLICT(more)                                                                   \
	ERROR("ConflictingAccess", "Conflicting store by thread 3 at 0x0010c068 size 8", \
	      "<auxwhat>Allocation context: BSS section of /home/bank</auxwhat>" more)

START_TEST(of_a_race_drd_knows_one_side_and_a_segment)
{
	const struct finding *finding;

	read_claims(&drd_tool,
		    CONFLICT("<other_segment_start>" STACK(
			    "one", "6") "</"
					"other_segment_start><other_segment_"
					"end>" STACK("one", "8") "</other_segment_end>"));
	/* The segment is not always there: the finding is the same. */
	read_claims(&drd_tool, CONFLICT("<other_segment_start><stack>" STARTED
					"</stack></other_segment_start>"));
	ck_assert_uint_eq(claims.count, 1);
	finding = &claims.list[0].finding;
	ck_assert_uint_eq(finding->site_count, 3);
	ck_assert_int_eq(finding->sites[0].role, SITE_ACCESS);
	ck_assert_int_eq(finding->sites[0].op_kind, OP_WRITE);
	ck_assert_uint_eq(finding->sites[0].thread, 2);
	ck_assert_int_eq(finding->sites[1].role, SITE_AFTER);
	ck_assert_int_eq(finding->sites[2].role, SITE_BEFORE);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool/valgrind");
	TCase *format = tcase_create("format"), *meaning = tcase_create("meaning");

	tcase_add_checked_fixture(format, setup, teardown);
	tcase_add_checked_fixture(meaning, setup, teardown);
	tcase_add_test(format, a_file_becomes_errors_with_their_stacks);
	tcase_add_test(format, a_file_may_end_anywhere_and_whole_errors_stay);
	tcase_add_loop_test(format, what_is_damaged_is_lost_alone, 0,
			    sizeof(hostile) / sizeof(hostile[0]));
	tcase_add_test(format, a_name_of_a_megabyte_is_a_name);
	tcase_add_test(meaning, a_race_has_both_sides_in_an_order_of_its_own);
	tcase_add_test(meaning, one_pair_of_places_is_one_finding_and_a_write_says_more);
	tcase_add_test(meaning, frames_of_the_detector_are_not_the_programs);
	tcase_add_test(meaning, a_lock_order_has_its_two_edges);
	tcase_add_loop_test(meaning, a_sentence_means_a_kind_and_a_cause, 0,
			    sizeof(meanings) / sizeof(meanings[0]));
	tcase_add_test(meaning, of_a_race_drd_knows_one_side_and_a_segment);
	suite_add_tcase(suite, format);
	suite_add_tcase(suite, meaning);
	return suite;
}
