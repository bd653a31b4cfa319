/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a second a program can be run natively, by starting it anew.
 *
 *	again SECONDS PROGRAM [ARGS...]		posix_spawn + waitpid
 *
 * Built with -DAGAIN_FORK='"program.c"' it holds that program and forks instead: the child runs its
 * main and exits, so that loading and relocation are paid once.
 */
#ifdef AGAIN_FORK
int program_main(void);
#define main program_main
#include AGAIN_FORK
#undef main
#endif

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#ifdef AGAIN_FORK
static pid_t start(char **argv)
{
	const pid_t pid = fork();

	(void)argv;
	if (pid == 0)
		exit(program_main());
	return pid;
}
#else
static pid_t start(char **argv)
{
	pid_t pid = -1;

	return posix_spawn(&pid, argv[2], NULL, NULL, argv + 2, environ) == 0 ? pid : -1;
}
#endif

int main(int argc, char **argv)
{
	const double seconds = argc > 1 ? atof(argv[1]) : 1.0;
	const double begin = now();
	unsigned long count = 0;
	double elapsed;

	do {
		for (int i = 0; i < 20; i++) {
			const pid_t pid = start(argv);
			int status = 0;

			if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
				fputs("again: the program failed\n", stderr);
				return 1;
			}
			count++;
		}
		elapsed = now() - begin;
	} while (elapsed < seconds);
	printf("%.0f\n", (double)count / elapsed);
	return 0;
}
