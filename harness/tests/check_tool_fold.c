/* SPDX-License-Identifier: Apache-2.0 */
/* A lock order that came true: which deadlock it is, and which deadlocks it is not. */
#include "check_main.h"

#include "report/story.h"

#define PLACE(at) .place = { .module = "program", .offset = (at) }

static const struct story_site hang[] = {
	{ .role = SITE_WAITS, PLACE(31) }, { .role = SITE_HOLDS, PLACE(30) },
	{ .role = SITE_WAITS, PLACE(41) }, { .role = SITE_HOLDS, PLACE(40) },
	{ .role = SITE_WAITS, PLACE(62) }, /* main joins them */
};

static const struct {
	const char *name, *kind, *cause, *deadlock_cause;
	struct story_site sites[4];
	bool folded;
} orders[] = {
	{ "the same places",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { { .role = SITE_EDGE, PLACE(41) },
	    { .role = SITE_EDGE, PLACE(31) },
	    { .role = SITE_HOLDS, PLACE(40) },
	    { .role = SITE_HOLDS, PLACE(30) } },
	  true },
	{ "one lock asked for elsewhere",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { { .role = SITE_EDGE, PLACE(41) },
	    { .role = SITE_EDGE, PLACE(32) },
	    { .role = SITE_HOLDS, PLACE(40) },
	    { .role = SITE_HOLDS, PLACE(30) } },
	  false },
	{ "one lock taken elsewhere",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { { .role = SITE_EDGE, PLACE(41) },
	    { .role = SITE_EDGE, PLACE(31) },
	    { .role = SITE_HOLDS, PLACE(40) },
	    { .role = SITE_HOLDS, PLACE(29) } },
	  false },
	{ "another cause",
	  "lock-order",
	  "lock-cycle",
	  "lost-wakeup",
	  { { .role = SITE_EDGE, PLACE(41) },
	    { .role = SITE_EDGE, PLACE(31) },
	    { .role = SITE_HOLDS, PLACE(40) },
	    { .role = SITE_HOLDS, PLACE(30) } },
	  false },
	{ "no lock order",
	  "misuse",
	  "lock-cycle",
	  "lock-cycle",
	  { { .role = SITE_EDGE, PLACE(41) },
	    { .role = SITE_EDGE, PLACE(31) },
	    { .role = SITE_HOLDS, PLACE(40) },
	    { .role = SITE_HOLDS, PLACE(30) } },
	  false },
	{ "an unknown module",
	  "lock-order",
	  "lock-cycle",
	  "lock-cycle",
	  { { .role = SITE_EDGE, .place = { .offset = 41 } },
	    { .role = SITE_EDGE, PLACE(31) },
	    { .role = SITE_HOLDS, PLACE(40) },
	    { .role = SITE_HOLDS, PLACE(30) } },
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

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_fold");
	TCase *tcase = tcase_create("fold");

	tcase_add_loop_test(tcase, a_lock_order_is_folded_into_the_deadlock_at_the_same_places, 0,
			    sizeof(orders) / sizeof(orders[0]));
	tcase_add_test(tcase, an_order_without_places_is_never_folded);
	suite_add_tcase(suite, tcase);
	return suite;
}
