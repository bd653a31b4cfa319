/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A POSIX record lock belongs to the process and the file, not to the descriptor by which it was
 * taken: closing any descriptor of that file gives it back. A helper that opens the file, looks at
 * it and closes it, has unlocked it for its caller, who goes on as if it held the lock.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct jostle_state {
	int file;
	char path[32]; /* by which it can be opened once more */
	pthread_mutex_t count_lock;
	int inside, most; /* guarded by count_lock */
};

static void record_lock(struct jostle_state *s, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	if (fcntl(s->file, F_SETLKW, &lock) < 0)
		_exit(1);
}

static void look_at_file(struct jostle_state *s)
{
	int again = open(s->path, O_RDONLY);

	close(again); /* SEE: gives the process's lock back */
}

static void enter_and_leave(struct jostle_state *s)
{
	pthread_mutex_lock(&s->count_lock);
	s->inside++;
	if (s->inside > s->most)
		s->most = s->inside; /* OUTCOME: two of them under one lock */
	pthread_mutex_unlock(&s->count_lock);
	pthread_mutex_lock(&s->count_lock);
	s->inside--;
	pthread_mutex_unlock(&s->count_lock);
}

static void worker_who_looks(struct jostle_state *s)
{
	record_lock(s, F_WRLCK);
	look_at_file(s);
	enter_and_leave(s);
	record_lock(s, F_UNLCK);
}

static void worker(struct jostle_state *s)
{
	look_at_file(s);
	record_lock(s, F_WRLCK);
	enter_and_leave(s);
	record_lock(s, F_UNLCK);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t shared;
	int error = pthread_mutexattr_init(&shared);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	error = pthread_mutex_init(&s->count_lock, &shared);
	pthread_mutexattr_destroy(&shared);
	if (error)
		return error;
	s->file = memfd_create("records", 0);
	snprintf(s->path, sizeof(s->path), "/proc/self/fd/%d", s->file);
	return s->file < 0 ? errno : 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d at once", s->most);
}

static void teardown(struct jostle_state *s)
{
	close(s->file);
	pthread_mutex_destroy(&s->count_lock);
}

JOSTLE_CASE(broken) = {
	.title = "A record lock is given back by closing another descriptor",
	.tags = "ipc lock descriptor file",
	.why = "The standard asks for it: all locks of a process on a file go when the process "
	       "closes any descriptor of that file.",
	.ref = "POSIX.1-2017, fcntl() and close(): all locks owned by the process are removed",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 1", worker_who_looks }, { "worker 2", worker_who_looks } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" },
		      { "2 at once", JOSTLE_FORBIDDEN, "the lock was gone" } },
	.schedules = 1000, /* each forks */
};

JOSTLE_CASE(fixed) = {
	.title = "Nothing closes the file while its record lock is held",
	.tags = "ipc lock descriptor file",
	.why = "Looking comes before locking. Locks of an open file (F_OFD_SETLKW) or flock() "
	       "belong to the descriptor, and do not have the trap.",
	.ref = "fcntl(2): Advisory record locking, Open file description locks",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.processes = { { "worker 1", worker }, { "worker 2", worker } },
	.outcomes = { { "1 at once", JOSTLE_ALLOWED, "one after the other" } },
	.schedules = 1000, /* each forks */
};
