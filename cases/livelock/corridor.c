/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two people meet in a corridor. Both step to the same side, both notice, both step to the other
 * side, in step, for ever. Neither waits for anything, each step is polite, and nobody passes. It
 * starts when both chose their side before either could see the other's choice.
 */
#include "jostle.h"

#include <sched.h>
#include <stdatomic.h>

enum side { NOWHERE, LEFT, RIGHT };

struct jostle_state {
	pthread_barrier_t step; /* people walk at the same pace */
	atomic_int at[2];
};

static int opposite(int side)
{
	return side == LEFT ? RIGHT : LEFT;
}

static void one_step(struct jostle_state *s)
{
	pthread_barrier_wait(&s->step); /* LIVELOCK: step after step, and nobody passes */
}

static int blocked(struct jostle_state *s)
{
	int same;

	one_step(s);
	same = atomic_load(&s->at[0]) == atomic_load(&s->at[1]); /* SEE: always */
	one_step(s);
	return same;
}

static void choose_side(struct jostle_state *s, int who)
{
	int other = atomic_load(&s->at[!who]);

	sched_yield(); /* a moment to think, in which the other one may choose, too */
	atomic_store(&s->at[who], other == NOWHERE ? LEFT : opposite(other));
}

/* Not inlined: a compiler may make one store of this and that of choose_side(). */
__attribute__((noinline)) static void step_aside(struct jostle_state *s, int who)
{
	atomic_store(&s->at[who], opposite(atomic_load(&s->at[who]))); /* SEE: both */
}

static void walk(struct jostle_state *s, int who)
{
	choose_side(s, who);
	while (blocked(s))
		step_aside(s, who);
}

static void walk_north(struct jostle_state *s)
{
	walk(s, 0);
}

static void walk_south(struct jostle_state *s)
{
	walk(s, 1);
}

/* A rule that is not the same for both: who walks south stands still. */
static void stand_still(struct jostle_state *s)
{
	choose_side(s, 1);
	while (blocked(s))
		;
}

static int setup(struct jostle_state *s)
{
	return pthread_barrier_init(&s->step, NULL, 2);
}

static void teardown(struct jostle_state *s)
{
	pthread_barrier_destroy(&s->step);
}

JOSTLE_CASE(broken) = {
	.title = "Both give way to each other, in step, without end",
	.tags = "symmetry",
	.why = "The rule is the same for both, and both are in the same situation, so that they "
	       "stay in the same situation. It takes a difference to get out: a number, a random "
	       "delay.",
	.ref = "Angluin: Local and global properties in networks of processors, STOC 1980",
	.expect = JOSTLE_LIVELOCK,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "north", walk_north }, { "south", walk_south } },
};

JOSTLE_CASE(fixed) = {
	.title = "One of the two stands still",
	.tags = "symmetry",
	.why = "With a rule that tells the two apart, the other one's next step clears the way.",
	.ref = "Angluin: Local and global properties in networks of processors, STOC 1980",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "north", walk_north }, { "south", stand_still } },
};
