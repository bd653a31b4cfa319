/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One release too many: a worker gives the System V semaphore back by hand and had asked for
 * SEM_UNDO when it took it, so that the kernel gives it back once more when the worker ends. The
 * room for one now holds two.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/sem.h>

struct jostle_state {
	int room;
};

/* glibc has semctl() and leaves the argument's type to the program. */
union argument {
	int value;
};

static void change(struct jostle_state *s, short by, short flags)
{
	struct sembuf operation = { .sem_op = by, .sem_flg = flags };

	semop(s->room, &operation, 1);
}

static void worker_with_half_an_undo(struct jostle_state *s)
{
	change(s, -1, SEM_UNDO);
	change(s, 1, 0); /* OUTCOME: the kernel still owes one, for the end of this process */
}

static void worker(struct jostle_state *s)
{
	change(s, -1, SEM_UNDO);
	change(s, 1, SEM_UNDO);
}

static int setup(struct jostle_state *s)
{
	const union argument one = { .value = 1 };

	s->room = semget(IPC_PRIVATE, 1, 0600);
	return s->room < 0 || semctl(s->room, 0, SETVAL, one) < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "room for %d", semctl(s->room, 0, GETVAL));
}

static void teardown(struct jostle_state *s)
{
	semctl(s->room, 0, IPC_RMID);
}

JOSTLE_CASE(broken) = {
	.title = "A semaphore is given back by hand and by SEM_UNDO",
	.tags = "ipc semaphore",
	.why = "SEM_UNDO keeps an account of each process. A release without the flag is not "
	       "entered there, and at the end the account is settled.",
	.ref = "semop(2): SEM_UNDO, semadj",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 1", worker_with_half_an_undo },
		       { "worker 2", worker_with_half_an_undo } },
	.outcomes = { { "room for 1", JOSTLE_ALLOWED, "as in the beginning" },
		      { "room for 2", JOSTLE_FORBIDDEN, "one given twice" },
		      { "room for 3", JOSTLE_FORBIDDEN, "both given twice" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Taken and given back with SEM_UNDO",
	.tags = "ipc semaphore",
	.why = "The account is even again, and only a worker that dies in between is undone.",
	.ref = "semop(2): SEM_UNDO, semadj",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 1", worker }, { "worker 2", worker } },
	.outcomes = { { "room for 1", JOSTLE_ALLOWED, "as in the beginning" } },
	.schedules = 1000, /* each forks */
};
