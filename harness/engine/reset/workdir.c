/* SPDX-License-Identifier: Apache-2.0 */
/* Copies and removes trees with raw system calls: see workdir.h. */
#include "engine/reset/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/sys.h"
#include "engine/state.h"

/* As getdents64 lays it out. */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type;
	char name[];
};

#define DEPTH_MAX     24 /* folders below each other; the engine's stack holds a buffer for each */
#define ENTRIES_BYTES 4096

typedef int (*visit_fn)(int from, int to, const char *name, uint8_t type, unsigned depth);

static int walk(int from, int to, visit_fn visit, unsigned depth)
{
	char buffer[ENTRIES_BYTES] __attribute__((aligned(8)));

	for (;;) {
		const long got = sys_call3(SYS_getdents64, from, (long)buffer, sizeof(buffer));

		if (got <= 0)
			return (int)got;
		for (long at = 0; at < got;) {
			const struct entry *entry =
				(const struct entry *)(const void *)(buffer + at);
			int error;

			at += entry->length;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
				continue;
			error = visit(from, to, entry->name, entry->type, depth);
			if (error)
				return error;
		}
	}
}

static int remove_entry(int from, int to, const char *name, uint8_t type, unsigned depth)
{
	(void)to;
	if (type == DT_DIR && depth < DEPTH_MAX) {
		const long fd = sys_call4(SYS_openat, from, (long)name,
					  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);

		if (fd >= 0) {
			walk((int)fd, -1, remove_entry, depth + 1);
			sys_call1(SYS_close, fd);
		}
		return (int)sys_call3(SYS_unlinkat, from, (long)name, AT_REMOVEDIR);
	}
	return (int)sys_call3(SYS_unlinkat, from, (long)name, 0);
}

static int copy_file(int from, int to, const char *name, mode_t mode)
{
	const long in = sys_call4(SYS_openat, from, (long)name, O_RDONLY | O_CLOEXEC, 0);
	long out, moved;

	if (in < 0)
		return (int)in;
	out = sys_call4(SYS_openat, to, (long)name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			(long)mode);
	if (out < 0) {
		sys_call1(SYS_close, in);
		return (int)out;
	}
	do
		moved = sys_call6(SYS_copy_file_range, in, 0, out, 0, 1L << 30, 0);
	while (moved > 0);
	if (moved == -EXDEV || moved == -EINVAL || moved == -EOPNOTSUPP) {
		do
			moved = sys_call4(SYS_sendfile, out, in, 0, 1L << 30);
		while (moved > 0);
	}
	sys_call1(SYS_close, in);
	sys_call1(SYS_close, out);
	return (int)moved;
}

static int copy_entry(int from, int to, const char *name, uint8_t type, unsigned depth)
{
	struct stat info;
	char target[1024];
	long length;

	(void)type;
	if (sys_call4(SYS_newfstatat, from, (long)name, (long)&info, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (S_ISLNK(info.st_mode)) {
		length = sys_call4(SYS_readlinkat, from, (long)name, (long)target,
				   sizeof(target) - 1);
		if (length < 0)
			return (int)length;
		target[length] = '\0';
		return (int)sys_call3(SYS_symlinkat, (long)target, to, (long)name);
	}
	if (S_ISREG(info.st_mode))
		return copy_file(from, to, name, info.st_mode & 07777);
	if (S_ISFIFO(info.st_mode))
		return (int)sys_call4(SYS_mknodat, to, (long)name, (long)info.st_mode, 0);
	if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX) {
		long in, out;
		int error = (int)sys_call3(SYS_mkdirat, to, (long)name,
					   (long)(info.st_mode & 07777) | 0700);

		if (error)
			return error;
		in = sys_call4(SYS_openat, from, (long)name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		out = sys_call4(SYS_openat, to, (long)name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		error = in < 0    ? (int)in
			: out < 0 ? (int)out
				  : walk((int)in, (int)out, copy_entry, depth + 1);
		if (in >= 0)
			sys_call1(SYS_close, in);
		if (out >= 0)
			sys_call1(SYS_close, out);
		return error;
	}
	return 0; /* sockets and devices are not part of a pristine */
}

int workdir_refresh(void)
{
	const struct board_config *config = &engine.board->config;
	long pristine, copy;
	int error;

	if (!config->workdir[0])
		return 0;
	pristine = sys_call4(SYS_openat, AT_FDCWD, (long)config->workdir,
			     O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (pristine < 0)
		return (int)pristine;
	copy = sys_call4(SYS_openat, AT_FDCWD, (long)config->workdir_copy,
			 O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (copy < 0) {
		sys_call1(SYS_close, pristine);
		return (int)copy;
	}
	error = walk((int)copy, -1, remove_entry, 0);
	sys_call3(SYS_lseek, copy, 0, 0);
	if (error == 0)
		error = walk((int)pristine, (int)copy, copy_entry, 0);
	if (error == 0)
		error = (int)sys_call1(SYS_fchdir, copy);
	sys_call1(SYS_close, copy);
	sys_call1(SYS_close, pristine);
	return error;
}
