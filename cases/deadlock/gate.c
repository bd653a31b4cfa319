/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opposite lock orders are harmless when a third lock, the gate, is held around both: then only one
 * thread at a time is between its two locks. The gate must be around *all* of them. The fixed
 * variant keeps its opposite orders on purpose: a tool that reports them is wrong (TSan and
 * Helgrind do).
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t gate, rows, columns;
	int cells;
};

static void grow(struct jostle_state *s)
{
	pthread_mutex_lock(&s->gate);
	pthread_mutex_lock(&s->rows);    /* SEE: rows are held from here */
	pthread_mutex_lock(&s->columns); /* DEADLOCK: shrink() holds them */
	s->cells++;
	pthread_mutex_unlock(&s->columns);
	pthread_mutex_unlock(&s->rows);
	pthread_mutex_unlock(&s->gate);
}

static void shrink(struct jostle_state *s)
{
	pthread_mutex_lock(&s->columns); /* SEE: columns are held from here */
	pthread_mutex_lock(&s->rows);    /* DEADLOCK: grow() holds them */
	s->cells--;
	pthread_mutex_unlock(&s->rows);
	pthread_mutex_unlock(&s->columns);
}

static void shrink_behind_gate(struct jostle_state *s)
{
	pthread_mutex_lock(&s->gate);
	pthread_mutex_lock(&s->columns);
	pthread_mutex_lock(&s->rows);
	s->cells--;
	pthread_mutex_unlock(&s->rows);
	pthread_mutex_unlock(&s->columns);
	pthread_mutex_unlock(&s->gate);
}

static int setup(struct jostle_state *s)
{
	pthread_mutex_t *locks[] = { &s->gate, &s->rows, &s->columns };
	int error = 0;

	for (int i = 0; i < 3 && !error; i++)
		error = pthread_mutex_init(locks[i], NULL);
	return error;
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->columns);
	pthread_mutex_destroy(&s->rows);
	pthread_mutex_destroy(&s->gate);
}

JOSTLE_CASE(broken) = {
	.title = "Only one of two functions goes through the gate",
	.tags = "mutex gate",
	.why = "The gate was meant to make the opposite orders harmless. One function does not "
	       "take it, so that it is a lock that protects nothing.",
	.ref = "Havelund: Using Runtime Analysis to Guide Model Checking, SPIN 2000: gate locks",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lock-cycle",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "grow", grow }, { "shrink", shrink } },
};

JOSTLE_CASE(fixed) = {
	.title = "Both functions hold the gate around their opposite orders",
	.tags = "mutex gate clean",
	.why = "Rows before columns here, columns before rows there, and still no deadlock: "
	       "whoever holds one of them holds the gate as well.",
	.ref = "Havelund: Using Runtime Analysis to Guide Model Checking, SPIN 2000: gate locks",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "grow", grow }, { "shrink", shrink_behind_gate } },
};
