/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Main starts a thread and waits for it to say "ready". The lock is even taken before the thread is
 * started; but it is taken, released and taken again, and in that gap the thread says its word.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t ready;
	int is_ready;
	int log_lines;
};

static void log_line(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->log_lines++;
	pthread_mutex_unlock(&s->lock);
}

static void *service(void *arg)
{
	struct jostle_state *s = arg;

	pthread_mutex_lock(&s->lock);
	s->is_ready = 1;
	pthread_cond_signal(&s->ready); /* SEE: main still writes its log */
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void start_and_wait(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, service, s))
		return;
	log_line(s);
	pthread_mutex_lock(&s->lock);
	pthread_cond_wait(&s->ready, &s->lock); /* DEADLOCK: it was ready long ago */
	pthread_mutex_unlock(&s->lock);
	pthread_join(thread, NULL);
}

static void start_and_look(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, service, s))
		return;
	log_line(s);
	pthread_mutex_lock(&s->lock);
	while (!s->is_ready)
		pthread_cond_wait(&s->ready, &s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_join(thread, NULL);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->ready, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->ready);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A new thread says that it is ready before anybody listens",
	.tags = "condition start",
	.why = "The flag is set, and nobody reads it: main waits for the signal alone. It works "
	       "for as long as starting a thread takes longer than writing a log line.",
	.ref = "POSIX.1-2017, pthread_cond_signal(): no effect if no threads are blocked",
	.expect = JOSTLE_DEADLOCK,
	.cause = "lost-wakeup",
	.setup = setup,
	.teardown = teardown,
	.body = start_and_wait,
};

JOSTLE_CASE(fixed) = {
	.title = "Main looks at the flag and waits only while it is not set",
	.tags = "condition start",
	.why = "The flag remembers what the condition variable forgets.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.body = start_and_look,
};
