/* SPDX-License-Identifier: Apache-2.0 */
/* unistd.h, sys/uio.h, fcntl.h: reading and writing files and pipes, locks on files. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "differential.h"

static char buffer[65536];

static int temporary(void)
{
	char name[] = "/tmp/jostle-differential.XXXXXX";
	const int fd = mkstemp(name);

	if (fd < 0 || unlink(name))
		abort();
	return fd;
}

static void in_a_file(void)
{
	const int fd = temporary(), closed = dup(fd);
	struct iovec parts[2] = { { buffer, 3 }, { buffer + 8, 4 } };

	close(closed);
	SETS(write(fd, "hello world", 11));
	SETS(read(fd, buffer, 5));
	SETS(lseek(fd, 0, SEEK_SET));
	memset(buffer, 0, 32);
	SETS(read(fd, buffer, 5));
	with(", \"%s\"", buffer);
	SETS(read(fd, buffer, 0));
	SETS(read(fd, buffer, 100));
	with(", \"%s\"", buffer);
	SETS(read(-1, buffer, 1));
	SETS(read(closed, buffer, 1));
	SETS(read(fd, NULL, 1));
	lseek(fd, 0, SEEK_SET);
	SETS(read(fd, NULL, 1));
	SETS(write(-1, buffer, 1));
	SETS(write(closed, buffer, 1));
	SETS(write(fd, NULL, 1));
	SETS(write(fd, buffer, 0));
	SETS(lseek(fd, -1, SEEK_SET));

	memset(buffer, 0, 32);
	SETS(pread(fd, buffer, 5, 6));
	with(", \"%s\"", buffer);
	SETS(pread(fd, buffer, 5, 100));
	SETS(pread(fd, buffer, 5, -1));
	SETS(pread(-1, buffer, 5, 0));
	SETS(pread(fd, NULL, 5, 0));
	SETS(pwrite(fd, "HELLO", 5, 0));
	SETS(pwrite(fd, "end", 3, 20));
	SETS(pwrite(fd, buffer, 5, -1));
	SETS(pwrite(-1, buffer, 5, 0));
	SETS(pwrite(fd, NULL, 5, 0));
	SETS(pread64(fd, buffer, 5, 0));
	with(", \"%.5s\"", buffer);
	SETS(pread64(fd, buffer, 5, 21));
	SETS(pread64(fd, buffer, 5, -1));
	SETS(pread64(-1, buffer, 5, 0));
	SETS(pread64(fd, buffer, 0, 0));
	SETS(pwrite64(fd, "jello", 5, 0));
	SETS(pwrite64(fd, buffer, 0, 100));
	SETS(pwrite64(fd, buffer, 5, -1));
	SETS(pwrite64(-1, buffer, 5, 0));
	SETS(pwrite64(fd, NULL, 5, 0));
	SETS(lseek(fd, 0, SEEK_CUR));
	SETS(lseek(fd, 0, SEEK_END));

	lseek(fd, 0, SEEK_SET);
	memset(buffer, 0, 32);
	SETS(readv(fd, parts, 2));
	with(", \"%s\" \"%s\"", buffer, buffer + 8);
	SETS(readv(fd, parts, 0));
	SETS(readv(fd, parts, -1));
	SETS(readv(-1, parts, 2));
	SETS(readv(fd, NULL, 2));
	SETS(writev(fd, parts, 2));
	SETS(writev(fd, parts, 0));
	SETS(writev(fd, parts, IOV_MAX + 1));
	SETS(writev(-1, parts, 2));
	SETS(writev(fd, NULL, 2));
	SETS(ftruncate(fd, 4));
	SETS(lseek(fd, 0, SEEK_END));
	SETS(close(fd));
	SETS(close(fd));
	SETS(close(-1));
	SETS(close(1 << 20));
	SETS(close(closed));
}

static void wrong_way(void)
{
	const int in = open("/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY);
	const int folder = open("/", O_RDONLY | O_DIRECTORY);

	SETS(write(in, "x", 1));
	SETS(read(out, buffer, 1));
	SETS(read(in, buffer, 1));
	SETS(write(out, "x", 1));
	SETS(read(folder, buffer, 1));
	SETS(write(folder, "x", 1));
	SETS(open("/dev/null/none", O_RDONLY));
	SETS(open("/nonexistent/file", O_RDONLY));
	SETS(open("/", O_WRONLY));
	SETS(dup(-1));
	SETS(dup2(-1, 5));
	SETS(dup2(in, -1));
	SETS(dup2(in, in) == in);
	SETS(dup3(in, in, 0));
	close(in);
	close(out);
	close(folder);
}

/* ---- pipes ---- */

static int ends[2];

static void *writes_later(void *text)
{
	SETS(write(ends[1], text, strlen(text)));
	return NULL;
}

static void *reads_all(void *unused)
{
	ssize_t got, total = 0;

	(void)unused;
	while ((got = read(ends[0], buffer, 1000)) > 0)
		total += got;
	says("read", "%ld at the end", (long)got);
	return (void *)total;
}

