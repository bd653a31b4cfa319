/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon serves for ever: it waits for a request, answers it, and waits for the next. Main has
 * no more requests and joins it. The daemon waits for main, and main for the daemon.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int requests, stop; /* guarded by lock */
};

static void *serve(void *arg)
{
	struct jostle_state *s = arg;

	pthread_mutex_lock(&s->lock);
	while (!s->stop || s->requests) {
		if (s->requests)
			s->requests--;
		else
			pthread_cond_wait(&s->changed, &s->lock); /* SEE: for a next request */
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void request(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->requests++;
	pthread_cond_signal(&s->changed); /* SEE: the last one */
	pthread_mutex_unlock(&s->lock);
}

static void tell_to_stop(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = 1;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void join_daemon(struct jostle_state *s)
{
	pthread_t daemon;

	if (pthread_create(&daemon, NULL, serve, s))
		return;
	request(s);
	pthread_join(daemon, NULL); /* DEADLOCK: nobody told it to end */
}

static void stop_and_join_daemon(struct jostle_state *s)
{
	pthread_t daemon;

	if (pthread_create(&daemon, NULL, serve, s))
		return;
	request(s);
	tell_to_stop(s);
	pthread_join(daemon, NULL);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread that serves for ever is joined",
	.tags = "thread daemon join condition",
	.why = "A join waits for an end, and a daemon has none of its own. Without the join it "
	       "would "
	       "be cut off at the program's exit; with it, the program never comes to its exit.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_DEADLOCK,
	.cause = "no-signal",
	.setup = setup, /* no teardown: the daemon still waits */
	.body = join_daemon,
};

JOSTLE_CASE(fixed) = {
	.title = "The daemon is told to stop, and then joined",
	.tags = "thread daemon join condition",
	.why = "The daemon finishes what was asked of it, sees the mark and returns.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.body = stop_and_join_daemon,
};
