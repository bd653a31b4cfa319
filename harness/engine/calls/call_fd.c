/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making, closing and duplicating descriptors. The kernel does it; the records (fd.h) learn what
 * the reset must take back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/file_lock.h"
#include "engine/descriptors/names.h"
#include "engine/descriptors/ports.h"

long call_new_fd(struct call *c)
{
	const long fd = call_raw(c);

	if (fd < 0)
		return fd;
	switch (c->nr) {
	case SYS_epoll_create:
	case SYS_epoll_create1:
		fd_made((int)fd, FD_INSIDE, datagram_new_set());
		break;
	case SYS_eventfd:
	case SYS_eventfd2:
		fd_made((int)fd, FD_INSIDE, 0);
		break;
	case SYS_memfd_create:
		fd_made((int)fd, FD_FILE, 0);
		break;
	case SYS_bpf: /* results of some commands are no descriptors */
		fd_unknown();
		break;
	default:
		fd_made((int)fd, FD_CLOSED, 0);
		break;
	}
	return fd;
}

static void made_two(const int pair[2])
{
	fd_made(pair[0], FD_INSIDE, 0);
	fd_made(pair[1], FD_INSIDE, 0);
}

long call_pipe(struct call *c)
{
	const long result = call_raw(c);

	if (result == 0)
		made_two((const int *)c->args[0]);
	return result;
}

long call_socketpair(struct call *c)
{
	const long result = call_raw(c);

	if (result == 0)
		made_two((const int *)c->args[3]);
	return result;
}

long call_socket(struct call *c)
{
	const long fd = call_raw(c);

	if (fd < 0)
		return fd;
	if (datagram_is_one(c->args[0], c->args[1], c->args[2])) {
		fd_made((int)fd, FD_DATAGRAM, 0);
		datagram_made((int)fd);
	} else {
		fd_made((int)fd, FD_CLOSED, 0);
	}
	return fd;
}

long call_socket_name(struct call *c)
{
	const long result = fd_is_engine((int)c->args[0]) ? -EBADF : call_raw(c);

	if (result == 0)
		ports_show((int)c->args[0], (void *)c->args[1]);
	return result;
}

static long attempt_close(struct fd_request *r)
{
	long result;

	fd_losing(r->fd);
	result = request_raw(r);
	fd_lost(r->fd);
	call_serial++;
	return result;
}

long call_close(struct call *c)
{
	const int fd = (int)c->args[0];

	if (fd_is_engine(fd))
		return -EBADF;
	return call_point(c, OP_FD_CLOSE, fd, attempt_close);
}

/* In pieces, around the engine's own descriptors. */
long call_close_range(struct call *c)
{
	const unsigned first = (unsigned)c->args[0], last = (unsigned)c->args[1],
		       flags = (unsigned)c->args[2];
	unsigned start = first;
	long result = 0;

	if (first > last)
		return -EINVAL;
	for (unsigned fd = first; fd <= last && fd < FD_MAX && result == 0; fd++) {
		const bool engine = fd_is_engine((int)fd);

		if (!engine && fd_class_of((int)fd) != FD_CLOSED &&
		    !(flags & 4 /* CLOSE_RANGE_CLOEXEC */))
			fd_losing((int)fd);
		if (engine && fd > start)
			result = sys_call3(SYS_close_range, start, fd - 1, (long)flags);
		if (engine)
			start = fd + 1;
	}
	if (result == 0 && start <= last)
		result = sys_call3(SYS_close_range, start, last, (long)flags);
	for (unsigned fd = first; fd <= last && fd < FD_MAX && result == 0; fd++)
		if (!fd_is_engine((int)fd) && fd_class_of((int)fd) != FD_CLOSED) {
			if (flags & 4)
				fd_moved((int)fd);
			else
				fd_lost((int)fd);
		}
	call_serial++;
	return result;
}

static void made_as(long fd, int original)
{
	const struct fd_record *r = fd_at(original);

	if (fd >= 0)
		fd_made((int)fd, r ? (enum fd_class)r->class : FD_CLOSED, r ? r->tag : 0);
}

long call_dup(struct call *c)
{
	long fd;

	if (fd_is_engine((int)c->args[0]))
		return -EBADF;
	fd = call_raw(c);
	made_as(fd, (int)c->args[0]);
	return fd;
}

