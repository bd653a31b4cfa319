/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input and output by libc's names.
 *
 * Each would be seen without these functions, too: libc's system calls are trapped. By name they
 * cost a fraction of the trap, the place that a report shows is the caller's for sure, and they are
 * the cancellation points that POSIX lists.
 */
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/sys.h"
#include "intercept/result.h"

#define MASK_SIZE sizeof(uint64_t) /* the kernel's signal set */

/* Socket addresses: libc declares these parameters as transparent unions of all kinds of pointers.
 */

/* pread64 and the like are the same functions where off_t has 64 bits. */
#define SAME_AS(name) __attribute__((alias(#name), visibility("default")))

INTERPOSE ssize_t read(int fd, void *buffer, size_t size)
{
	return CALL(SYS_read, fd, (long)buffer, (long)size);
}

INTERPOSE ssize_t write(int fd, const void *buffer, size_t size)
{
	return CALL(SYS_write, fd, (long)buffer, (long)size);
}

INTERPOSE ssize_t readv(int fd, const struct iovec *vector, int count)
{
	return CALL(SYS_readv, fd, (long)vector, count);
}

INTERPOSE ssize_t writev(int fd, const struct iovec *vector, int count)
{
	return CALL(SYS_writev, fd, (long)vector, count);
}

INTERPOSE ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
	return CALL(SYS_pread64, fd, (long)buffer, (long)size, offset);
}

INTERPOSE ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	return CALL(SYS_pwrite64, fd, (long)buffer, (long)size, offset);
}

ssize_t pread64(int fd, void *buffer, size_t size, off64_t offset) SAME_AS(pread);
ssize_t pwrite64(int fd, const void *buffer, size_t size, off64_t offset) SAME_AS(pwrite);

INTERPOSE int close(int fd)
{
	return (int)CALL(SYS_close, fd);
}

INTERPOSE ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	return CALL(SYS_recvfrom, fd, (long)buffer, (long)size, flags);
}

INTERPOSE ssize_t recvfrom(int fd, void *restrict buffer, size_t size, int flags,
			   __SOCKADDR_ARG address, socklen_t *restrict length)
{
	return CALL(SYS_recvfrom, fd, (long)buffer, (long)size, flags, (long)address.__sockaddr__,
		    (long)length);
}

INTERPOSE ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return CALL(SYS_recvmsg, fd, (long)message, flags);
}

INTERPOSE ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
	return CALL(SYS_sendto, fd, (long)buffer, (long)size, flags);
}

INTERPOSE ssize_t sendto(int fd, const void *buffer, size_t size, int flags,
			 __CONST_SOCKADDR_ARG address, socklen_t length)
{
	return CALL(SYS_sendto, fd, (long)buffer, (long)size, flags, (long)address.__sockaddr__,
		    length);
}

INTERPOSE ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	return CALL(SYS_sendmsg, fd, (long)message, flags);
}

INTERPOSE int accept(int fd, __SOCKADDR_ARG address, socklen_t *restrict length)
{
	return (int)CALL(SYS_accept, fd, (long)address.__sockaddr__, (long)length);
}

INTERPOSE int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict length, int flags)
{
	return (int)CALL(SYS_accept4, fd, (long)address.__sockaddr__, (long)length, flags);
}

INTERPOSE int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
	return (int)CALL(SYS_connect, fd, (long)address.__sockaddr__, length);
}

INTERPOSE int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	return (int)CALL(SYS_poll, (long)fds, (long)count, timeout);
}

/* The kernel writes the time that is left; POSIX says that the caller's timespec stays. */
INTERPOSE int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		    const sigset_t *mask)
{
	struct timespec left;

	if (timeout)
		left = *timeout;
	return (int)CALL(SYS_ppoll, (long)fds, (long)count, timeout ? (long)&left : 0, (long)mask,
			 MASK_SIZE);
}

INTERPOSE int select(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
		     struct timeval *restrict timeout)
{
	return (int)CALL(SYS_select, count, (long)in, (long)out, (long)except, (long)timeout);
}

INTERPOSE int pselect(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
		      const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
	const struct {
		const sigset_t *mask;
		size_t size;
	} with_size = { mask, MASK_SIZE };
	struct timespec left;

	if (timeout)
		left = *timeout;
	return (int)CALL(SYS_pselect6, count, (long)in, (long)out, (long)except,
			 timeout ? (long)&left : 0, (long)&with_size);
}

INTERPOSE int epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
	return (int)CALL(SYS_epoll_wait, fd, (long)events, most, timeout);
}

INTERPOSE int epoll_pwait(int fd, struct epoll_event *events, int most, int timeout,
			  const sigset_t *mask)
{
	return (int)CALL(SYS_epoll_pwait, fd, (long)events, most, timeout, (long)mask, MASK_SIZE);
}
