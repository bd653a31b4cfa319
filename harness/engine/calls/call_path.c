/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in the file system: opening, making, looking. Each is a scheduling point, since others may
 * look at the same name between two calls. What must not outlive the schedule is noted (undo.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/calls/call.h"
#include "engine/calls/call_measured.h"
#include "engine/calls/call_wait.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/names.h"
#include "engine/descriptors/peers.h"
#include "engine/descriptors/ports.h"
#include "engine/reset/undo.h"
#include "engine/state.h"

/* Which argument is a path that may lead to shared memory; -1: none. */
static int path_argument(long nr)
{
	switch (nr) {
	case SYS_open:
	case SYS_unlink:
	case SYS_stat:
	case SYS_lstat:
	case SYS_access:
	case SYS_chmod:
	case SYS_truncate:
		return 0;
	case SYS_openat:
	case SYS_unlinkat:
	case SYS_newfstatat:
	case SYS_statx:
	case SYS_faccessat:
	case SYS_faccessat2:
	case SYS_fchmodat:
	case SYS_inotify_add_watch:
		return 1;
	default:
		return -1;
	}
}

static void use_own_name(struct call *c, char buffer[NAMES_SIZE])
{
	const int at = path_argument(c->nr);

	if (c->nr == SYS_mq_unlink)
		c->args[0] = (long)names_queue((const char *)c->args[0], buffer);
	else if (at >= 0)
		c->args[at] = (long)names_path((const char *)c->args[at], buffer);
}

/* Which argument is the path of what a call makes, moves, changes or removes; -1: it looks only. */
static int changed_argument(long nr)
{
	switch (nr) {
	case SYS_rename:
	case SYS_unlink:
	case SYS_mkdir:
	case SYS_rmdir:
	case SYS_truncate:
	case SYS_chmod:
		return 0;
	case SYS_renameat:
	case SYS_renameat2:
	case SYS_link:
	case SYS_symlink:
	case SYS_unlinkat:
	case SYS_mkdirat:
	case SYS_fchmodat:
		return 1;
	case SYS_symlinkat:
		return 2;
	case SYS_linkat:
		return 3;
	default:
		return -1;
	}
}

long call_path(struct call *c)
{
	const int changed = changed_argument(c->nr);
	char buffer[NAMES_SIZE];
	long result;

	if ((c->nr == SYS_newfstatat && (c->args[3] & AT_EMPTY_PATH)) ||
	    (c->nr == SYS_statx && (c->args[2] & AT_EMPTY_PATH)))
		return call_raw(c);
	use_own_name(c, buffer);
	result = call_point(c, OP_SYSCALL, -1, attempt_raw);
	if (result == 0 && changed >= 0 && !names_is_own((const char *)c->args[changed]))
		names_common(COMMON_FILES);
	return result;
}

/* A change of a descriptor's file that others may wait for. */
long call_change(struct call *c)
{
	return call_point(c, OP_SYSCALL, (int)c->args[0], attempt_raw);
}

/* Before those who wait for it look. */
static long attempt_listen(struct fd_request *r)
{
	const bool unbound = peers_own_key(r->fd) == 0;
	const long result = request_raw(r);

	if (result == 0 && unbound)
		ports_chosen(r->fd);
	if (result == 0)
		peers_listening(r->fd);
	return result;
}

long call_listen(struct call *c)
{
	return call_point(c, OP_SYSCALL, (int)c->args[0], attempt_listen);
}

/*
 * A FIFO is opened for reading at once, without waiting, and then looked at: read() says 0 while it
 * has no writer and EAGAIN as soon as it has one. Nobody can write before, so no byte is lost by
 * looking.
 */
static bool fifo_has_writer(int fd)
{
	char byte;
	int waiting = 0;

	if (sys_call3(SYS_ioctl, fd, FIONREAD, (long)&waiting) == 0 && waiting > 0)
		return true;
	return sys_read(fd, &byte, 1) != 0;
}

static long open_flags(const struct fd_request *r)
{
	return r->nr == SYS_open ? r->args[1] : r->args[2];
}

static long open_with(const struct fd_request *r, long flags)
{
	if (r->nr == SYS_open)
		return sys_call3(SYS_open, r->args[0], flags, r->args[2]);
	return sys_call4(SYS_openat, r->args[0], r->args[1], flags, r->args[3]);
}

/* Who wants to write tries; for a reader that is not there the kernel says ENXIO, and nothing
 * else of the attempt is seen by anybody. */
static bool ready_fifo(const struct fd_request *r)
{
	long fd;

	if (r->fd >= 0)
		return fifo_has_writer(r->fd);
	fd = open_with(r, open_flags(r) | O_NONBLOCK);
	if (fd >= 0)
		sys_close((int)fd);
	return fd != -ENXIO;
}

/* It was woken since ready_fifo() saw a writer; that one may have closed again, and was there. */
static bool was_met(const struct fd_request *r)
{
	const struct op *op = &engine_world.threads[r->thread]->op;

	return op->phase != 0 && !(op->flags & (OP_TIMED_OUT | OP_INTERRUPTED | OP_CANCELLED));
}

static long attempt_open_fifo(struct fd_request *r)
{
	if (r->fd < 0) {
		const long fd = open_with(r, open_flags(r) | O_NONBLOCK);

		if (fd == -ENXIO)
			return FD_WOULD_BLOCK;
		if (fd < 0)
			return fd;
		r->fd = (int)fd;
		r->progress = true;
	}
	if ((open_flags(r) & O_ACCMODE) == O_RDONLY && !was_met(r) && !fifo_has_writer(r->fd))
		return FD_WOULD_BLOCK;
	call_set_nonblocking(r->fd, false);
	return r->fd;
}

static long open_fifo(struct call *c)
{
	struct fd_request r = call_request(c, -1, attempt_open_fifo);
	long result;

	r.ready = ready_fifo;
	r.sources = NULL;
	result = call_wait(c, OP_SYSCALL, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	if (result < 0 && r.fd >= 0)
		sys_close(r.fd);
	return result;
}

/* Opening an ordinary file for writing: the next schedule finds what this one leaves. */
static void note_writing(const char *path, long fd)
{
	struct stat st;

	if (names_is_own(path) || sys_call2(SYS_fstat, fd, (long)&st) != 0 || !S_ISREG(st.st_mode))
		return;
	names_common(COMMON_FILES);
	engine_note("the program wrote files: what one schedule leaves, the next one finds "
		    "(--workdir gives each a fresh folder)");
}

static bool is_missing(long directory, const char *path)
{
	return sys_call4(SYS_faccessat, directory, (long)path, F_OK, 0) == -ENOENT;
}

/* The request's call, which makes something that was not there. */
static long make(const struct fd_request *r, enum undo_kind kind, const char *path)
{
	const uint32_t note = undo_expect(kind, path);
	const long result = request_raw(r);

	if (result < 0)
		undo_forget(note);
	return result;
}

/* The same where a name that is there already makes the call fail. It was there when we looked, but
 * another target's schedule may have ended since: what succeeds was made here. */
static long make_new(const struct fd_request *r, const char *path)
{
	long result;

	if (is_missing(AT_FDCWD, path))
		return make(r, UNDO_PATH, path);
	result = request_raw(r);
	if (result == 0)
		undo_expect(UNDO_PATH, path);
	return result;
}

/* Of openat2(2) they are behind a pointer, which may lead nowhere. */
static long flags_of_open(long nr, const long args[6])
{
	return nr == SYS_open ? args[1] : nr == SYS_openat2 ? 0 : args[2];
}

static long attempt_open(struct fd_request *r)
{
	const char *path = (const char *)(r->nr == SYS_open ? r->args[0] : r->args[1]);
	const long directory = r->nr == SYS_open ? AT_FDCWD : r->args[0];

	if ((flags_of_open(r->nr, r->args) & O_CREAT) && undo_is_shared_memory(path) &&
	    is_missing(directory, path))
		return make(r, UNDO_PATH, path);
	return request_raw(r);
}

static long open_named(struct call *c)
{
	const char *path = (const char *)(c->nr == SYS_open ? c->args[0] : c->args[1]);
	long flags = flags_of_open(c->nr, c->args);
	const long directory = c->nr == SYS_open ? AT_FDCWD : c->args[0];
	struct stat st;
	bool fifo;
	long fd;

	fifo = c->nr != SYS_openat2 && !engine_aside() && !(flags & (O_NONBLOCK | O_PATH)) &&
	       (flags & O_ACCMODE) != O_RDWR &&
	       sys_call4(SYS_newfstatat, directory, (long)path, (long)&st, 0) == 0 &&
	       S_ISFIFO(st.st_mode);
	fd = fifo ? open_fifo(c) : call_point(c, OP_SYSCALL, -1, attempt_open);
	if (fd < 0)
		return fd;
	if (c->nr == SYS_openat2)
		flags = *(const long *)c->args[2];
	if ((flags & O_ACCMODE) != O_RDONLY)
		note_writing(path, fd);
	measured_opened(path, flags, (int)fd);
	if (strcmp(path, "/dev/urandom") == 0 || strcmp(path, "/dev/random") == 0)
		fd_made((int)fd, FD_RANDOM, 0);
	else
		fd_made((int)fd, fifo ? FD_INSIDE : FD_CLOSED, 0);
	return fd;
}

long call_open(struct call *c)
{
	char buffer[NAMES_SIZE];

	use_own_name(c, buffer);
	return open_named(c);
}

/* A FIFO or a socket; other nodes are for the super-user, and stay. */
static long attempt_mknod(struct fd_request *r)
{
	const bool at = r->nr == SYS_mknodat;
	const mode_t mode = (mode_t)(at ? r->args[2] : r->args[1]);
	const char *path = (const char *)(at ? r->args[1] : r->args[0]);

	if ((S_ISFIFO(mode) || S_ISSOCK(mode)) && (!at || (int)r->args[0] == AT_FDCWD))
		return make_new(r, path);
	return request_raw(r);
}

long call_mknod(struct call *c)
{
	const long result = call_point(c, OP_SYSCALL, -1, attempt_mknod);

	if (result == 0 && !names_is_own((const char *)c->args[c->nr == SYS_mknodat ? 1 : 0]))
		names_common(COMMON_FILES);
	return result;
}

/* A local socket's address is a file, unless its name begins with a zero. */
static long attempt_bind(struct fd_request *r)
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)r->args[1];
	const size_t name_at = offsetof(struct sockaddr_un, sun_path);
	char path[sizeof(address->sun_path) + 1] = { 0 };
	size_t size = (size_t)r->args[2];

	/* The kernel looks at the name first, since the pointer may lead nowhere. */
	if (size <= name_at ||
	    sys_call4(SYS_faccessat, AT_FDCWD, (long)address->sun_path, F_OK, 0) == -EFAULT ||
	    address->sun_family != AF_UNIX)
		return request_raw(r);
	size -= name_at;
	memcpy(path, address->sun_path,
	       size < sizeof(address->sun_path) ? size : sizeof(address->sun_path));
	return path[0] ? make_new(r, path) : request_raw(r);
}

