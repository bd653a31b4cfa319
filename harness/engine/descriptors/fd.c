/* SPDX-License-Identifier: Apache-2.0 */
/* Records of descriptors; see fd.h. All memory is static: 32 KiB of records, 24 KiB of base
 * descriptors. */
#include "engine/descriptors/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "engine/calls/queue_notify.h"
#include "engine/calls/system.h"
#include "engine/engine.h"
#include "model/fd.h"

#define BASE_MAX 1024
/* Engine descriptors lie from here on, or below the limit where that is lower: far above those of
 * most programs, and low enough that a fork has few places to copy. */
#define HIGH_FIRST 900

struct base {
	int fd;
	int backup;     /* -1: none yet */
	int status;     /* F_GETFL */
	int flags;      /* F_GETFD */
	int64_t offset; /* -1: cannot be sought */
	uint16_t tag;
	uint8_t class;
	uint8_t moved;
};

static struct fd_record records[FD_MAX];
static struct base bases[BASE_MAX];
static unsigned base_count;
static int made_highest = -1; /* above it no descriptor is marked as made */
static bool changed;          /* anything at all to undo */
static bool look_through;     /* descriptors may exist that no record knows */
static bool directory_changed, umask_changed;
static int directory = -1;
static unsigned mask_at_take;
static int high_first = HIGH_FIRST;

struct fd_record *fd_at(int fd)
{
	return fd >= 0 && fd < FD_MAX ? &records[fd] : NULL;
}

enum fd_class fd_class_of(int fd)
{
	const struct fd_record *r = fd_at(fd);

	return r ? (enum fd_class)r->class : FD_OUTSIDE;
}

static enum fd_class ask_class(int fd)
{
	struct stat st;

	if (sys_call2(SYS_fstat, fd, (long)&st) < 0)
		return FD_CLOSED;
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) ? FD_FILE
										 : FD_OUTSIDE;
}

bool fd_may_wait(int fd)
{
	const enum fd_class class = fd_class_of(fd);

	if (class == FD_CLOSED)
		return ask_class(fd) == FD_OUTSIDE;
	return class != FD_FILE && class != FD_RANDOM;
}

void fd_unknown(void)
{
	look_through = true;
	changed = true;
	system_dirty.descriptors = true;
}

void fd_made(int fd, enum fd_class class, unsigned tag)
{
	struct fd_record *r = fd_at(fd);

	changed = true;
	system_dirty.descriptors = true;
	if (!r) {
		look_through = true;
		return;
	}
	r->class = (uint8_t)(class == FD_CLOSED ? ask_class(fd) : class);
	r->tag = (uint16_t)tag;
	r->made = 1;
	if (fd > made_highest)
		made_highest = fd;
}

int fd_duplicate_high(int fd)
{
	long high = sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, high_first);

	while (high == -EINVAL && high_first > 64) {
		high_first -= high_first / 4;
		high = sys_call3(SYS_fcntl, fd, F_DUPFD_CLOEXEC, high_first);
	}
	if (high >= 0)
		system_own_fd((int)high);
	return (int)high;
}

void system_own_fd(int fd)
{
	struct fd_record *r = fd_at(fd);

	if (!r)
		return;
	*r = (struct fd_record){ .class = FD_ENGINE };
}

/* A call may never come to give it back: then the reset does. */
static void hold_until_reset(int fd)
{
	struct fd_record *r = fd_at(fd);

	if (!r)
		return;
	r->made = 1;
	if (fd > made_highest)
		made_highest = fd;
	changed = true;
}

void fd_release(int held)
{
	struct fd_record *r = fd_at(held);

	sys_close(held);
	if (r)
		*r = (struct fd_record){ .class = FD_CLOSED };
}

void fd_losing(int fd)
{
	struct fd_record *r = fd_at(fd);
	struct thread *t;

	queue_losing(fd);
	for (unsigned n = 0; (t = fd_waiter_at(&engine_world, n)) != NULL; n++) {
		struct fd_request *request = fd_request_of(t);

		/* As natively: a call that waits keeps its file, whatever becomes of the number. */
		if (request->fd == fd && request->held < 0) {
			request->held = fd_duplicate_high(fd);
			if (request->held >= 0) {
				request->fd = request->held;
				hold_until_reset(request->held);
			}
		}
	}
	if (r && r->base && !r->changed && bases[r->base_index].backup < 0)
		bases[r->base_index].backup = fd_duplicate_high(fd);
}

void fd_lost(int fd)
{
	struct fd_record *r = fd_at(fd);

	if (!r)
		return;
	if (r->base) {
		r->changed = 1;
		changed = true;
		system_dirty.descriptors = true;
	}
	r->class = FD_CLOSED;
	r->made = 0;
	r->tag = 0;
}

void fd_moved(int fd)
{
	const struct fd_record *r = fd_at(fd);

	if (!r || !r->base || r->changed)
		return;
	bases[r->base_index].moved = 1;
	changed = true;
	system_dirty.descriptors = true;
}

void fd_directory_changed(void)
{
	directory_changed = true;
	changed = true;
}

void fd_umask_changed(void)
{
	umask_changed = true;
	changed = true;
}

