/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result is fetched with pthread_join(), and the clean-up joins all threads, to be sure. After
 * the first join the thread's id means nothing, or already another thread.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	int result;
};

static void *worker(void *arg)
{
	struct jostle_state *s = arg;

	pthread_mutex_lock(&s->lock);
	s->result = 42;
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void join_and_clean_up(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, s))
		return;
	pthread_join(thread, NULL); /* SEE: joined here */
	pthread_join(thread, NULL); /* MISUSE: and again */
}

static void join_once(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, s))
		return;
	pthread_join(thread, NULL);
}

static int setup(struct jostle_state *s)
{
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread is joined twice",
	.tags = "join",
	.why = "The first join frees the thread. Its id may since have been given to a new "
	       "thread, and the second join then waits for a stranger.",
	.ref = "POSIX.1-2017, pthread_join(); 2.9.2 Thread IDs: lifetime",
	.expect = JOSTLE_MISUSE,
	.cause = "join-twice",
	.setup = setup,
	.teardown = teardown,
	.body = join_and_clean_up,
};

JOSTLE_CASE(fixed) = {
	.title = "A thread is joined once",
	.tags = "join",
	.why = "One place owns the thread and joins it.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.body = join_once,
};
