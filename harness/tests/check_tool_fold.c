/* SPDX-License-Identifier: Apache-2.0 */
/* One bug, one finding: a lock order that came true, and what is told again of the same lines. */
#include "check_main.h"

#include "report/story.h"

#define PLACE(at) .place = { .module = "program", .offset = (at) }

static const struct story_site hang[] = {
	{ .role = SITE_WAITS, PLACE(31) }, { .role = SITE_HOLDS, PLACE(30) },
	{ .role = SITE_WAITS, PLACE(41) }, { .role = SITE_HOLDS, PLACE(40) },
	{ .role = SITE_WAITS, PLACE(62) }, /* main joins them */
};

#define EDGE(at)                             \
	{                                    \
		.role = SITE_EDGE, PLACE(at) \
	}
#define HELD(at)                              \
	{                                     \
		.role = SITE_HOLDS, PLACE(at) \
	}

static const struct {
	const char *name, *kind, *cause, *deadlock_cause;
	struct story_site sites[4];
	bool folded;
} orders[] = {
	{ "the same places",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { EDGE(41), EDGE(31), HELD(40), HELD(30) },
	  true },
	{ "one lock asked for elsewhere",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { EDGE(41), EDGE(32), HELD(40), HELD(30) },
	  false },
	{ "one lock taken elsewhere",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { EDGE(41), EDGE(31), HELD(40), HELD(29) },
	  false },
	{ "another cause",
	  "lock-order",
	  "lock-cycle",
	  "lost-wakeup",
	  { EDGE(41), EDGE(31), HELD(40), HELD(30) },
	  false },
	{ "no lock order",
	  "misuse",
	  "lock-cycle",
	  "lock-cycle",
	  { EDGE(41), EDGE(31), HELD(40), HELD(30) },
	  false },
	{ "an unknown module",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { { .role = SITE_EDGE, .place = { .offset = 41 } }, EDGE(31), HELD(40), HELD(30) },
	  false },
};

START_TEST(a_lock_order_is_folded_into_the_deadlock_at_the_same_places)
{
	struct story other = { .kind = "crash", .cause = "signal" };
	struct story deadlock = { .kind = "deadlock",
				  .cause = orders[_i].deadlock_cause,
				  .sites = hang,
				  .site_count = sizeof(hang) / sizeof(hang[0]) };
	struct story order = { .kind = orders[_i].kind,
			       .cause = orders[_i].cause,
			       .sites = orders[_i].sites,
			       .site_count = 4 };
	struct story *const stories[] = { &other, &deadlock };

	ck_assert_msg((story_confirmation(&order, stories, 2) == &deadlock) == orders[_i].folded,
		      "%s", orders[_i].name);
	ck_assert_ptr_null(story_confirmation(&order, stories, 1));
}
END_TEST

START_TEST(an_order_without_places_is_never_folded)
{
	struct story deadlock = { .kind = "deadlock", .cause = "lock-cycle" };
	struct story order = { .kind = "lock-order", .cause = "lock-cycle" };
	struct story *const stories[] = { &deadlock };

	ck_assert_ptr_null(story_confirmation(&order, stories, 1));
}
END_TEST

#define LINE(in, at)                                          \
	{                                                     \
		.file = "a.c", .function = (in), .line = (at) \
	}
/* An access whose function is called at that line. */
#define ACCESS(kind, at, called_at)                                                           \
	{                                                                                     \
		.role = SITE_ACCESS, .op_kind = (kind), .place = LINE("add", at),             \
		.frames = (const struct frame[]){ LINE("add", at), LINE("work", called_at) }, \
		.frame_count = 2                                                              \
	}

/* An access inside a library that is called at that line. */
#define WITHIN(kind, inside, at)                                                            \
	{                                                                                   \
		.role = SITE_ACCESS, .op_kind = (kind), .place = LINE("work", at),          \
		.frames = (const struct frame[]){ LINE("tree", inside), LINE("work", at) }, \
		.frame_count = 2                                                            \
	}

