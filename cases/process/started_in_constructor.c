/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A "class" whose objects are processes, each with a state of its own. The constructor of the base
 * forks as its last step, and only then the constructor of the derived class sets what is
 * different. A thread might see it in time; the child has its copy of the object already, and never
 * does.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct ticker { /* the base: a process that adds step to total, and ends with it */
	pid_t process;
	int step, total;
};

struct jostle_state {
	struct ticker ticker;
};

static void ticker_main(struct ticker *t)
{
	t->total += t->step; /* OUTCOME: in this process it is the base's step for ever */
	_exit(t->total);
}

static void ticker_init(struct ticker *t)
{
	t->step = 1;
}

static void ticker_start(struct ticker *t)
{
	t->process = fork();
	if (t->process == 0)
		ticker_main(t);
}

/* What the child computed comes back as its status; its memory does not come back at all. */
static void ticker_join(struct ticker *t)
{
	int status;

	if (waitpid(t->process, &status, 0) == t->process && WIFEXITED(status))
		t->total = WEXITSTATUS(status);
}

static void ticker_init_started(struct ticker *t)
{
	ticker_init(t);
	ticker_start(t);
}

/* The derived class: takes steps of ten. */
static void fast_ticker_init_started(struct ticker *t)
{
	ticker_init_started(t);
	t->step = 10;
}

static void fast_ticker_init(struct ticker *t)
{
	ticker_init(t);
	t->step = 10;
}

static void construct_started(struct jostle_state *s)
{
	fast_ticker_init_started(&s->ticker);
	ticker_join(&s->ticker);
}

static void construct_then_start(struct jostle_state *s)
{
	fast_ticker_init(&s->ticker);
	ticker_start(&s->ticker);
	ticker_join(&s->ticker);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->ticker.total);
}

JOSTLE_CASE(broken) = {
	.title = "The constructor forks the object's process before the object is whole",
	.tags = "process create class initialisation fork",
	.why = "fork() copies the object as it is. What the parent sets afterwards it sets in its "
	       "own copy, in every schedule.",
	.ref = "POSIX.1-2017, fork(): the new process is an exact copy",
	.expect = JOSTLE_OUTCOME,
	.observe = observe,
	.body = construct_started,
	.outcomes = { { "10", JOSTLE_ALLOWED, "never seen" },
		      { "1", JOSTLE_FORBIDDEN, "the object as it was when it was copied" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Constructing and starting are two functions",
	.tags = "process create class initialisation fork",
	.why = "The fork comes when the object is whole, and the copy is whole, too.",
	.ref = "POSIX.1-2017, fork(): the new process is an exact copy",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.body = construct_then_start,
	.outcomes = { { "10", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};
