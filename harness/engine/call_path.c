/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in the file system: opening, making, looking. Each is a scheduling point, since others may
 * look at the same name between two calls. What must not outlive the schedule is noted (undo.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/call.h"
#include "engine/call_measured.h"
#include "engine/call_wait.h"
#include "engine/fd.h"
#include "engine/names.h"
#include "engine/state.h"
#include "engine/peers.h"
#include "engine/undo.h"

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
	case SYS_faccessat:
	case SYS_faccessat2:
	case SYS_fchmodat:
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

long call_path(struct call *c)
{
	char buffer[NAMES_SIZE];

	if (c->nr == SYS_newfstatat && (c->args[3] & AT_EMPTY_PATH))
		return call_raw(c);
	use_own_name(c, buffer);
	return call_point(c, OP_SYSCALL, -1, attempt_raw);
}

/* A change of a descriptor's file that others may wait for. */
long call_change(struct call *c)
{
	return call_point(c, OP_SYSCALL, (int)c->args[0], attempt_raw);
}

/* Before those who wait for it look. */
static long attempt_listen(struct fd_request *r)
{
	const long result = request_raw(r);

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

static bool ready_fifo(const struct fd_request *r)
{
	return r->serial != call_serial || r->fd < 0 || fifo_has_writer(r->fd);
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

static long attempt_open_fifo(struct fd_request *r)
{
	if (r->fd < 0) {
		const long fd = open_with(r, open_flags(r) | O_NONBLOCK);

		r->serial = ++call_serial;
		if (fd == -ENXIO)
			return FD_WOULD_BLOCK;
		if (fd < 0)
			return fd;
		r->fd = (int)fd;
		r->progress = true;
	}
	if ((open_flags(r) & O_ACCMODE) == O_RDONLY && !fifo_has_writer(r->fd))
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
	const struct board_config *config = &engine.board->config;
	struct stat st;

	if (undo_is_shared_memory(path) || (config->workdir[0] && path[0] != '/'))
		return;
	if (config->workdir[0] &&
	    strncmp(path, config->workdir_copy, strlen(config->workdir_copy)) == 0)
		return;
	if (sys_call2(SYS_fstat, fd, (long)&st) == 0 && S_ISREG(st.st_mode))
		engine_note("the program wrote files: what one schedule leaves, the next one finds "
			    "(--workdir gives each a fresh folder)");
}

static bool exists(long directory, const char *path)
{
	return sys_call4(SYS_faccessat, directory, (long)path, F_OK, 0) == 0;
}

static long open_named(struct call *c)
{
	const char *path = (const char *)(c->nr == SYS_open ? c->args[0] : c->args[1]);
	const long flags = c->nr == SYS_open ? c->args[1] : c->args[2];
	const long directory = c->nr == SYS_open ? AT_FDCWD : c->args[0];
	const bool makes =
		(flags & O_CREAT) && undo_is_shared_memory(path) && !exists(directory, path);
	struct stat st;
	bool fifo;
	long fd;

	fifo = c->nr != SYS_openat2 && !engine_aside() && !(flags & (O_NONBLOCK | O_PATH)) &&
	       (flags & O_ACCMODE) != O_RDWR &&
	       sys_call4(SYS_newfstatat, directory, (long)path, (long)&st, 0) == 0 &&
	       S_ISFIFO(st.st_mode);
	fd = fifo ? open_fifo(c) : call_point(c, OP_SYSCALL, -1, attempt_raw);
	if (fd < 0)
		return fd;
	if (makes)
		undo_made(UNDO_PATH, path);
	if ((flags & O_ACCMODE) != O_RDONLY)
		note_writing(path, fd);
	measured_opened(path, c->nr == SYS_openat2 ? *(const long *)c->args[2] : flags, (int)fd);
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
long call_mknod(struct call *c)
{
	const bool at = c->nr == SYS_mknodat;
	const long mode = at ? c->args[2] : c->args[1];
	const long result = call_point(c, OP_SYSCALL, -1, attempt_raw);

	if (result == 0 && (S_ISFIFO((mode_t)mode) || S_ISSOCK((mode_t)mode)) &&
	    (!at || (int)c->args[0] == AT_FDCWD))
		undo_made(UNDO_PATH, (const char *)(at ? c->args[1] : c->args[0]));
	return result;
}

/* A local socket's address is a file, unless its name begins with a zero. */
long call_bind(struct call *c)
{
	const struct sockaddr_un *address = (const struct sockaddr_un *)c->args[1];
	const size_t name_at = offsetof(struct sockaddr_un, sun_path);
	const long result = call_point(c, OP_SYSCALL, (int)c->args[0], attempt_raw);
	char path[sizeof(address->sun_path) + 1] = { 0 };
	size_t size = (size_t)c->args[2];

	if (result == 0)
		peers_addressed((int)c->args[0]);
	if (result != 0 || size <= name_at || address->sun_family != AF_UNIX)
		return result;
	size -= name_at;
	memcpy(path, address->sun_path,
	       size < sizeof(address->sun_path) ? size : sizeof(address->sun_path));
	if (path[0])
		undo_made(UNDO_PATH, path);
	return result;
}

/* Tried without making it first: what was there before stays. */
long call_mq_open(struct call *c)
{
	char buffer[NAMES_SIZE];
	const char *name = names_queue((const char *)c->args[0], buffer);
	const long found = sys_call4(SYS_mq_open, (long)name,
				     (c->args[1] & ~(long)(O_CREAT | O_EXCL)) | O_CLOEXEC, 0, 0);
	long fd;

	if (found >= 0)
		sys_close((int)found);
	c->args[0] = (long)name;
	fd = call_point(c, OP_SYSCALL, -1, attempt_raw);
	if (fd < 0)
		return fd;
	if (found < 0)
		undo_made(UNDO_QUEUE, name);
	fd_made((int)fd, FD_INSIDE, 0);
	return fd;
}
