/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two people meet in a corridor. Both step to the same side, both notice, both step to the other
 * side, in step, for ever. Neither waits for anything, each step is polite, and nobody passes. It
 * starts when both chose their side before either could see the other's choice.
 */
#include "jostle.h"

enum side { NOWHERE, LEFT, RIGHT };

struct jostle_state {
	pthread_mutex_t lock;
	pthread_barrier_t step; /* people walk at the same pace */
	enum side at[2];
};

static enum side side_of(struct jostle_state *s, int who)
{
	enum side side;

	pthread_mutex_lock(&s->lock);
	side = s->at[who];
	pthread_mutex_unlock(&s->lock);
	return side;
}

static void go_to(struct jostle_state *s, int who, enum side side)
{
	pthread_mutex_lock(&s->lock);
	s->at[who] = side;
	pthread_mutex_unlock(&s->lock);
}

static enum side opposite(enum side side)
{
	return side == LEFT ? RIGHT : LEFT;
}

static int blocked(struct jostle_state *s, int who)
{
	int same;

	pthread_barrier_wait(&s->step); /* LIVELOCK: round and round, both blocked */
	same = side_of(s, 0) == side_of(s, 1);
	pthread_barrier_wait(&s->step); /* LIVELOCK: each has seen it and moves, as the other */
	if (same)
		go_to(s, who, opposite(side_of(s, who)));
	return same;
}

static void walk(struct jostle_state *s, int who)
{
	enum side other = side_of(s, !who);

	go_to(s, who, other == NOWHERE ? LEFT : opposite(other));
	while (blocked(s, who))
		;
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
	int same;

	go_to(s, 1, LEFT);
	do {
		pthread_barrier_wait(&s->step);
		same = side_of(s, 0) == side_of(s, 1);
		pthread_barrier_wait(&s->step);
	} while (same);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_barrier_init(&s->step, NULL, 2);
}

static void teardown(struct jostle_state *s)
{
	pthread_barrier_destroy(&s->step);
	pthread_mutex_destroy(&s->lock);
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
