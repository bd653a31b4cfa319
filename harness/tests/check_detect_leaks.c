/* SPDX-License-Identifier: Apache-2.0 */
/* Locks held and threads left at exit, and what is none of the two. */
#include "check_main.h"

#include <string.h>

#include "detect/leaks.h"

static struct thread threads[3];
static const struct thread *by_number[3] = { &threads[0], &threads[1], &threads[2] };
static struct event_log event_log;
static char lock, code[64];
static struct finding findings[8];
static uint32_t finding_count;

static void keep(void *context, const struct finding *finding)
{
	(void)context;
	findings[finding_count++] = *finding;
}

static void begin(void)
{
	memset(threads, 0, sizeof(threads));
	for (unsigned i = 0; i < 3; i++) {
		threads[i].id = (thread_id)i;
		threads[i].status = i == 0 ? THREAD_READY : THREAD_FINISHED;
		threads[i].joiner = i == 0 ? THREAD_NONE : 0;
		threads[i].joined = 1;
		threads[i].create_site = &code[40 + i];
	}
	event_log_reset(&event_log);
	finding_count = 0;
}

static void hold(unsigned who, enum op_family family)
{
	threads[who].holds[threads[who].hold_count++] =
		(struct hold){ .object = &lock, .site = &code[who], .family = (uint8_t)family };
}

static void end(unsigned who)
{
	*event_log_append(&event_log) = (struct event){
		.step = 5, .thread = (thread_id)who, .kind = OP_THREAD_EXIT, .site = 99
	};
}

static uint32_t leaks(void)
{
	const uint32_t count = leaks_report(by_number, 3, &event_log, NULL, keep, NULL);

	ck_assert_uint_eq(count, finding_count);
	return count;
}

START_TEST(a_clean_exit_leaks_nothing)
{
	begin();
	ck_assert_uint_eq(leaks(), 0);
}
END_TEST

START_TEST(a_lock_held_by_main_is_a_note)
{
	begin();
	hold(0, FAMILY_MUTEX);
	ck_assert_uint_eq(leaks(), 1);
	ck_assert_uint_eq(findings[0].kind, FINDING_LEAK);
	ck_assert_uint_eq(findings[0].cause, CAUSE_LOCK_HELD);
	ck_assert_uint_eq(findings[0].severity, SEVERITY_NOTE);
	ck_assert_uint_eq(findings[0].site_count, 1);
	ck_assert_uint_eq(findings[0].sites[0].role, SITE_HOLDS);
	ck_assert_uint_eq(findings[0].sites[0].object, (uint64_t)(uintptr_t)&lock);
}
END_TEST

START_TEST(what_a_fork_copied_while_it_was_locked_is_none)
{
	begin();
	hold(1, FAMILY_MUTEX);
	threads[1].holds[0].copied = 1;
	ck_assert_uint_eq(leaks(), 0);
	hold(1, FAMILY_MUTEX);
	ck_assert_uint_eq(leaks(), 1);
}
END_TEST

START_TEST(the_end_of_an_owner_that_ended_is_named)
{
	begin();
	hold(1, FAMILY_RWLOCK);
	end(1);
	ck_assert_uint_eq(leaks(), 1);
	ck_assert_uint_eq(findings[0].site_count, 2);
	ck_assert_uint_eq(findings[0].sites[1].role, SITE_ENDED);
	ck_assert_uint_eq(findings[0].sites[1].step, 5);
}
END_TEST

START_TEST(exiting_within_a_once_leaks_no_lock)
{
	begin();
	hold(0, FAMILY_ONCE);
	ck_assert_uint_eq(leaks(), 0);
}
END_TEST

static const struct {
	const char *name;
	enum thread_status status;
	uint8_t joined, detached;
	thread_id joiner;
	uint32_t leaks;
} ends[] = {
	{ "ended, never joined", THREAD_FINISHED, 0, 0, THREAD_NONE, 1 },
	{ "runs, never joined", THREAD_READY, 0, 0, THREAD_NONE, 1 },
	{ "blocked, never joined", THREAD_BLOCKED, 0, 0, THREAD_NONE, 1 },
	{ "ended and joined", THREAD_FINISHED, 1, 0, 0, 0 },
	{ "ended and detached", THREAD_FINISHED, 0, 1, THREAD_NONE, 0 },
	{ "runs detached", THREAD_READY, 0, 1, THREAD_NONE, 0 },
	{ "is being joined", THREAD_READY, 0, 0, 2, 0 },
	{ "never existed", THREAD_UNUSED, 0, 0, THREAD_NONE, 0 },
};

START_TEST(a_thread_leaks_when_nobody_will_ever_join_it)
{
	begin();
	threads[1].status = (uint8_t)ends[_i].status;
	threads[1].joined = ends[_i].joined;
	threads[1].detached = ends[_i].detached;
	threads[1].joiner = ends[_i].joiner;
	ck_assert_msg(leaks() == ends[_i].leaks, "%s", ends[_i].name);
	if (finding_count) {
		ck_assert_uint_eq(findings[0].cause, CAUSE_THREAD_LEAKED);
		ck_assert_uint_eq(findings[0].thread, 1);
		ck_assert_uint_eq(findings[0].sites[0].role, SITE_CREATED);
		ck_assert_uint_eq(findings[0].sites[0].pc, (uint64_t)(uintptr_t)&code[41]);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("detect_leaks");
	TCase *tcase = tcase_create("leaks");

	tcase_add_test(tcase, a_clean_exit_leaks_nothing);
	tcase_add_test(tcase, a_lock_held_by_main_is_a_note);
	tcase_add_test(tcase, what_a_fork_copied_while_it_was_locked_is_none);
	tcase_add_test(tcase, the_end_of_an_owner_that_ended_is_named);
	tcase_add_test(tcase, exiting_within_a_once_leaks_no_lock);
	tcase_add_loop_test(tcase, a_thread_leaks_when_nobody_will_ever_join_it, 0,
			    (int)(sizeof(ends) / sizeof(ends[0])));
	suite_add_tcase(suite, tcase);
	return suite;
}
