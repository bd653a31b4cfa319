/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of one case. The bodies get no gate and no barrier to start them together: whatever
 * would order them natively would also take schedules away from the engine.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "run.h"

#include "verdict.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct started {
	const struct jostle_body *body;
	struct jostle_state *state;
	pthread_t thread;
	pid_t process;
};

static enum run_status impossible(const struct entry *entry, const char *what, int error)
{
	fprintf(stderr, "%s: %s: %s\n", entry->id, what, strerror(error));
	return RUN_IMPOSSIBLE;
}

static void *thread_main(void *arg)
{
	const struct started *started = arg;
	char name[16];

	snprintf(name, sizeof(name), "%s", started->body->name);
	pthread_setname_np(pthread_self(), name);
	started->body->run(started->state);
	return NULL;
}

static enum run_status run_threads(const struct entry *entry, struct jostle_state *state)
{
	static struct started started[JOSTLE_BODIES_MAX];
	const struct jostle_body *bodies = entry->declared->threads;
	int error;

	for (int i = 0; i < JOSTLE_BODIES_MAX && bodies[i].run; i++) {
		started[i].body = &bodies[i];
		started[i].state = state;
		error = pthread_create(&started[i].thread, NULL, thread_main, &started[i]);
		if (error)
			return impossible(entry, "pthread_create", error);
	}
	for (int i = 0; i < JOSTLE_BODIES_MAX && bodies[i].run; i++) {
		error = pthread_join(started[i].thread, NULL);
		if (error)
			return impossible(entry, "pthread_join", error);
	}
	return RUN_PASSED;
}

/* Does not return. A child does not outlive a runner that gave up. */
static void process_main(const struct jostle_body *body, struct jostle_state *state, int native)
{
	if (native)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, body->name);
	body->run(state);
	fflush(NULL);
	_exit(0);
}

static enum run_status run_processes(const struct entry *entry, struct jostle_state *state,
				     const struct jostle_hooks *hooks)
{
	static struct started started[JOSTLE_BODIES_MAX];
	const struct jostle_body *bodies = entry->declared->processes;
	enum run_status status = RUN_PASSED;
	int exited;

	for (int i = 0; i < JOSTLE_BODIES_MAX && bodies[i].run; i++) {
		started[i].process = fork();
		if (started[i].process < 0)
			return impossible(entry, "fork", errno);
		if (started[i].process == 0)
			process_main(&bodies[i], state, !hooks);
	}
	for (int i = 0; i < JOSTLE_BODIES_MAX && bodies[i].run; i++) {
		while (waitpid(started[i].process, &exited, 0) < 0)
			if (errno != EINTR)
				return impossible(entry, "waitpid", errno);
		if (exited && !hooks) { /* under jostle the engine saw it itself */
			printf("%s: process %s ended with wait status 0x%04x\n", entry->id,
			       bodies[i].name, (unsigned)exited);
			status = RUN_FAILED;
		}
	}
	return status;
}

static enum run_status run_bodies(const struct entry *entry, struct jostle_state *state,
				  const struct jostle_hooks *hooks)
{
	if (entry->declared->threads[0].run)
		return run_threads(entry, state);
	if (entry->declared->processes[0].run)
		return run_processes(entry, state, hooks);
	entry->declared->body(state);
	return RUN_PASSED;
}

/* Zeroed; shared with the children of a case that has processes. NULL and errno on failure. */
static struct jostle_state *state_new(const struct entry *entry)
{
	size_t size = entry->registration->state_size;
	void *memory;

	if (!entry->declared->processes[0].run)
		return calloc(1, size);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

static void state_destroy(const struct entry *entry, struct jostle_state *state)
{
	if (entry->declared->processes[0].run)
		munmap(state, entry->registration->state_size);
	else
		free(state);
}

static char overdue[CATALOGUE_ID_MAX + 80];

/* The message was composed before: a signal handler may only write. */
static void on_alarm(int signal)
{
	(void)signal;
	if (write(STDOUT_FILENO, overdue, strlen(overdue)) < 0)
		_exit(RUN_IMPOSSIBLE);
	_exit(RUN_FAILED);
}

static void watchdog_start(const struct entry *entry, unsigned timeout_s)
{
	snprintf(overdue, sizeof(overdue), "%s: not finished after %u s; is it stuck?\n", entry->id,
		 timeout_s);
	signal(SIGALRM, on_alarm);
	alarm(timeout_s);
}

enum run_status run_case(const struct entry *entry, unsigned timeout_s)
{
	const struct jostle_hooks *hooks = jostle_hooks();
	struct jostle_state *state = state_new(entry);
	enum run_status status;
	int error;

	if (!state)
		return impossible(entry, "no memory for the state", errno);
	if (!hooks && timeout_s)
		watchdog_start(entry, timeout_s);
	error = entry->declared->setup ? entry->declared->setup(state) : 0;
	if (error)
		return impossible(entry, "setup", error);
	verdict_begin(entry, state, hooks);
	status = run_bodies(entry, state, hooks);
	if (status != RUN_IMPOSSIBLE && !verdict_end() && !hooks)
		status = RUN_FAILED;
	if (entry->declared->teardown)
		entry->declared->teardown(state);
	state_destroy(entry, state);
	if (!hooks && timeout_s)
		alarm(0);
	if (status == RUN_PASSED && !hooks)
		printf("%s: passed\n", entry->id);
	return status;
}
