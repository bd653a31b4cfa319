/* SPDX-License-Identifier: Apache-2.0 */
/* Closes every descriptor there could be, one by one and by range, and those that it opens. */
#include "hostile.h"
#include <fcntl.h>
#include <sys/syscall.h>

static void misbehave(void)
{
	for (int fd = 0; fd < 1100; fd++)
		close(fd);
	if (syscall(SYS_close_range, 0U, ~0U, 0) != 0)
		exit(3);
	if (open("/dev/null", O_RDWR) != 0)
		exit(4);
	for (int fd = 1; fd < 1024; fd++)
		dup2(0, fd);
	closefrom(0);
}
