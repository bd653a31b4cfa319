/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that pass data between threads or processes, give time away, or end something. */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "threads/point.h"
#include "threads/real.h"

static bool begin(enum op_kind kind, long fd, const void *site, bool timed)
{
	return point_begin(&(struct point){ kind, (const void *)fd, NULL, site, timed });
}

static long end(long result)
{
	point_end();
	return result;
}

EXPORT int sched_yield(void)
{
	if (!begin(OP_YIELD, 0, CALLER, true))
		return REAL(sched_yield)();
	return (int)end(REAL(sched_yield)());
}

EXPORT int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	if (!begin(OP_SLEEP, 0, CALLER, true))
		return REAL(nanosleep)(wanted, left);
	return (int)end(REAL(nanosleep)(wanted, left));
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
			   struct timespec *left)
{
	if (!begin(OP_SLEEP, 0, CALLER, true))
		return REAL(clock_nanosleep)(clock, flags, wanted, left);
	return (int)end(REAL(clock_nanosleep)(clock, flags, wanted, left));
}

EXPORT int usleep(useconds_t wanted)
{
	if (!begin(OP_SLEEP, 0, CALLER, true))
		return REAL(usleep)(wanted);
	return (int)end(REAL(usleep)(wanted));
}

EXPORT unsigned sleep(unsigned wanted)
{
	if (!begin(OP_SLEEP, 0, CALLER, true))
		return REAL(sleep)(wanted);
	return (unsigned)end((long)REAL(sleep)(wanted));
}

EXPORT ssize_t read(int fd, void *bytes, size_t size)
{
	if (!begin(OP_FD_READ, fd, CALLER, false))
		return REAL(read)(fd, bytes, size);
	return end(REAL(read)(fd, bytes, size));
}

EXPORT ssize_t write(int fd, const void *bytes, size_t size)
{
	if (!begin(OP_FD_WRITE, fd, CALLER, false))
		return REAL(write)(fd, bytes, size);
	return end(REAL(write)(fd, bytes, size));
}

EXPORT ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	if (!begin(OP_FD_WRITE, fd, CALLER, false))
		return REAL(send)(fd, bytes, size, flags);
	return end(REAL(send)(fd, bytes, size, flags));
}

EXPORT ssize_t recv(int fd, void *bytes, size_t size, int flags)
{
	if (!begin(OP_FD_READ, fd, CALLER, false))
		return REAL(recv)(fd, bytes, size, flags);
	return end(REAL(recv)(fd, bytes, size, flags));
}

EXPORT int accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict size)
{
	if (!begin(OP_FD_ACCEPT, fd, CALLER, false))
		return REAL(accept)(fd, address, size);
	return (int)end(REAL(accept)(fd, address, size));
}

EXPORT int poll(struct pollfd *polled, nfds_t count, int timeout_ms)
{
	if (!begin(OP_FD_POLL, -1, CALLER, timeout_ms >= 0))
		return REAL(poll)(polled, count, timeout_ms);
	return (int)end(REAL(poll)(polled, count, timeout_ms));
}

EXPORT int close(int fd)
{
	if (!begin(OP_FD_CLOSE, fd, CALLER, true))
		return REAL(close)(fd);
	return (int)end(REAL(close)(fd));
}

EXPORT int kill(pid_t pid, int number)
{
	if (!begin(OP_SIGNAL_SEND, 0, CALLER, true))
		return REAL(kill)(pid, number);
	return (int)end(REAL(kill)(pid, number));
}

EXPORT pid_t waitpid(pid_t pid, int *status, int flags)
{
	if (!begin(OP_CHILD_WAIT, 0, CALLER, (flags & WNOHANG) != 0))
		return REAL(waitpid)(pid, status, flags);
	return (pid_t)end(REAL(waitpid)(pid, status, flags));
}

EXPORT pid_t wait(int *status)
{
	if (!begin(OP_CHILD_WAIT, 0, CALLER, false))
		return REAL(wait)(status);
	return (pid_t)end(REAL(wait)(status));
}
