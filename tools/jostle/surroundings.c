/* SPDX-License-Identifier: Apache-2.0 */
#include "jostle/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "jostle/say.h"

#define STACK_NEEDED (256U << 10) /* blocks of 64 KB, and libdw's own */

/*
 * Standard descriptors that are closed: the next file that is opened gets their numbers, and what
 * is written to standard error would land on the board. /dev/null takes them; what is written to a
 * standard output that is not there must fail, so it is open for reading.
 */
static void fill_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) < 0)
			return;
}

int surroundings_settle(void)
{
	struct rlimit limit;

	fill_descriptors();
	/* A file beyond ulimit -f is an error like a full disk, not our death. */
	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < STACK_NEEDED)
		return say_error(EXIT_USAGE,
				 "the limit of %llu KB of stack is too low: jostle needs %u KB; "
				 "see ulimit -s",
				 (unsigned long long)limit.rlim_cur >> 10, STACK_NEEDED >> 10);
	return 0;
}
