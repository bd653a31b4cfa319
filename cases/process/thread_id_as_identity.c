/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recursive lock in shared memory has to know who holds it. This one asks pthread_self(), which
 * names a thread among those of its own process. A forked child is a copy, and its one thread has
 * the id that the parent's had: both children find that they are the owner already.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <stdio.h>
#include <unistd.h>

struct jostle_state {
	pthread_mutex_t lock;     /* PTHREAD_PROCESS_SHARED */
	pthread_cond_t unlocked;  /* PTHREAD_PROCESS_SHARED */
	unsigned long owner;      /* guarded by lock; 0: nobody */
	unsigned long remembered; /* what getpid() said before the fork */
	int depth;                /* guarded by lock: how often the owner entered */
	int inside, most;         /* guarded by lock: in the room that the owner has for itself */
};

static void enter(struct jostle_state *s, unsigned long me)
{
	pthread_mutex_lock(&s->lock);
	while (s->owner && s->owner != me)
		pthread_cond_wait(&s->unlocked, &s->lock);
	s->owner = me; /* OUTCOME: both processes have the same number */
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

static void visit_as(struct jostle_state *s, unsigned long me)
{
	enter(s, me);
	use_room(s);
	leave(s);
}

static void visit_as_thread(struct jostle_state *s)
{
	visit_as(s, (unsigned long)pthread_self());
}

static void visit_as_remembered(struct jostle_state *s)
{
	visit_as(s, s->remembered);
}

static void visit_as_process(struct jostle_state *s)
{
	visit_as(s, (unsigned long)getpid());
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t of_lock;
	pthread_condattr_t of_condition;
	int error = pthread_mutexattr_init(&of_lock);

	if (error)
		return error;
	s->remembered = (unsigned long)getpid();
	pthread_mutexattr_setpshared(&of_lock, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->lock, &of_lock);
	pthread_mutexattr_destroy(&of_lock);
	if (error)
		return error;
	pthread_condattr_init(&of_condition);
	pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED);
	error = pthread_cond_init(&s->unlocked, &of_condition);
	pthread_condattr_destroy(&of_condition);
	return error;
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
	.title = "A thread id is taken for the process's",
	.tags = "process id pthread-self fork",
	.why = "A pthread_t says who a thread is within its process. After fork() the same value "
	       "names another thread in each process, and here both call themselves by it.",
	.ref = "POSIX.1-2017, pthread_self(); XSH 2.9.2 Thread IDs: unique within a process",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "visitor 1", visit_as_thread }, { "visitor 2", visit_as_thread } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" },
		      { "2 at once", JOSTLE_FORBIDDEN, "both own the lock" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(broken_remembered) = {
	.title = "The process id is asked before the fork, and used after it",
	.tags = "process id getpid fork",
	.why = "What a program stored before fork() both processes have, and the child has a new "
	       "id. Libraries that remember the id to save a system call have this bug.",
	.ref = "POSIX.1-2017, getpid() and fork(): the child has a unique process ID",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "visitor 1", visit_as_remembered }, { "visitor 2", visit_as_remembered } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" },
		      { "2 at once", JOSTLE_FORBIDDEN, "both own the lock" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "A process is known by its own id",
	.tags = "process id getpid fork",
	.why = "getpid() differs for all living processes, and is asked after the fork.",
	.ref = "POSIX.1-2017, getpid() and fork(): the child has a unique process ID",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "visitor 1", visit_as_process }, { "visitor 2", visit_as_process } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};
