/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of a worker that was started, wrote to a page of its stack, and waits. A process's is what
 * /proc/PID/smaps_rollup says of it; a thread has no memory that the kernel could tell from its
 * process's, so it is what the process grew by, divided by the number of threads. What the kernel
 * keeps for each of both (a task structure, a kernel stack of 16 KiB on x86-64) is in neither.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare/kernel.h"

struct crowd {
	struct kernel_call *call;
	int ready[2], go[2]; /* pipes: a byte from each that is ready; closed when all may end */
};

/* The number, in bytes, behind a name such as "Pss:"; all such lines of the file are added. */
static double kilobytes(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	unsigned long long sum = 0, number;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0 &&
		    sscanf(line + strlen(name), " %llu", &number) == 1)
			sum += number;
	if (file)
		fclose(file);
	return (double)sum * 1024;
}

/* Adds to values what the process has. */
static void add_memory(double *values, pid_t pid)
{
	char rollup[64], status[64];

	snprintf(rollup, sizeof(rollup), "/proc/%d/smaps_rollup", (int)pid);
	snprintf(status, sizeof(status), "/proc/%d/status", (int)pid);
	values[MEMORY_PRIVATE] +=
		kilobytes(rollup, "Private_Clean:") + kilobytes(rollup, "Private_Dirty:");
	values[MEMORY_PROPORTIONAL] += kilobytes(rollup, "Pss:");
	values[MEMORY_TABLES] += kilobytes(status, "VmPTE:");
	values[MEMORY_ADDRESSES] += kilobytes(status, "VmSize:");
}

static void worker(void *context)
{
	struct crowd *crowd = context;
	volatile char work[256];
	char byte = 'r';

	for (size_t i = 0; i < sizeof(work); i++)
		work[i] = byte;
	/* A process inherits the end that tells it to go, and would wait for itself. */
	if (crowd->call->way == WAY_PROCESS)
		close(crowd->go[1]);
	if (write(crowd->ready[1], &byte, 1) != 1 || read(crowd->go[0], &byte, 1) != 0)
		kernel_fail(crowd->call, "waiting in a worker");
}

static bool all_ready(const struct crowd *crowd)
{
	char byte;

	for (unsigned i = 0; i < crowd->call->workers; i++)
		if (read(crowd->ready[0], &byte, 1) != 1)
			return false;
	return true;
}

static void measure(struct kernel_call *call, const struct peer *peers, const double *before)
{
	double after[KERNEL_VALUES] = { 0 };

	if (call->way == WAY_THREAD)
		add_memory(after, getpid());
	for (unsigned i = 0; call->way == WAY_PROCESS && i < call->workers; i++)
		add_memory(after, peers[i].pid);
	for (unsigned i = 0; i < KERNEL_VALUES; i++)
		call->values[i] = (after[i] - before[i]) / call->workers;
}

void kernel_memory(struct kernel_call *call)
{
	struct crowd *crowd = kernel_shared(sizeof(*crowd));
	static struct peer peers[KERNEL_WORKERS];
	double before[KERNEL_VALUES] = { 0 };

	if (access("/proc/self/smaps_rollup", R_OK) < 0) {
		kernel_fail(call, "/proc/self/smaps_rollup");
		return;
	}
	crowd->call = call;
	if (pipe(crowd->ready) < 0 || pipe(crowd->go) < 0) {
		kernel_fail(call, "pipe");
		return;
	}
	if (call->way == WAY_THREAD) {
		/* Twice: reading the files takes memory the first time. */
		add_memory(before, getpid());
		memset(before, 0, sizeof(before));
		add_memory(before, getpid());
	}
	for (unsigned i = 0; i < call->workers; i++)
		if (!peer_start(&peers[i], call, worker, crowd))
			return;
	if (all_ready(crowd))
		measure(call, peers, before);
	else
		kernel_fail(call, "waiting for the workers");
	close(crowd->go[1]);
	for (unsigned i = 0; i < call->workers; i++)
		peer_join(&peers[i], call);
}
