/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors, and that each schedule begins with those it found first: numbers, offsets, flags,
 * directory and umask are as at the start of the process. It ends with everything left open,
 * closed, moved or changed. Standard input is a file.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "must.h"

static void *nothing(void *p)
{
	return p;
}

/* The number that the next descriptor must get. */
static int lowest(void)
{
	int fd = 0;

	while (fcntl(fd, F_GETFD) != -1)
		fd++;
	return fd;
}

int main(int argc, char **argv)
{
	char here[4096], there[4096], byte, line[2][64];
	struct stat st;
	uint64_t chance[2];
	pthread_t t;
	FILE *file;
	int fd, copy, first, pair[2];

	/* as the process was started */
	must(getcwd(here, sizeof(here)) && strcmp(here, "/") != 0);
	must(umask(0) != 0);
	if (fstat(0, &st) == 0 && S_ISREG(st.st_mode)) {
		must(lseek(0, 0, SEEK_CUR) == 0);
		must(read(0, &byte, 1) >= 0);
	}
	must(!(fcntl(0, F_GETFL) & O_NONBLOCK));
	must(fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK) == 0);

	/* The argument says how many are open: natively whoever started us may have left some. */
	if (argc > 1)
		must(lowest() == atoi(argv[1]));
	first = lowest();
	fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	must(fd == first);
	must(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	must(read(fd, line[0], 32) == 32);
	must(lseek(fd, 0, SEEK_CUR) == 32);
	must(pread(fd, line[1], 32, 0) == 32 && memcmp(line[0], line[1], 32) == 0);
	first = lowest();
	copy = dup(fd);
	must(copy == first && lseek(copy, 0, SEEK_SET) == 0 && lseek(fd, 0, SEEK_CUR) == 0);
	must(dup2(fd, 40) == 40 && fcntl(fd, F_DUPFD, 10) >= 10);
	must(close(copy) == 0 && close(copy) == -1 && errno == EBADF);
	must(pipe(pair) == 0 && pair[0] == first && pair[1] > first);
	must(write(pair[1], "ab", 2) == 2 && read(pair[0], line[0], 64) == 2);
	must(fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0);
	must(read(pair[0], &byte, 1) == -1 && errno == EAGAIN);
	/* numbers that the engine's own descriptors could have do not exist */
	for (int high = 500; high < 5000; high++)
		must(fcntl(high, F_GETFD) == -1 || high == 0);
	must(close_range(100, ~0U, 0) == 0);
	fd = eventfd(3, 0);
	must(read(fd, &chance[0], 8) == 8 && chance[0] == 3);
	chance[0] = 5;
	must(write(fd, &chance[0], 8) == 8);

	/* libc's own */
	file = fopen("/etc/passwd", "r");
	must(file && fgets(line[0], sizeof(line[0]), file));
	must(fopen("/etc/group", "r") != NULL); /* never closed */
	must(getrandom(&chance[0], sizeof(chance[0]), 0) == 8);
	fd = open("/dev/urandom", O_RDONLY);
	must(read(fd, &chance[1], 8) == 8 && chance[0] != chance[1]);
	must(memfd_create("kept", 0) > 0);
	must(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	     MAP_FAILED);

	/* an end that others find gone */
	must(pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0);
	must(chdir("/") == 0 && getcwd(there, sizeof(there)) && strcmp(there, "/") == 0);
	close(0);
	must(open("/dev/null", O_RDONLY) == 0);
	must(dup2(pair[1], 2) == 2);
	return 0;
}
