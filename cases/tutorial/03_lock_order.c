/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lesson 3: two locks need one order. reload() changes the configuration and writes that to the
 * log; rotate() changes the log file and looks up its name in the configuration. Each is right when
 * it is read alone, and together they can stop for ever.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t config, log;
	int generation;
	int lines;
};

static void reload(struct jostle_state *s)
{
	pthread_mutex_lock(&s->config); /* SEE: the configuration is held from here */
	s->generation++;
	pthread_mutex_lock(&s->log); /* DEADLOCK: waits for rotate() */
	s->lines++;
	pthread_mutex_unlock(&s->log);
	pthread_mutex_unlock(&s->config);
}

static void rotate(struct jostle_state *s)
{
	pthread_mutex_lock(&s->log); /* SEE: the log is held from here */
	s->lines = 0;
	pthread_mutex_lock(&s->config); /* DEADLOCK: waits for reload() */
	s->lines += s->generation;
	pthread_mutex_unlock(&s->config);
	pthread_mutex_unlock(&s->log);
}

/* Like reload(): the configuration first, whichever of the two is needed first. */
static void rotate_in_order(struct jostle_state *s)
{
	pthread_mutex_lock(&s->config);
	pthread_mutex_lock(&s->log);
	s->lines = s->generation;
	pthread_mutex_unlock(&s->log);
	pthread_mutex_unlock(&s->config);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->config, NULL);

	return error ? error : pthread_mutex_init(&s->log, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->log);
	pthread_mutex_destroy(&s->config);
}

JOSTLE_CASE(broken) = {
	.title = "One function locks config then log, the other log then config",
	.tags = "tutorial deadlock mutex",
	.why = "When each thread has its first lock, each waits for the lock that the other has. "
	       "Neither gives up what it holds, so both wait for ever.",
	.ref = "Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lock-cycle",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reload", reload }, { "rotate", rotate } },
};

JOSTLE_CASE(fixed) = {
	.title = "Both functions lock config before log",
	.tags = "tutorial deadlock mutex",
	.why = "Whoever holds the log already has the configuration, so that it needs nothing "
	       "more and will let go.",
	.ref = "Coffman, Elphick, Shoshani: System Deadlocks, ACM Computing Surveys 3(2), 1971",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "reload", reload }, { "rotate", rotate_in_order } },
};
