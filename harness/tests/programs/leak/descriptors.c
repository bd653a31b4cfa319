/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces, closes and moves the descriptors it was given, and opens others. */
#include "leak.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned sum = 0;
	char byte = 0, here[512] = "";
	int pipes[2], sockets[2], next;

	(void)argc, (void)argv;
	EXPECT(pipe(pipes) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	EXPECT(epoll_create1(0) >= 0);
	next = eventfd(3, 0);
	EXPECT(next >= 0 && next < 64);
	sum = (unsigned)next;
	if (thread == 0) {
		EXPECT(getcwd(here, sizeof(here)) && strcmp(here, "/") != 0);
		sum = sum * 31 + (unsigned)lseek(0, 0, SEEK_CUR);
		sum = sum * 31 + (unsigned)read(0, &byte, 1);
		sum = sum * 31 + (unsigned char)byte;
		sum = sum * 31 + (unsigned)fcntl(1, F_GETFL);
		fcntl(1, F_SETFL, O_NONBLOCK | O_APPEND);
		sum = sum * 31 + (unsigned)umask(0);
		EXPECT(chdir("/") == 0);
		close(0);
		EXPECT(open("/dev/null", O_RDONLY) == 0 || 1);
		dup2(pipes[1], 2);
	}
	return sum;
}
