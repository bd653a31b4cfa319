/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sleeper asks whether the bell rang, and if not, waits for a signal. The bell may ring between
 * the question and the wait: the handler runs, and nobody asks again. The wait is for the next
 * signal, and there is none.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

struct jostle_state {
	sem_t in_bed;
	pid_t sleeper;
};

static volatile sig_atomic_t rang; /* of each process its own */

static void ring(int signo)
{
	(void)signo;
	rang = 1;
}

static void lie_down(struct jostle_state *s)
{
	const struct sigaction action = { .sa_handler = ring };

	sigaction(SIGUSR1, &action, NULL);
	s->sleeper = getpid();
	sem_post(&s->in_bed);
}

static void sleep_until_it_rings(struct jostle_state *s)
{
	lie_down(s);
	while (!rang)
		pause(); /* DEADLOCK: it rang just before */
}

static void sleep_without_gap(struct jostle_state *s)
{
	sigset_t bell, awake;

	sigemptyset(&bell);
	sigaddset(&bell, SIGUSR1);
	sigprocmask(SIG_BLOCK, &bell, &awake);
	lie_down(s);
	while (!rang)
		sigsuspend(&awake);
	sigprocmask(SIG_SETMASK, &awake, NULL);
}

static void ring_once(struct jostle_state *s)
{
	while (sem_wait(&s->in_bed))
		;
	kill(s->sleeper, SIGUSR1);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->in_bed, 1, 0) ? errno : 0;
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->in_bed);
}

JOSTLE_CASE(broken) = {
	.title = "A signal comes between the question and pause()",
	.tags = "process signal event",
	.why = "The question and the wait are two steps, and a handler runs where it likes. A "
	       "signal leaves nothing behind but what its handler wrote.",
	.ref = "POSIX.1-2017, sigsuspend(), RATIONALE",
	.expect = JOSTLE_DEADLOCK,
	.cause = "signal-wait",
	.setup = setup,
	.processes = { { "sleep", sleep_until_it_rings }, { "ring", ring_once } },
};

JOSTLE_CASE(fixed) = {
	.title = "The signal is blocked until the wait lets it in",
	.tags = "process signal event",
	.why = "A blocked signal stays pending. sigsuspend() unblocks it and waits in one step, "
	       "so it comes during the wait.",
	.ref = "POSIX.1-2017, sigsuspend(), RATIONALE",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.processes = { { "sleep", sleep_without_gap }, { "ring", ring_once } },
};
