/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process tells how it went by its exit status, and waitpid() hands that over. There is one
 * printer; the child that finds it taken gives up with status 1. The parent waits for both, looks
 * at neither status, and reports two pages.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 2

struct jostle_state {
	struct {
		sem_t printer; /* one, between processes */
		sem_t paper;   /* counts the printed pages */
	} * shared;
	int reported;
};

/* Prints one page. Returns 0, or -1 when somebody else is printing. */
static int print_page(struct jostle_state *s)
{
	if (sem_trywait(&s->shared->printer))
		return -1;
	sem_post(&s->shared->paper);
	sem_post(&s->shared->printer);
	return 0;
}

static void start(struct jostle_state *s, pid_t *children)
{
	for (int i = 0; i < PAGES; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(print_page(s) ? 1 : 0);
	}
}

static void print_and_hope(struct jostle_state *s)
{
	pid_t children[PAGES];

	start(s, children);
	for (int i = 0; i < PAGES; i++)
		if (waitpid(children[i], NULL, 0) > 0) /* OUTCOME: ended, not succeeded */
			s->reported++;
}

/* All have ended when the pages that failed are printed again. */
static void print_and_look(struct jostle_state *s)
{
	pid_t children[PAGES];
	int failed = 0;

	start(s, children);
	for (int i = 0; i < PAGES; i++) {
		int status;

		if (waitpid(children[i], &status, 0) < 0 || !WIFEXITED(status) ||
		    WEXITSTATUS(status))
			failed++;
	}
	while (failed && print_page(s) == 0)
		failed--;
	s->reported = PAGES - failed;
}

static int setup(struct jostle_state *s)
{
	void *memory = mmap(NULL, sizeof(*s->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return errno;
	s->shared = memory;
	return sem_init(&s->shared->printer, 1, 1) || sem_init(&s->shared->paper, 1, 0) ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int printed;

	sem_getvalue(&s->shared->paper, &printed);
	snprintf(text, size, "%d reported, %d printed", s->reported, printed);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->shared->printer);
	sem_destroy(&s->shared->paper);
	munmap(s->shared, sizeof(*s->shared));
}

JOSTLE_CASE(broken) = {
	.title = "A child is waited for and its exit status is not looked at",
	.tags = "process wait result",
	.why = "waitpid() returns the child's number when the child has ended, however it went. "
	       "Whether it did its work is in the status behind the second argument.",
	.ref = "POSIX.1-2017, waitpid(): WIFEXITED, WEXITSTATUS",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = print_and_hope,
	.outcomes = { { "2 reported, 2 printed", JOSTLE_ALLOWED, "one after the other" },
		      { "2 reported, 1 printed", JOSTLE_FORBIDDEN, "one gave up, unheard" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "The exit status is looked at, and the child's page printed again",
	.tags = "process wait result",
	.why = "A status has two parts: whether the child came to its own end, and with which "
	       "number. Both are asked, for a child that was killed has no number.",
	.ref = "POSIX.1-2017, waitpid(): WIFEXITED, WEXITSTATUS",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.body = print_and_look,
	.outcomes = { { "2 reported, 2 printed", JOSTLE_ALLOWED, "always" } },
	.schedules = 1000, /* each forks */
};
