/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Philosophers sit round a table with one fork between each two. Each takes the left fork, then the
 * right one. When all have their left fork, all starve. Three of them show it as well as five.
 */
#include "jostle.h"

#include <semaphore.h>

#define SEATS 3

struct jostle_state {
	pthread_mutex_t forks[SEATS];
	int meals[SEATS];
	sem_t room; /* who may sit down, in the second fix */
};

static void dine(struct jostle_state *s, int seat)
{
	pthread_mutex_t *left = &s->forks[seat], *right = &s->forks[(seat + 1) % SEATS];

	pthread_mutex_lock(left);  /* SEE: the left fork is held from here */
	pthread_mutex_lock(right); /* DEADLOCK: the neighbour holds it as a left fork */
	s->meals[seat]++;
	pthread_mutex_unlock(right);
	pthread_mutex_unlock(left);
}

static void plato(struct jostle_state *s)
{
	dine(s, 0);
}

static void hypatia(struct jostle_state *s)
{
	dine(s, 1);
}

static void kant(struct jostle_state *s)
{
	dine(s, 2);
}

/* The last seat reaches for fork 0 first, as its owner does: forks are taken in rising order. */
static void kant_turned_round(struct jostle_state *s)
{
	pthread_mutex_lock(&s->forks[0]);
	pthread_mutex_lock(&s->forks[2]);
	s->meals[2]++;
	pthread_mutex_unlock(&s->forks[2]);
	pthread_mutex_unlock(&s->forks[0]);
}

/* A waiter keeps one seat free, so that somebody always finds a right fork. */
static void dine_if_let_in(struct jostle_state *s, int seat)
{
	sem_wait(&s->room);
	dine(s, seat);
	sem_post(&s->room);
}

static void plato_let_in(struct jostle_state *s)
{
	dine_if_let_in(s, 0);
}

static void hypatia_let_in(struct jostle_state *s)
{
	dine_if_let_in(s, 1);
}

static void kant_let_in(struct jostle_state *s)
{
	dine_if_let_in(s, 2);
}

static int setup(struct jostle_state *s)
{
	int error = sem_init(&s->room, 0, SEATS - 1);

	for (int i = 0; i < SEATS && !error; i++)
		error = pthread_mutex_init(&s->forks[i], NULL);
	return error;
}

static void teardown(struct jostle_state *s)
{
	for (int i = 0; i < SEATS; i++)
		pthread_mutex_destroy(&s->forks[i]);
	sem_destroy(&s->room);
}

JOSTLE_CASE(broken) = {
	.title = "All philosophers take the left fork first",
	.tags = "mutex classic",
	.why = "The same code for everybody is symmetric, and round a table symmetry closes a "
	       "cycle. All of them must be interrupted between their two forks.",
	.ref = "Dijkstra: Hierarchical ordering of sequential processes, Acta Informatica 1, "
	       "1971",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lock-cycle",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "plato", plato }, { "hypatia", hypatia }, { "kant", kant } },
};

JOSTLE_CASE(fixed) = {
	.title = "One philosopher takes the right fork first",
	.tags = "mutex classic",
	.why = "Numbering the forks and taking the lower one first breaks the symmetry at one "
	       "seat.",
	.ref = "Dijkstra: Hierarchical ordering of sequential processes, Acta Informatica 1, "
	       "1971",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "plato", plato }, { "hypatia", hypatia }, { "kant", kant_turned_round } },
};

JOSTLE_CASE(fixed_by_a_waiter) = {
	.title = "A waiter lets one philosopher less sit down than there are seats",
	.tags = "mutex semaphore gate classic",
	.why = "The circle needs all of them at the table at once.",
	.ref = "Hoare: Communicating sequential processes, Communications of the ACM 21, 1978",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "plato", plato_let_in },
		     { "hypatia", hypatia_let_in },
		     { "kant", kant_let_in } },
};