/* Has the address that was bound a name that somebody else could take, too? With --with each target
 * has a network of its own. */
static bool is_common_address(const struct sockaddr *address, size_t size)
{
	switch (address->sa_family) {
	case AF_UNIX:
		return size > offsetof(struct sockaddr_un, sun_path) &&
		       !(address->sa_data[0] && names_is_own(address->sa_data));
	case AF_INET:
		return !engine.board->config.with &&
		       ((const struct sockaddr_in *)address)->sin_port != 0;
	case AF_INET6:
		return !engine.board->config.with &&
		       ((const struct sockaddr_in6 *)address)->sin6_port != 0;
	default:
		return false;
	}
}

/* To a port of the system's choice: that which it is shown by, where it can be had. */
static long attempt_bind_any(struct fd_request *r)
{
	struct sockaddr_storage shown;
	struct fd_request with_port = *r;
	long result;

	if (!ports_may_be_tried(r->fd))
		return request_raw(r);
	memcpy(&shown, (const void *)r->args[1], (size_t)r->args[2]);
	((struct sockaddr_in *)&shown)->sin_port = ports_next();
	with_port.args[1] = (long)&shown;
	result = request_raw(&with_port);
	return result == 0 ? result : request_raw(r);
}

static bool leaves_port_open(const void *address, long size)
{
	return size >= (long)sizeof(struct sockaddr_in) &&
	       size <= (long)sizeof(struct sockaddr_storage) && ports_readable(address, size) &&
	       ((const struct sockaddr *)address)->sa_family != AF_UNIX &&
	       peers_leaves_open(address, (size_t)size);
}

