/* SPDX-License-Identifier: Apache-2.0 */
/* A process that does nothing for ever, in an empty loop, until another one kills it. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		for (;;)
			;
	return child < 0 || kill(child, SIGKILL) || waitpid(child, &status, 0) != child ||
	       !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
}
