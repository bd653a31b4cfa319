/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recursive lock has to know who holds it. This one asks getpid(), which names the process. All
 * threads of the process have that same answer, so each of them finds that it is the owner already,
 * and is let in.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <stdio.h>
#include <unistd.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t unlocked;
	pid_t owner;      /* guarded by lock; 0: nobody */
	int depth;        /* guarded by lock: how often the owner entered */
	int inside, most; /* guarded by lock: in the room that the owner has for itself */
};

static void enter(struct jostle_state *s, pid_t me)
{
	pthread_mutex_lock(&s->lock);
	while (s->owner && s->owner != me)
		pthread_cond_wait(&s->unlocked, &s->lock);
	s->owner = me; /* OUTCOME: both threads have the same number */
	s->depth++;
	pthread_mutex_unlock(&s->lock);
}

static void leave(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (--s->depth == 0) {
		s->owner = 0;
		pthread_cond_signal(&s->unlocked);
	}
	pthread_mutex_unlock(&s->lock);
}

static void use_room(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->inside++;
	if (s->inside > s->most)
		s->most = s->inside;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&s->lock);
	s->inside--;
	pthread_mutex_unlock(&s->lock);
}

static void visit_as(struct jostle_state *s, pid_t me)
{
	enter(s, me);
	use_room(s);
	leave(s);
}

static void visit_as_process(struct jostle_state *s)
{
	visit_as(s, getpid());
}

static void visit_as_thread(struct jostle_state *s)
{
	visit_as(s, gettid());
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->unlocked, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d at once", s->most);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->unlocked);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "The process id is taken for the thread's",
	.tags = "thread id getpid",
	.why = "getpid() is the same in all threads. Written when each program had one thread, the "
	       "lock kept processes apart, and it lets all threads of one process in.",
	.ref = "POSIX.1-2017, getpid(): the process ID of the calling process; gettid(2)",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "visitor 1", visit_as_process }, { "visitor 2", visit_as_process } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" },
		      { "2 at once", JOSTLE_FORBIDDEN, "both own the lock" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A thread is known by its own id",
	.tags = "thread id gettid",
	.why = "gettid() differs for all living threads of the machine. pthread_self() would do "
	       "here, too; it differs within one process only.",
	.ref = "gettid(2); POSIX.1-2017, pthread_self()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "visitor 1", visit_as_thread }, { "visitor 2", visit_as_thread } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "always" } },
};