#define READ(at, called_at)  ACCESS(OP_READ, at, called_at)
#define WRITE(at, called_at) ACCESS(OP_WRITE, at, called_at)

static const struct {
	const char *name, *title, *text;
	struct story_site sites[2];
	bool told;
} races[] = {
	{ "the same", "race on total[]", "", { READ(5, 9), WRITE(5, 9) }, true },
	{ "the other way round", "race on total[]", "", { WRITE(5, 9), READ(5, 9) }, true },
	{ "another variable", "race on count", "", { READ(5, 9), WRITE(5, 9) }, false },
	{ "another line", "race on total[]", "", { READ(6, 9), WRITE(5, 9) }, false },
	{ "called elsewhere", "race on total[]", "", { READ(5, 9), WRITE(5, 10) }, false },
	{ "other kinds", "race on total[]", "", { WRITE(5, 9), WRITE(5, 9) }, false },
	{ "other words", "race on total[]", "total is odd", { READ(5, 9), WRITE(5, 9) }, false },
	{ "no lines",
	  "race on total[]",
	  "",
	  { { .role = SITE_ACCESS }, { .role = SITE_ACCESS } },
	  false },
};

static const struct story_site raced[] = { READ(5, 9), WRITE(5, 9) };

START_TEST(what_a_line_does_inside_a_library_is_told_once)
{
	const struct story_site one[] = { WITHIN(OP_READ, 5, 9), WITHIN(OP_WRITE, 6, 9) };
	const struct story_site deeper[] = { WITHIN(OP_READ, 7, 9), WITHIN(OP_WRITE, 8, 9) };
	const struct story_site elsewhere[] = { WITHIN(OP_READ, 5, 9), WITHIN(OP_WRITE, 6, 10) };
	struct story first = { .kind = "race",
			       .cause = "read-write",
			       .title = "race on memory of work()",
			       .text = "",
			       .severity_level = SEVERITY_ERROR,
			       .sites = one,
			       .site_count = 2 };
	struct story again = first;
	struct story *const stories[] = { &first };

	again.sites = deeper;
	ck_assert_ptr_eq(story_told_before(&again, stories, 1), &first);
	again.sites = elsewhere;
	ck_assert_ptr_null(story_told_before(&again, stories, 1));
}
END_TEST

START_TEST(what_has_the_same_lines_is_told_once)
{
	struct story first = { .kind = "race",
			       .cause = "read-write",
			       .title = "race on total[]",
			       .text = "",
			       .severity_level = SEVERITY_ERROR,
			       .sites = raced,
			       .site_count = 2 };
	struct story again = first;
	struct story *const stories[] = { &first };

	again.title = races[_i].title;
	again.text = races[_i].text;
	again.sites = races[_i].sites;
	ck_assert_msg((story_told_before(&again, stories, 1) == &first) == races[_i].told, "%s",
		      races[_i].name);
	ck_assert_ptr_null(story_told_before(&again, stories, 0));
	first.severity_level = SEVERITY_WARNING;
	ck_assert_ptr_null(story_told_before(&again, stories, 1));
	first.severity_level = SEVERITY_ERROR;
	first.in_baseline = true;
	ck_assert_ptr_null(story_told_before(&again, stories, 1));
	first.in_baseline = false;
	first.suppressed = "race:add";
	ck_assert_ptr_null(story_told_before(&again, stories, 1));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_fold");
	TCase *tcase = tcase_create("fold");

	tcase_add_loop_test(tcase, a_lock_order_is_folded_into_the_deadlock_at_the_same_places, 0,
			    sizeof(orders) / sizeof(orders[0]));
	tcase_add_test(tcase, an_order_without_places_is_never_folded);
	tcase_add_loop_test(tcase, what_has_the_same_lines_is_told_once, 0,
			    sizeof(races) / sizeof(races[0]));
	tcase_add_test(tcase, what_a_line_does_inside_a_library_is_told_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
