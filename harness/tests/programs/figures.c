/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the kernel measures of this process, after as much work as its number says: natively
 * no two runs print the same. With an argument it prints that file instead; "depend": it writes as
 * much as a random number says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

static void print_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char text[4096];
	size_t size;

	must(file);
	while ((size = fread(text, 1, sizeof(text), file)) > 0)
		fwrite(text, 1, size, stdout);
	fclose(file);
}

/* Pages that are touched, and time that passes. */
static void work(unsigned number)
{
	const size_t size = (number % 1009 + 1) << 14;
	char *bytes = malloc(size);
	volatile unsigned sum = 0;

	must(bytes);
	memset(bytes, (int)number, size);
	for (unsigned i = 0; i < number % 101 * 100000; i++)
		sum += (unsigned char)bytes[i % size];
}

static void print_usage(const struct rusage *usage)
{
	printf("%ld KiB, %ld faults, %ld us in the kernel\n", usage->ru_maxrss, usage->ru_minflt,
	       (long)usage->ru_stime.tv_usec);
}

static void print_child(void)
{
	struct rusage usage;
	int status;
	const pid_t child = fork();

	must(child >= 0);
	if (child == 0) {
		work((unsigned)getpid());
		_exit(0);
	}
	must(wait4(child, &status, 0, &usage) == child);
	print_usage(&usage);
}

/* How many bytes go through the pipe, nobody can repeat. */
static void depend(void)
{
	FILE *file = fopen("/proc/sys/kernel/random/uuid", "r");
	char uuid[64] = "", text[64];
	int ends[2];

	must(file && fgets(uuid, sizeof(uuid), file) && pipe(ends) == 0);
	fclose(file);
	for (int i = 0; i < 32; i++)
		must(write(ends[1], uuid, 1 + strcspn(uuid + i, "8")) > 0);
	must(read(ends[0], text, sizeof(text)) > 0);
}

int main(int argc, char **argv)
{
	static const char *const files[] = { "/proc/self/statm",
					     "/proc/thread-self/schedstat",
					     "/proc/self/smaps_rollup",
					     "/proc/loadavg",
					     "/proc/uptime",
					     "/proc/stat",
					     "/proc/self/io",
					     "/proc/meminfo" };
	struct rusage usage;
	struct sysinfo info;

	if (argc > 1 && strcmp(argv[1], "depend") == 0) {
		depend();
		return 0;
	}
	if (argc > 1) {
		print_file(argv[1]);
		return 0;
	}
	work((unsigned)getpid());
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		print_file(files[i]);
	must(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > 0);
	print_usage(&usage);
	must(sysinfo(&info) == 0 && info.totalram >= info.freeram);
	printf("%lu free, %d processes\n", info.freeram, info.procs);
	print_child();
	return 0;
}