/* Calls visit for each open descriptor but the one it reads the list through. 0 or -errno. */
static int for_each_open(void (*visit)(int fd))
{
	static char buffer[8192] __attribute__((aligned(8)));
	const long list =
		sys_openat(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long size;

	if (list < 0)
		return (int)list;
	while ((size = sys_call3(SYS_getdents64, list, (long)buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < size;) {
			const struct dirent64 *entry =
				(const struct dirent64 *)(const void *)(buffer + at);
			int fd = 0;

			for (const char *c = entry->d_name; *c; c++)
				fd = *c >= '0' && *c <= '9' && fd >= 0 ? fd * 10 + (*c - '0') : -1;
			if (fd >= 0 && fd != list)
				visit(fd);
			at += entry->d_reclen;
		}
	}
	sys_close((int)list);
	return (int)size;
}

static void import(int fd)
{
	struct fd_record *r = fd_at(fd);
	struct base *b;

	if (!r || r->class == FD_ENGINE || base_count == BASE_MAX)
		return;
	b = &bases[base_count];
	*r = (struct fd_record){ .class = (uint8_t)ask_class(fd),
				 .base = 1,
				 .base_index = (uint16_t)base_count };
	*b = (struct base){
		.fd = fd,
		.backup = -1,
		.status = (int)sys_call3(SYS_fcntl, fd, F_GETFL, 0),
		.flags = (int)sys_call3(SYS_fcntl, fd, F_GETFD, 0),
		.offset = r->class == FD_FILE ? sys_call3(SYS_lseek, fd, 0, SEEK_CUR) : -1,
		.class = r->class,
	};
	base_count++;
}

/* Afresh each time: a second snapshot (the pool has grown) starts from what is open then. */
int fd_take(void)
{
	int result;

	for (unsigned i = 0; i < base_count; i++)
		if (bases[i].backup >= 0)
			fd_release(bases[i].backup);
	base_count = 0;
	for (int fd = 0; fd < FD_MAX; fd++)
		if (records[fd].class != FD_ENGINE)
			records[fd] = (struct fd_record){ .class = FD_CLOSED };
	result = for_each_open(import);
	if (result < 0)
		return result;
	if (directory < 0) {
		const int low = (int)sys_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

		if (low >= 0) {
			directory = fd_duplicate_high(low);
			sys_close(low);
		}
	}
	mask_at_take = (unsigned)sys_call1(SYS_umask, 0);
	sys_call1(SYS_umask, mask_at_take);
	changed = look_through = directory_changed = umask_changed = false;
	made_highest = -1;
	return 0;
}

static void own_unknown(int fd)
{
	const struct fd_record *r = fd_at(fd);

	if (r && !r->base && !r->made)
		system_own_fd(fd);
}

void system_own_unknown(void)
{
	for_each_open(own_unknown);
}

static void close_unknown(int fd)
{
	const struct fd_record *r = fd_at(fd);

	if (!r ? fd < high_first : !r->base && r->class != FD_ENGINE)
		sys_close(fd);
}

void fd_close_all(void)
{
	for (int fd = 0; fd < FD_MAX; fd++) {
		if (records[fd].class == FD_ENGINE ||
		    (records[fd].class == FD_CLOSED && !records[fd].made))
			continue;
		fd_losing(fd);
		sys_close(fd);
		fd_lost(fd);
	}
	if (look_through)
		for_each_open(close_unknown);
}

static void restore_base(struct base *b)
{
	struct fd_record *r = fd_at(b->fd);

	if (r->changed && b->backup >= 0) {
		sys_call3(SYS_dup3, b->backup, b->fd, b->flags & FD_CLOEXEC ? O_CLOEXEC : 0);
		r->changed = 0;
		b->moved = 1;
	}
	r->made = 0;
	r->class = b->class;
	r->tag = b->tag;
	if (!b->moved)
		return;
	sys_call3(SYS_fcntl, b->fd, F_SETFL, b->status);
	sys_call3(SYS_fcntl, b->fd, F_SETFD, b->flags);
	if (b->offset >= 0)
		sys_call3(SYS_lseek, b->fd, b->offset, SEEK_SET);
	b->moved = 0;
}

void fd_rewind(void)
{
	for (unsigned i = 0; i < base_count; i++) {
		sys_call3(SYS_fcntl, bases[i].fd, F_SETFL, bases[i].status);
		if (bases[i].offset >= 0)
			sys_call3(SYS_lseek, bases[i].fd, bases[i].offset, SEEK_SET);
	}
}

void fd_reset(void)
{
	if (!changed)
		return;
	for (int fd = 0; fd <= made_highest; fd++) {
		struct fd_record *r = &records[fd];

		if (!r->made)
			continue;
		if (!r->base)
			sys_close(fd);
		*r = (struct fd_record){ .class = FD_CLOSED,
					 .base = r->base,
					 .base_index = r->base_index,
					 .changed = r->changed };
	}
	made_highest = -1;
	for (unsigned i = 0; i < base_count; i++)
		restore_base(&bases[i]);
	if (look_through)
		for_each_open(close_unknown);
	if (directory_changed && directory >= 0)
		sys_call1(SYS_fchdir, directory);
	if (umask_changed)
		sys_call1(SYS_umask, mask_at_take);
	changed = look_through = directory_changed = umask_changed = false;
}
