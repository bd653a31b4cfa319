/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File locks between processes that give them back without a word: by ending, by closing the file;
 * and in opposite orders, where the kernel tells one of the two that it would wait for itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

#define CHILDREN 3

static int record(int fd, int type, int at)
{
	struct flock lock = {
		.l_type = (short)type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1
	};

	return fcntl(fd, F_SETLKW, &lock);
}

static void ends(int number)
{
	const int fd = open(number > 0 ? "whole" : "parts", O_RDWR | O_CREAT, 0600);

	must(number > 0 ? flock(fd, LOCK_EX) == 0 : record(fd, F_WRLCK, 0) == 0);
}

static void closes(int number)
{
	const int fd = open("parts", O_RDWR | O_CREAT, 0600);

	(void)number;
	must(record(fd, F_WRLCK, 0) == 0);
	close(fd);
	usleep(1000);
}

/* Who is refused gives back what it has, and tries again. */
static void crosses(int number)
{
	const int fd = open("parts", O_RDWR | O_CREAT, 0600);

	for (;;) {
		must(record(fd, F_WRLCK, number) == 0);
		usleep(100);
		if (record(fd, F_WRLCK, (number + 1) % CHILDREN) == 0)
			break;
		must(errno == EDEADLK);
		must(record(fd, F_UNLCK, number) == 0);
		usleep(100);
	}
}

int main(int argc, char **argv)
{
	void (*const part)(int) = argc < 2                          ? ends
				  : strcmp(argv[1], "closes") == 0  ? closes
				  : strcmp(argv[1], "crosses") == 0 ? crosses
								    : ends;
	int status, children = 0;

	for (int i = 0; i < CHILDREN; i++)
		if (fork() == 0) {
			part(i);
			_exit(0);
		}
	while (wait(&status) > 0) {
		must(status == 0);
		children++;
	}
	must(children == CHILDREN);
	return 0;
}
