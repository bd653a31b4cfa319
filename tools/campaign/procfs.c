/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc tells of processes that are not ours to ask: the time a group used, and children that
 * moved away. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign/process.h"

struct process_stat {
	pid_t pid, parent, group;
	uint64_t ticks; /* user and system time */
	char state;
};

/* The name may hold blanks and parentheses: fields are counted behind the last one. */
static bool read_stat(const char *pid, struct process_stat *out)
{
	char path[300], text[1024], *fields;
	unsigned long user, kernel;
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	fields = strrchr(text, ')');
	if (!fields || sscanf(fields + 1, " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			      &out->state, &out->parent, &out->group, &user, &kernel) != 5)
		return false;
	out->pid = (pid_t)strtol(pid, NULL, 10);
	out->ticks = user + kernel;
	return true;
}

bool process_is_below_us(pid_t pid)
{
	struct process_stat found = { .parent = pid };
	char name[24];

	do {
		snprintf(name, sizeof(name), "%d", (int)found.parent);
		if (found.parent <= 1 || !read_stat(name, &found))
			return false;
	} while (found.parent != getpid());
	return true;
}

static void for_each_process(void (*call)(void *context, const struct process_stat *),
			     void *context)
{
	DIR *folder = opendir("/proc");
	struct process_stat found;
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (isdigit((unsigned char)entry->d_name[0]) && read_stat(entry->d_name, &found))
			call(context, &found);
	if (folder)
		closedir(folder);
}

/* All below a process, by the lists of its threads' children. False: the kernel has no such lists
 * (CONFIG_PROC_CHILDREN). */
static bool for_each_below(pid_t pid, void (*call)(void *context, const struct process_stat *),
			   void *context)
{
	char path[64], name[24];
	struct process_stat found;
	struct dirent *entry;
	bool listed = false;
	FILE *children;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/children", (int)pid,
			 entry->d_name);
		children = fopen(path, "re");
		if (!children)
			continue;
		listed = true;
		while (fscanf(children, "%23s", name) == 1)
			if (read_stat(name, &found)) {
				call(context, &found);
				for_each_below(found.pid, call, context);
			}
		fclose(children);
	}
	if (tasks)
		closedir(tasks);
	return listed;
}

/* We are the subreaper, so whoever belongs to a target is below us: a machine may run thousands of
 * others, and a run is looked at many times a second. */
static void for_each_descendant(void (*call)(void *context, const struct process_stat *),
				void *context)
{
	if (!for_each_below(getpid(), call, context))
		for_each_process(call, context);
}

struct group_sum {
	pid_t group;
	uint64_t ticks;
	bool busy;
};

static void add_ticks(void *context, const struct process_stat *found)
{
	struct group_sum *sum = context;

	if (found->group != sum->group)
		return;
	sum->ticks += found->ticks;
	sum->busy |= found->state == 'R' || found->state == 'D';
}

struct group_call {
	pid_t group;
	void (*call)(void *context, pid_t pid);
	void *context;
};

static void call_member(void *context, const struct process_stat *found)
{
	const struct group_call *given = context;

	if (found->group == given->group)
		given->call(given->context, found->pid);
}

void process_group_each(pid_t group, void (*call)(void *context, pid_t pid), void *context)
{
	struct group_call given = { group, call, context };

	for_each_descendant(call_member, &given);
}

uint64_t process_group_cpu_ns(pid_t group)
{
	struct group_sum sum = { .group = group };

	for_each_descendant(add_ticks, &sum);
	return sum.ticks * (1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK));
}

bool process_group_busy(pid_t group)
{
	struct group_sum sum = { .group = group };

	for_each_descendant(add_ticks, &sum);
	return sum.busy;
}

static void kill_child(void *context, const struct process_stat *found)
{
	if (found->parent == *(const pid_t *)context)
		kill(found->pid, SIGKILL);
}

void process_sweep(void)
{
	pid_t own = getpid();

	/* Killing one makes its children ours; until there is none. Mostly there is none at once,
	 * and nobody else has to be looked at. */
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid == 0) {
			for_each_process(kill_child, &own);
			pid = waitpid(-1, NULL, 0);
		}
		if (pid < 0 && errno != EINTR)
			return;
	}
}
