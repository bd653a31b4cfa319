/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When main returns, the process ends, and with it every thread that still runs. A thread that was
 * detached, so that nobody has to wait for it, is one for which nobody waits: what it had still to
 * save is lost.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINES 3

struct jostle_state {
	int ends[2]; /* what is written here outlives the program, as in a file */
};

static void *save(void *arg)
{
	struct jostle_state *s = arg;

	for (int i = 0; i < LINES; i++)
		if (write(s->ends[1], "l", 1) != 1)
			break;
	return NULL;
}

/* Each of these is a whole program in a process of its own: its return is the return of main. */
static void main_that_detaches(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, save, s))
		return;
	pthread_detach(thread);
	/* OUTCOME: the process ends here, saved or not */
}

static void main_that_joins(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, save, s))
		return;
	pthread_join(thread, NULL);
}

static void main_that_goes(struct jostle_state *s)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, save, s))
		return;
	pthread_detach(thread);
	pthread_exit(NULL);
}

static int setup(struct jostle_state *s)
{
	return pipe(s->ends) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int saved = 0;

	ioctl(s->ends[0], FIONREAD, &saved);
	snprintf(text, size, "%s", saved == LINES ? "all saved" : "lines are lost");
}

static void teardown(struct jostle_state *s)
{
	close(s->ends[0]);
	close(s->ends[1]);
}

JOSTLE_CASE(broken) = {
	.title = "Main returns while a detached thread still has work to do",
	.tags = "thread daemon detach exit",
	.why = "Returning from main is exit(), and exit() ends all threads wherever they are. "
	       "Detached does not mean that the thread lives on; it means that nobody hears of it.",
	.ref = "POSIX.1-2017, exit() and pthread_detach(); C11, 5.1.2.2.3 Program termination",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "program", main_that_detaches } },
	.outcomes = { { "all saved", JOSTLE_ALLOWED, "the thread was quicker" },
		      { "lines are lost", JOSTLE_FORBIDDEN, "main was quicker" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Main joins the thread whose work is needed",
	.tags = "thread daemon join exit",
	.why = "Detach what may be cut off at any point, and join everything else.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "program", main_that_joins } },
	.outcomes = { { "all saved", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed_pthread_exit) = {
	.title = "Main ends its own thread, and the process goes on until the last one has ended",
	.tags = "thread daemon detach pthread-exit",
	.why = "pthread_exit() in main ends one thread. The process exits when the last of its "
	       "threads does.",
	.ref = "POSIX.1-2017, pthread_exit(): exits with 0 after the last thread",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "program", main_that_goes } },
	.outcomes = { { "all saved", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};
