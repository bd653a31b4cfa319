/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a thread will be joined is decided once, and by whom starts it. Here the thread detaches
 * itself in its first line, as daemons do, while main means to join it. Whichever comes first, the
 * other one is undefined: a join of a detached thread, or a detach under somebody's join.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

struct jostle_state {
	sem_t done;
};

static void *daemon_main(void *arg)
{
	struct jostle_state *s = arg;

	pthread_detach(pthread_self()); /* SEE: after the start, when main may be joining */
	sem_post(&s->done);
	return NULL;
}

static void *worker_main(void *arg)
{
	struct jostle_state *s = arg;

	sem_post(&s->done);
	return NULL;
}

static void start_and_join(struct jostle_state *s, void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, s))
		return;
	pthread_join(thread, NULL); /* MISUSE: it may have detached itself */
	sem_wait(&s->done);
}

static void join_daemon(struct jostle_state *s)
{
	start_and_join(s, daemon_main);
}

static void join_worker(struct jostle_state *s)
{
	start_and_join(s, worker_main);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->done, 0, 0) ? errno : 0;
}

JOSTLE_CASE(broken) = {
	.title = "A thread detaches itself after its start, and main joins it",
	.tags = "thread daemon detach join",
	.why = "pthread_detach() gives up the thread's id: once the thread has ended, the id is "
	       "nobody's or a new thread's. Joining it is undefined.",
	.ref = "POSIX.1-2017, pthread_detach() and pthread_join(): undefined if not joinable",
	.expect = JOSTLE_MISUSE,
	.setup = setup, /* no teardown: a detached thread may still be inside sem_post() */
	.body = join_daemon,
};

JOSTLE_CASE(fixed) = {
	.title = "Who starts the thread decides, and joins it",
	.tags = "thread daemon join",
	.why = "A thread is joined once or detached once. PTHREAD_CREATE_DETACHED says the second "
	       "before the start, and then nobody may join.",
	.ref = "POSIX.1-2017, pthread_attr_setdetachstate(), pthread_join()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.body = join_worker,
};
