/* SPDX-License-Identifier: Apache-2.0 */
/* Ways to end, by the first argument; each is a finding of its own kind, or none. In a thread, with
 * main waiting. */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "must.h"

static const char *way;

#pragma GCC diagnostic ignored "-Winfinite-recursion" /* that is the point */

static long overflow(volatile char *before)
{
	volatile char here[4096];

	here[0] = before ? before[0] : 1;
	return overflow(here) + here[4095];
}

static int ended;

/* After all other threads when the last one of them calls exit(), and beside them when main
 * returns. */
static void print_handled(void)
{
	must(write(1, ended ? "handled\n" : "too early\n", ended ? 8 : 10) > 0);
}

static void *end(void *unused)
{
	ended = 1;
	if (strcmp(way, "segv") == 0)
		*(volatile int *)unused = 1;
	else if (strcmp(way, "overflow") == 0)
		return (void *)overflow(NULL);
	else if (strcmp(way, "abort") == 0)
		abort();
	else if (strcmp(way, "assert") == 0)
		assert(way == NULL);
	else if (strcmp(way, "term") == 0)
		raise(SIGTERM);
	else if (strcmp(way, "group") == 0)
		syscall(SYS_exit_group, 4);
	else if (strcmp(way, "exit") == 0)
		exit(3);
	else if (strcmp(way, "_exit") == 0)
		_exit(5);
	else if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	else if (strcmp(way, "stop") == 0)
		kill(getpid(), SIGSTOP);
	else if (strcmp(way, "exec") == 0)
		execl("/bin/true", "true", (char *)NULL);
	else if (strcmp(way, "ill") == 0)
		__builtin_trap();
	else if (strcmp(way, "alarm") == 0) {
		alarm(2);
		pause();
	} else if (strcmp(way, "limit") == 0) {
		const struct rlimit limit = { 200, 200 };

		must(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	} else if (strcmp(way, "hang") == 0) {
		for (volatile int i = 0;; i++)
			;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;

	way = argc > 1 ? argv[1] : "none";
	if (strcmp(way, "last") == 0 || strcmp(way, "returns") == 0)
		atexit(print_handled);
	must(pthread_create(&t, NULL, end, NULL) == 0);
	if (strcmp(way, "last") == 0) {
		must(pthread_detach(t) == 0);
		pthread_exit(NULL);
	}
	if (strcmp(way, "returns") == 0)
		return 0;
	must(pthread_join(t, NULL) == 0);
	return 0;
}
