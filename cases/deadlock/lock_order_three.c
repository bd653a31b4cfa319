/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three threads, three locks, and no two threads that disagree about a pair: one takes input then
 * parser, one parser then output, one output then input. The cycle has three edges, and looking at
 * the functions two by two does not show it.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t input, parser, output;
	int bytes, records, lines;
};

static void feed(struct jostle_state *s)
{
	pthread_mutex_lock(&s->input);  /* SEE: input is held from here */
	pthread_mutex_lock(&s->parser); /* DEADLOCK: render() holds it */
	s->records += s->bytes;
	pthread_mutex_unlock(&s->parser);
	pthread_mutex_unlock(&s->input);
}

static void render(struct jostle_state *s)
{
	pthread_mutex_lock(&s->parser); /* SEE: parser is held from here */
	pthread_mutex_lock(&s->output); /* DEADLOCK: throttle() holds it */
	s->lines += s->records;
	pthread_mutex_unlock(&s->output);
	pthread_mutex_unlock(&s->parser);
}

static void throttle(struct jostle_state *s)
{
	pthread_mutex_lock(&s->output); /* SEE: output is held from here */
	pthread_mutex_lock(&s->input);  /* DEADLOCK: feed() holds it */
	s->bytes -= s->lines;
	pthread_mutex_unlock(&s->input);
	pthread_mutex_unlock(&s->output);
}

/* Input before parser before output: the one edge that went backwards is turned round. */
static void throttle_in_order(struct jostle_state *s)
{
	pthread_mutex_lock(&s->input);
	pthread_mutex_lock(&s->output);
	s->bytes -= s->lines;
	pthread_mutex_unlock(&s->output);
	pthread_mutex_unlock(&s->input);
}

static int setup(struct jostle_state *s)
{
	pthread_mutex_t *locks[] = { &s->input, &s->parser, &s->output };
	int error = 0;

	for (int i = 0; i < 3 && !error; i++)
		error = pthread_mutex_init(locks[i], NULL);
	return error;
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->output);
	pthread_mutex_destroy(&s->parser);
	pthread_mutex_destroy(&s->input);
}

JOSTLE_CASE(broken) = {
	.title = "Three threads close a cycle over three locks",
	.tags = "mutex",
	.why = "Each thread waits for the next one in a ring of three. Every pair of functions "
	       "is consistent, so that a review of pairs finds nothing.",
	.ref = "Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lock-cycle",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "feed", feed }, { "render", render }, { "throttle", throttle } },
};

JOSTLE_CASE(fixed) = {
	.title = "All three locks stand in one order",
	.tags = "mutex",
	.why = "An order over all locks, not over pairs, is what excludes cycles of any length.",
	.ref = "Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "feed", feed }, { "render", render }, { "throttle", throttle_in_order } },
};