static long attempt_dup2(struct fd_request *r)
{
	const int from = (int)r->args[0], to = (int)r->args[1];
	long fd;

	if (from == to || sys_call3(SYS_fcntl, from, F_GETFD, 0) < 0)
		return request_raw(r);
	fd_losing(to);
	fd = request_raw(r);
	if (fd >= 0) {
		fd_lost(to);
		made_as(fd, from);
		call_serial++;
	}
	return fd;
}

long call_dup2(struct call *c)
{
	if (fd_is_engine((int)c->args[0]) || fd_is_engine((int)c->args[1]))
		return -EBADF;
	return call_point(c, OP_FD_CLOSE, (int)c->args[1], attempt_dup2);
}

/* A lock that another open file holds: tried again whenever one may have been freed. */
static long attempt_lock(struct fd_request *r)
{
	const long command = r->args[1] == F_SETLKW ? F_SETLK : F_OFD_SETLK;
	const long result = sys_call3(SYS_fcntl, r->fd, command, r->args[2]);

	r->serial = call_serial;
	if (result == 0)
		file_lock_taken(r->fd, r->thread, true);
	if (result != -EAGAIN && result != -EACCES)
		return result;
	return file_lock_waits_record(r, (const struct flock *)r->args[2]) && r->args[1] == F_SETLKW
		       ? -EDEADLK
		       : FD_WOULD_BLOCK;
}

/* Of what fcntl(2) is given; the pointer may lead nowhere, which the kernel is asked first. */
static bool is_unlock(const struct call *c)
{
	const struct flock *lock = (const struct flock *)c->args[2];

	return sys_call4(SYS_rt_sigprocmask, -1, (long)lock, 0, sizeof(uint64_t)) != -EFAULT &&
	       lock->l_type == F_UNLCK;
}

/* The kernel itself would send SIGIO, at any moment, and to a process that takes no signal of the
 * kernel's: its handler is called by the schedule. */
static void without_signals(long *flags)
{
	if (!(*flags & O_ASYNC))
		return;
	engine_note("signals about input (O_ASYNC) are not sent");
	*flags &= ~(long)O_ASYNC;
}

long call_fcntl(struct call *c)
{
	const int fd = (int)c->args[0];
	struct fd_request r;
	bool unlocks;
	long result;

	if (fd_is_engine(fd))
		return -EBADF;
	switch (c->args[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return call_dup(c);
	case F_SETFL:
		without_signals(&c->args[2]);
		fd_moved(fd);
		return call_raw(c);
	case F_SETFD:
		fd_moved(fd);
		return call_raw(c);
	case F_SETLK:
	case F_OFD_SETLK:
		names_locked(fd);
		unlocks = is_unlock(c);
		result = call_point(c, unlocks ? OP_FD_UNLOCK : OP_FD_LOCK, fd, attempt_raw);
		if (result == 0 && !unlocks)
			file_lock_taken(fd, engine_current->id, true);
		call_serial++;
		return result;
	case F_SETLKW:
	case F_OFD_SETLKW:
		if (engine_aside())
			return call_raw(c);
		names_locked(fd);
		if (is_unlock(c)) {
			result = call_point(c, OP_FD_UNLOCK, fd, attempt_raw);
			call_serial++;
			return result;
		}
		r = call_request(c, fd, attempt_lock);
		r.ready = ready_by_serial;
		r.sources = NULL;
		result = call_wait(c, OP_FD_LOCK, &r, OP_NO_DEADLINE, CALL_RESTARTS);
		call_serial++;
		return result;
	default:
		return call_raw(c);
	}
}

long call_ioctl(struct call *c)
{
	if (fd_is_engine((int)c->args[0]))
		return -EBADF;
	if (c->args[1] == FIOASYNC) {
		const int *on = (const int *)c->args[2];
		long flags = on && *on ? O_ASYNC : 0;

		without_signals(&flags);
		return 0;
	}
	if (c->args[1] == FIONBIO || c->args[1] == FIOCLEX || c->args[1] == FIONCLEX)
		fd_moved((int)c->args[0]);
	return call_raw(c);
}

long call_lseek(struct call *c)
{
	fd_moved((int)c->args[0]);
	return call_point(c, OP_SYSCALL, (int)c->args[0], attempt_raw);
}

long call_chdir(struct call *c)
{
	fd_directory_changed();
	return call_point(c, OP_SYSCALL, -1, attempt_raw);
}

long call_umask(struct call *c)
{
	fd_umask_changed();
	return call_raw(c);
}