long call_bind(struct call *c)
{
	const int fd = (int)c->args[0];
	const bool open = leaves_port_open((const void *)c->args[1], (int)c->args[2]);
	struct sockaddr_storage copy;
	struct call meant = *c;
	long result;

	meant.args[1] = (long)ports_meant((const void *)c->args[1], (int)c->args[2], &copy);
	result = call_point(&meant, OP_SYSCALL, fd, open ? attempt_bind_any : attempt_bind);
	if (result < 0)
		return result;
	/* A port that was chosen for another of our sockets has been taken from nobody. */
	if (meant.args[1] == c->args[1] &&
	    is_common_address((const struct sockaddr *)c->args[1], (size_t)c->args[2]))
		names_common(COMMON_ADDRESSES);
	if (fd_class_of(fd) == FD_DATAGRAM) {
		datagram_bound(fd, (const void *)c->args[1], (int)c->args[2]);
	} else {
		peers_addressed(fd);
		if (open)
			ports_chosen(fd);
	}
	return result;
}

/* Tried without making it first: what was there before stays. */
static long attempt_mq_open(struct fd_request *r)
{
	const char *name = (const char *)r->args[0];
	const long found = sys_call4(SYS_mq_open, (long)name,
				     (r->args[1] & ~(long)(O_CREAT | O_EXCL)) | O_CLOEXEC, 0, 0);

	if (found >= 0)
		sys_close((int)found);
	return found == -ENOENT && (r->args[1] & O_CREAT) ? make(r, UNDO_QUEUE, name)
							  : request_raw(r);
}

long call_mq_open(struct call *c)
{
	char buffer[NAMES_SIZE];
	long fd;

	c->args[0] = (long)names_queue((const char *)c->args[0], buffer);
	fd = call_point(c, OP_SYSCALL, -1, attempt_mq_open);
	if (fd >= 0)
		fd_made((int)fd, FD_INSIDE, 0);
	return fd;
}
