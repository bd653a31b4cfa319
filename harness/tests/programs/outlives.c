/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child that looks every minute whether the process that made it is still there, and ends when it
 * is not: by its number, by the number of its own parent, or after that has become another program.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "must.h"

int main(int argc, char **argv)
{
	const pid_t maker = getpid();
	pid_t child;

	must(argc == 2);
	child = fork();
	must(child >= 0);
	if (child > 0 && strcmp(argv[1], "another") == 0)
		execl("/bin/true", "true", (char *)NULL);
	if (child > 0)
		return 0;
	if (strcmp(argv[1], "parent") == 0) {
		while (getppid() == maker)
			sleep(60);
		return 0;
	}
	while (kill(maker, 0) == 0)
		sleep(60);
	must(errno == ESRCH);
	return 0;
}
