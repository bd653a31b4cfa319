/* SPDX-License-Identifier: Apache-2.0 */
/* /proc is slow, so nobody looks before a run took longer than usual, and then at intervals. */
#include "perturb/perturb_watch.h"

#include <ctype.h>
#include <dirent.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/hash.h"
#include "campaign/process.h"

#define MILLISECOND   1000000ULL
#define PATIENCE_NS   (60 * MILLISECOND) /* before the first look */
#define INTERVAL_NS   (20 * MILLISECOND)
#define LOOKS_SAME    6 /* between the first and the last of them a woken thread has long run */
#define LIMIT_FACTOR  12
#define NATIVE_FACTOR 20
#define STILL_FACTOR  2
#define LOADED_FACTOR 5 /* so many times the limit by the clock is enough in any case */

static enum wait_state futex_state(unsigned long operation, unsigned long timeout)
{
	switch (operation & (unsigned long)FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return timeout ? WAIT_TIME : WAIT_OTHERS;
	default:
		return WAIT_RUNS;
	}
}

enum wait_state wait_state_of(const char *text, bool is_pipe)
{
	unsigned long argument[4] = { 0 };
	long number;

	if (strncmp(text, "running", 7) == 0)
		return WAIT_RUNS;
	if (sscanf(text, "%ld %lx %lx %lx %lx", &number, &argument[0], &argument[1], &argument[2],
		   &argument[3]) < 5)
		return WAIT_UNKNOWN;
	switch (number) {
	case SYS_futex:
		return futex_state(argument[1], argument[3]);
	case SYS_wait4:
	case SYS_waitid:
		return WAIT_OTHERS;
	case SYS_read:
	case SYS_write:
	case SYS_readv:
	case SYS_writev:
		return is_pipe ? WAIT_OTHERS : WAIT_UNKNOWN;
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
		return WAIT_TIME;
#ifdef SYS_poll
	case SYS_poll:
		return (int)argument[2] >= 0 ? WAIT_TIME : WAIT_UNKNOWN;
#endif
	case SYS_ppoll:
		return argument[2] ? WAIT_TIME : WAIT_UNKNOWN;
	case SYS_epoll_pwait:
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
		return (int)argument[3] >= 0 ? WAIT_TIME : WAIT_UNKNOWN;
	default:
		return WAIT_UNKNOWN;
	}
}

static bool read_text(const char *folder, const char *name, char *text, size_t size)
{
	char path[360];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	length = fread(text, 1, size - 1, file);
	fclose(file);
	text[length] = '\0';
	return length > 0;
}

