/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread tells how it went by what it returns, and pthread_join() hands that over. There is one
 * printer; the thread that finds it taken gives up and returns -1. Main joins with NULL, never
 * hears of it, and reports two pages.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>

#define PAGES 2

struct jostle_state {
	sem_t printer; /* one */
	sem_t paper;   /* counts the printed pages */
	int reported;
};

/* Prints one page. Returns 0, or -1 when somebody else is printing. */
static int print_page(struct jostle_state *s)
{
	if (sem_trywait(&s->printer))
		return -1;
	sem_post(&s->paper);
	sem_post(&s->printer);
	return 0;
}

static void *print_main(void *arg)
{
	return (void *)(intptr_t)print_page(arg);
}

static void start(struct jostle_state *s, pthread_t *threads)
{
	for (int i = 0; i < PAGES; i++)
		pthread_create(&threads[i], NULL, print_main, s);
}

static void print_and_hope(struct jostle_state *s)
{
	pthread_t threads[PAGES];

	start(s, threads);
	for (int i = 0; i < PAGES; i++)
		if (pthread_join(threads[i], NULL) == 0) /* OUTCOME: ended, not succeeded */
			s->reported++;
}

/* All have ended when the pages that failed are printed again. */
static void print_and_look(struct jostle_state *s)
{
	pthread_t threads[PAGES];
	int failed = 0;

	start(s, threads);
	for (int i = 0; i < PAGES; i++) {
		void *result;

		pthread_join(threads[i], &result);
		if (result)
			failed++;
	}
	while (failed && print_page(s) == 0)
		failed--;
	s->reported = PAGES - failed;
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->printer, 0, 1) || sem_init(&s->paper, 0, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int printed;

	sem_getvalue(&s->paper, &printed);
	snprintf(text, size, "%d reported, %d printed", s->reported, printed);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->printer);
	sem_destroy(&s->paper);
}

JOSTLE_CASE(broken) = {
	.title = "A thread is joined and what it returned is not looked at",
	.tags = "join result",
	.why = "pthread_join() returns 0 when the thread has ended, however it went. Whether it "
	       "did its work is in the value behind the second argument.",
	.ref = "POSIX.1-2017, pthread_join(): value_ptr",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = print_and_hope,
	.outcomes = { { "2 reported, 2 printed", JOSTLE_ALLOWED, "one after the other" },
		      { "2 reported, 1 printed", JOSTLE_FORBIDDEN, "one gave up, unheard" } },
};

JOSTLE_CASE(fixed) = {
	.title = "What the joined thread returned is looked at, and its page printed again",
	.tags = "join result",
	.why = "A thread that can fail has a result, and the joiner is who has to act on it.",
	.ref = "POSIX.1-2017, pthread_join(): value_ptr",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = print_and_look,
	.outcomes = { { "2 reported, 2 printed", JOSTLE_ALLOWED, "always" } },
};