static void pipes(void)
{
	char big[100000];
	pthread_t thread;
	void *value = NULL;
	int waiting = -1;

	SETS(pipe(ends));
	if (pthread_create(&thread, NULL, writes_later, "through"))
		abort();
	memset(buffer, 0, 32);
	{
		const long got = read(ends[0], buffer, 32); /* waits for it */

		pthread_join(thread, NULL);
		says("read", "%ld \"%s\"", got, buffer);
	}
	memset(big, 'b', sizeof(big));
	if (pthread_create(&thread, NULL, reads_all, NULL))
		abort();
	{
		const long put = write(ends[1], big, sizeof(big)); /* waits for room */

		close(ends[1]);
		pthread_join(thread, &value);
		says("write", "%ld, read %ld", put, (long)value);
	}
	SETS(read(ends[0], buffer, 1));
	close(ends[0]);

	SETS(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
	SETS(read(ends[0], buffer, 1));
	SETS(write(ends[1], big, sizeof(big)));
	SETS(write(ends[1], big, 1));
	SETS(ioctl(ends[0], FIONREAD, &waiting));
	with(", %d", waiting);
	SETS(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
	SETS(fcntl(ends[0], F_GETFD));
	SETS(read(ends[1], buffer, 1));
	SETS(write(ends[0], buffer, 1));
	SETS(lseek(ends[0], 0, SEEK_SET));
	SETS(pread(ends[0], buffer, 1, 0));
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	SETS(write(ends[1], buffer, 1));
	handle(SIGPIPE, count_signal, 0);
	handled = 0;
	SETS(write(ends[1], buffer, 1));
	with(", handled %d", handled);
	SETS(writev(ends[1], &(struct iovec){ buffer, 1 }, 1));
	with(", handled %d", handled);
	signal(SIGPIPE, SIG_DFL);
	close(ends[1]);
	SETS(pipe2(ends, 77));
}

/* A handler ends the wait, or with SA_RESTART does not. */
static void *writes_when_handled(void *unused)
{
	while (handled < 2)
		usleep(1000);
	SETS(write(ends[1], "restarted", 9));
	return unused;
}

static void interrupted(void)
{
	sigset_t alarm_only;
	pthread_t thread;

	if (pipe(ends))
		abort();
	pester(1);
	SETS(read(ends[0], buffer, 1));
	SETS(readv(ends[0], &(struct iovec){ buffer, 1 }, 1));
	handled = 0;
	handle(SIGALRM, count_signal, SA_RESTART);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
	if (pthread_create(&thread, NULL, writes_when_handled, NULL))
		abort();
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	{
		const long got = read(ends[0], buffer, 9);

		pester(0);
		pthread_join(thread, NULL);
		says("read", "%ld, restarted", got);
	}
	close(ends[0]);
	close(ends[1]);
}

/* ---- locks on files ---- */

static int locked_fd;

static void tries_record_lock(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10 };

	errno = 0;
	_exit(fcntl(locked_fd, F_SETLK, &lock) == -1 ? errno : 0);
}

static void file_locks(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10 };
	struct flock ask = lock;
	char name[64];
	int other;

	locked_fd = temporary();
	snprintf(name, sizeof(name), "/proc/self/fd/%d", locked_fd);
	other = open(name, O_RDWR);
	SETS(flock(locked_fd, LOCK_EX));
	SETS(flock(other, LOCK_EX | LOCK_NB));
	SETS(flock(other, LOCK_SH | LOCK_NB));
	SETS(flock(locked_fd, LOCK_SH));
	SETS(flock(other, LOCK_SH | LOCK_NB));
	SETS(flock(other, LOCK_EX | LOCK_NB));
	SETS(flock(locked_fd, LOCK_UN));
	SETS(flock(other, LOCK_EX));
	SETS(flock(other, LOCK_UN));
	SETS(flock(-1, LOCK_EX));
	SETS(flock(other, 77));
	SETS(fcntl(locked_fd, F_SETLK, &lock));
	SETS(fcntl(locked_fd, F_GETLK, &ask));
	with(", unlocked %d", ask.l_type == F_UNLCK);
	says("fcntl", "a child gets %s", error_name(in_child(tries_record_lock) >> 8));
	SETS(fcntl(locked_fd, F_SETLKW, &lock));
	lock.l_type = F_UNLCK;
	SETS(fcntl(locked_fd, F_SETLK, &lock));
	says("fcntl", "a child gets %s", error_name(in_child(tries_record_lock) >> 8));
	lock.l_type = 77;
	SETS(fcntl(locked_fd, F_SETLK, &lock));
	lock.l_type = F_WRLCK;
	lock.l_pid = 0;
	SETS(fcntl(locked_fd, F_OFD_SETLK, &lock));
	SETS(fcntl(other, F_OFD_SETLK, &lock));
	lock.l_type = F_UNLCK;
	SETS(fcntl(locked_fd, F_OFD_SETLKW, &lock));
	SETS(fcntl(-1, F_SETLK, &lock));
	SETS(fcntl(locked_fd, 7777));
	close(locked_fd);
	close(other);
}

void files(void)
{
	in_a_file();
	wrong_way();
	pipes();
	interrupted();
	file_locks();
}
