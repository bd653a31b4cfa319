/* SPDX-License-Identifier: Apache-2.0 */
/* What kernels have in common. */
#include "compare/kernel.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compare/stats.h"

void kernel_fail(struct kernel_call *call, const char *what)
{
	const int error = errno;

	if (!call->error[0])
		snprintf(call->error, sizeof(call->error), "%s: %s", what, strerror(error));
}

uint64_t kernel_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

void *kernel_shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	return memory;
}

pid_t kernel_fork(void)
{
	const pid_t parent = getpid();
	const pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(127);
	}
	return pid;
}

bool kernel_wait(struct kernel_call *call, pid_t pid)
{
	int status = 0;
	pid_t ended;

	do
		ended = waitpid(pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended < 0)
		kernel_fail(call, "waiting for a worker");
	else if (status != 0 && !call->error[0])
		snprintf(call->error, sizeof(call->error), "a worker ended with status %d", status);
	return ended > 0 && status == 0;
}

void series_mark(struct series *series)
{
	if (series->count <= SERIES)
		series->ends_ns[series->count++] = kernel_now_ns();
}

double series_median(const struct series *series)
{
	double lengths[SERIES];

	for (unsigned i = 0; i < SERIES; i++)
		lengths[i] = (double)(series->ends_ns[i + 1] - series->ends_ns[i]);
	return stats_summary(lengths, SERIES).median;
}

static void *thread_main(void *argument)
{
	struct peer *peer = argument;

	peer->body(peer->context);
	return NULL;
}

bool peer_start(struct peer *peer, struct kernel_call *call, void (*body)(void *), void *context)
{
	int error = 0;

	*peer = (struct peer){ .is_process = call->way == WAY_PROCESS,
			       .body = body,
			       .context = context };
	if (peer->is_process) {
		peer->pid = kernel_fork();
		if (peer->pid == 0) {
			body(context);
			_exit(call->error[0] ? 1 : 0);
		}
		error = peer->pid < 0 ? errno : 0;
	} else {
		error = pthread_create(&peer->thread, NULL, thread_main, peer);
	}
	peer->started = error == 0;
	if (error) {
		errno = error;
		kernel_fail(call, peer->is_process ? "fork" : "pthread_create");
	}
	return peer->started;
}

void peer_join(struct peer *peer, struct kernel_call *call)
{
	if (!peer->started)
		return;
	if (peer->is_process)
		kernel_wait(call, peer->pid);
	else
		pthread_join(peer->thread, NULL);
	peer->started = false;
}
