/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool hands out items and takes them back, under its lock. A thread returns its item and then
 * looks at it once more, for the log. By then it may be somebody else's.
 */
#include "jostle.h"

#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	int item;  /* of whoever took it from the pool */
	int given; /* guarded by lock */
	int logged[2];
};

static int take(struct jostle_state *s)
{
	int taken;

	pthread_mutex_lock(&s->lock);
	taken = !s->given;
	s->given = 1;
	pthread_mutex_unlock(&s->lock);
	return taken;
}

static void give_back(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->given = 0;
	pthread_mutex_unlock(&s->lock);
}

static void use(struct jostle_state *s, int who)
{
	if (!take(s))
		return;
	s->item = who; /* RACE: the owner before may still look */
	give_back(s);
	s->logged[who - 1] = s->item; /* RACE: it was given back */
}

static void use_then_give_back(struct jostle_state *s, int who)
{
	if (!take(s))
		return;
	s->item = who;
	s->logged[who - 1] = s->item;
	give_back(s);
}

static void user_1(struct jostle_state *s)
{
	use(s, 1);
}

static void user_2(struct jostle_state *s)
{
	use(s, 2);
}

static void user_1_in_order(struct jostle_state *s)
{
	use_then_give_back(s, 1);
}

static void user_2_in_order(struct jostle_state *s)
{
	use_then_give_back(s, 2);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->logged[0] == 2 || s->logged[1] == 1 ? "a stranger's" : "own");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "An item is used after it was given back to its pool",
	.tags = "pool",
	.why = "The memory is never freed, so no check for freed memory notices. Ownership ended "
	       "all the same: what is in the pool belongs to whoever takes it next.",
	.ref = "CWE-672: Operation on a Resource after Expiration or Release",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "user 1", user_1 }, { "user 2", user_2 } },
	.outcomes = { { "own", JOSTLE_ALLOWED, "everybody logged their own item" },
		      { "a stranger's", JOSTLE_FORBIDDEN, "the next owner's value was logged" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Giving back comes last",
	.tags = "pool",
	.why = "The pool's lock hands the item from its last use to its next owner.",
	.ref = "CWE-672: Operation on a Resource after Expiration or Release",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "user 1", user_1_in_order }, { "user 2", user_2_in_order } },
	.outcomes = { { "own", JOSTLE_ALLOWED, "everybody logged their own item" } },
};
