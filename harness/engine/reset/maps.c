/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading /proc/self/maps. The kernel hands out whole lines, about a page of them with each read,
 * and continues at the next mapping by address: a file of thousands of lines is a loop over one
 * buffer. A line that has not arrived whole moves to the buffer's start and waits for the rest.
 *
 *	start-end perms offset major:minor inode [spaces path]
 */
#include "engine/reset/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/str.h"
#include "base/sys.h"

#define LISTS_WISH 0x1a0000000000UL /* between the board and the snapshot */

enum { BUFFER_BYTES = 16 << 10 }; /* a path is at most 4 KiB */

/* Reads digits up to @stop and leaves *@at behind it. */
static bool number(char **at, unsigned int base, char stop, uint64_t *value)
{
	char *next = *at;

	*value = 0;
	for (; *next != stop; next++) {
		const unsigned int low = (unsigned char)*next | 0x20;
		const unsigned int digit = low >= 'a' ? low - 'a' + 10 : low - '0';

		if (digit >= base)
			return false;
		*value = *value * base + digit;
	}
	if (next == *at)
		return false;
	*at = next + 1;
	return true;
}

static bool permissions(char **at, struct maps_entry *entry)
{
	static const char letters[4] = { 'r', 'w', 'x', 's' };
	const char *next = *at;

	for (int i = 0; i < 4; i++)
		if (next[i] != letters[i] && next[i] != (i == 3 ? 'p' : '-'))
			return false;
	if (next[4] != ' ')
		return false;
	entry->protection = (next[0] == 'r' ? PROT_READ : 0) | (next[1] == 'w' ? PROT_WRITE : 0) |
			    (next[2] == 'x' ? PROT_EXEC : 0);
	entry->shared = next[3] == 's';
	*at += 5;
	return true;
}

bool maps_parse(char *line, struct maps_entry *entry)
{
	uint64_t start, end, major, minor;

	if (!number(&line, 16, '-', &start) || !number(&line, 16, ' ', &end) ||
	    !permissions(&line, entry) || !number(&line, 16, ' ', &entry->offset) ||
	    !number(&line, 16, ':', &major) || !number(&line, 16, ' ', &minor))
		return false;
	entry->start = (uintptr_t)start;
	entry->end = (uintptr_t)end;
	entry->device_major = (uint32_t)major;
	entry->device_minor = (uint32_t)minor;
	/* The inode is the last number and ends with the line where there is no path. */
	entry->inode = 0;
	if (*line < '0' || *line > '9')
		return false;
	for (; *line >= '0' && *line <= '9'; line++)
		entry->inode = entry->inode * 10 + (uint64_t)(*line - '0');
	while (*line == ' ')
		line++;
	entry->path = line;
	return start < end;
}

/* Visits the whole lines in [buffer, buffer + size) and returns how many bytes they were. */
static long visit_lines(char *buffer, size_t size, maps_visit visit, void *context)
{
	struct maps_entry entry;
	char *line = buffer;

	for (char *next = buffer; next < buffer + size; next++) {
		if (*next != '\n')
			continue;
		*next = '\0';
		if (!maps_parse(line, &entry))
			return -EPROTO;
		visit(&entry, context);
		line = next + 1;
	}
	return line - buffer;
}

int maps_read(maps_visit visit, void *context)
{
	static char buffer[BUFFER_BYTES];
	size_t filled = 0;
	long result;
	const long fd = sys_openat(AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return (int)fd;
	for (;;) {
		result = -E2BIG;
		if (filled == sizeof(buffer))
			break;
		result = sys_read((int)fd, buffer + filled, sizeof(buffer) - filled);
		if (result == -EINTR)
			continue;
		if (result <= 0)
			break;
		filled += (size_t)result;
		result = visit_lines(buffer, filled, visit, context);
		if (result < 0)
			break;
		filled -= (size_t)result;
		for (size_t i = 0; i < filled; i++)
			buffer[i] = buffer[(size_t)result + i];
	}
	sys_close((int)fd);
	return (int)result;
}

/*
 * Not where the kernel would put the program's next mapping, which would lie elsewhere without a
 * snapshot: garbage collectors and tables of objects go by addresses. It is free, or the kernel
 * chooses another.
 */
static void *reserve(size_t size)
{
	static uintptr_t wish = LISTS_WISH;
	const long address = sys_mmap((void *)wish, size, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (sys_failed(address))
		return NULL;
	if ((uintptr_t)address == wish)
		wish += size;
	return (void *)address;
}

/* The list's own copy of @path; neighbours of one file share theirs. NULL: no room. */
static const char *keep_path(struct maps_list *list, const char *path)
{
	const size_t size = str_length(path) + 1;
	char *copy = list->paths + list->paths_used;

	if (list->count > 0 && str_equal(list->entries[list->count - 1].path, path))
		return list->entries[list->count - 1].path;
	if (list->paths_used + size > MAPS_PATHS_BYTES)
		return NULL;
	memcpy(copy, path, size);
	list->paths_used += size;
	return copy;
}

static void append(const struct maps_entry *entry, void *context)
{
	struct maps_list *list = context;
	const char *path;

	if (list->error != 0)
		return;
	path = keep_path(list, entry->path);
	if (!path || list->count == MAPS_ENTRIES_MAX) {
		list->error = -ENOSPC;
		return;
	}
	list->entries[list->count] = *entry;
	list->entries[list->count++].path = path;
}

int maps_list_read(struct maps_list *list)
{
	int error;

	if (!list->entries)
		list->entries = reserve(MAPS_LIST_BYTES);
	if (!list->paths)
		list->paths = reserve(MAPS_PATHS_BYTES);
	if (!list->entries || !list->paths)
		return -ENOMEM;
	list->count = 0;
	list->paths_used = 0;
	list->error = 0;
	error = maps_read(append, list);
	return error != 0 ? error : list->error;
}

void maps_list_fini(struct maps_list *list)
{
	if (list->entries)
		sys_munmap(list->entries, MAPS_LIST_BYTES);
	if (list->paths)
		sys_munmap(list->paths, MAPS_PATHS_BYTES);
	*list = (struct maps_list){ 0 };
}