static bool is_pipe(pid_t pid, const char *syscall_text)
{
	unsigned long fd = 0;
	char path[64], target[64];
	ssize_t length;

	if (sscanf(syscall_text, "%*d %lx", &fd) != 1)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/fd/%lu", (int)pid, fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	return strncmp(target, "pipe:", 5) == 0 || strstr(target, "[eventfd") != NULL;
}

struct sum {
	uint64_t signature, timed_signature; /* of those that wait for a time */
	unsigned processes, threads, states[WAIT_UNKNOWN + 1];
};

static void add_thread(struct sum *sum, pid_t pid, const char *folder)
{
	char text[1024], status[4096], waits[256];
	unsigned long user = 0, kernel = 0, switches = 0;
	const char *fields, *line;
	enum wait_state what;
	uint64_t *signature;
	char state = 'R';

	if (!read_text(folder, "stat", text, sizeof(text)) || !(fields = strrchr(text, ')')))
		return;
	sscanf(fields + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &user,
	       &kernel);
	if (state == 'Z' || state == 'X')
		return;
	if (read_text(folder, "status", status, sizeof(status)) &&
	    (line = strstr(status, "\nvoluntary_ctxt_switches:")))
		switches = strtoul(line + 25, NULL, 10);
	if (state != 'S')
		what = WAIT_RUNS;
	else if (!read_text(folder, "syscall", waits, sizeof(waits)))
		what = WAIT_UNKNOWN;
	else
		what = wait_state_of(waits, is_pipe(pid, waits));
	sum->threads++;
	sum->states[what]++;
	signature = what == WAIT_TIME ? &sum->timed_signature : &sum->signature;
	*signature =
		hash_fold(hash_fold(*signature, hash_bytes(HASH_START, folder, strlen(folder))),
			  user + kernel + (switches << 24));
}

static void add_process(void *context, pid_t pid)
{
	char folder[64], thread[340];
	struct dirent *entry;
	DIR *tasks;

	((struct sum *)context)->processes++;
	snprintf(folder, sizeof(folder), "/proc/%d/task", (int)pid);
	tasks = opendir(folder);
	while (tasks && (entry = readdir(tasks))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(thread, sizeof(thread), "%s/%s", folder, entry->d_name);
		add_thread(context, pid, thread);
	}
	if (tasks)
		closedir(tasks);
}

void watch_begin(struct watch *watch, uint64_t now_ns)
{
	*watch = (struct watch){ .started_ns = now_ns, .looked_ns = now_ns, .still_ns = now_ns };
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* No points while it computes as long as the limit, or no end after many times of it. */
static bool is_beyond(struct watch *watch, pid_t group, uint64_t now_ns, uint64_t heartbeat,
		      uint64_t native_ns, uint64_t limit_ns, const struct sum *sum)
{
	const uint64_t ran_ns = now_ns - watch->started_ns;
	const uint64_t cpu_ns = process_group_cpu_ns(group);
	const uint64_t whole_ns = most(LIMIT_FACTOR * limit_ns, NATIVE_FACTOR * native_ns);

	if (heartbeat != watch->heartbeat || watch->beat_cpu_ns == 0) {
		watch->heartbeat = heartbeat;
		watch->beat_cpu_ns = cpu_ns + 1;
	}
	/* On a loaded machine one that computes is given its time. */
	if (cpu_ns >= whole_ns || ran_ns >= LOADED_FACTOR * whole_ns ||
	    (ran_ns >= whole_ns && sum->states[WAIT_RUNS] == 0))
		return true;
	if (ran_ns < NATIVE_FACTOR * native_ns)
		return false;
	if (native_ns && cpu_ns + 1 - watch->beat_cpu_ns >= limit_ns)
		return true;
	/* Nobody computes or wants to, and nobody waits for a time: for whom, then? A detector
	 * makes a program slow, which computes meanwhile, and not still. */
	return sum->states[WAIT_RUNS] == 0 && sum->states[WAIT_TIME] == 0 &&
	       now_ns - watch->still_ns >= STILL_FACTOR * watch->still_limit_ns;
}

enum watch_verdict watch_look(struct watch *watch, pid_t group, uint64_t now_ns, uint64_t heartbeat,
			      uint64_t native_ns, uint64_t limit_ns)
{
	struct sum sum = { .signature = HASH_START, .timed_signature = HASH_START };
	unsigned asleep;

	if (now_ns - watch->started_ns < most(PATIENCE_NS, 2 * native_ns) ||
	    now_ns - watch->looked_ns < INTERVAL_NS)
		return WATCH_GOES_ON;
	watch->looked_ns = now_ns;
	process_group_each(group, add_process, &sum);
	/* It has ended since somebody looked for that. */
	if (sum.threads == 0)
		return WATCH_GOES_ON;
	/* What only naps beside the program does not make it move. */
	asleep = watch->sleepers * sum.processes;
	if (!asleep || sum.states[WAIT_TIME] > asleep)
		sum.signature = hash_fold(sum.signature, sum.timed_signature);
	else
		sum.threads -= sum.states[WAIT_TIME];
	if (sum.signature != watch->signature) {
		watch->signature = sum.signature;
		watch->still_ns = now_ns;
		watch->same = 0;
	}
	if (sum.threads && sum.states[WAIT_OTHERS] == sum.threads) {
		if (++watch->same >= LOOKS_SAME)
			return WATCH_STANDS;
		return WATCH_GOES_ON;
	}
	watch->same = 0;
	return is_beyond(watch, group, now_ns, heartbeat, native_ns, limit_ns, &sum)
		       ? WATCH_STUCK
		       : WATCH_GOES_ON;
}
