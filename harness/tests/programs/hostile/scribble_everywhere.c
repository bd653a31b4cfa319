/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a few bytes into every 16th page of each writable mapping but the stack it stands on:
 * libc's data, the allocator's, and what belongs to whoever watches the program. That is not in the
 * list of mappings that it sees; of files that are mapped there is another one. The mappings are
 * listed first, so that it does not stumble over what it broke before all is broken.
 */
#include "hostile.h"
#include <dirent.h>
#include <fcntl.h>

static char maps[1 << 18];
static struct {
	uintptr_t start, end;
} targets[1024];

/* Is it writable, in the kernel's opinion? */
static int takes_a_byte(int zero, uintptr_t at)
{
	return read(zero, (void *)at, 1) == 1;
}

static int add_files(int count)
{
	DIR *folder = opendir("/proc/self/map_files");
	const int zero = open("/dev/zero", O_RDONLY), first = count;
	struct dirent *entry;

	while (folder && (entry = readdir(folder)) && count < 1024)
		count += sscanf(entry->d_name, "%lx-%lx", &targets[count].start,
				&targets[count].end) == 2;
	for (int i = first; i < count; i++)
		if (!takes_a_byte(zero, targets[i].start))
			targets[i--] = targets[--count];
	return count;
}

static void misbehave(void)
{
	const int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t length = 0, got;
	int count = 0;

	while ((got = read(fd, maps + length, sizeof(maps) - 1 - (size_t)length)) > 0)
		length += got;
	close(fd);
	maps[length] = '\0';
	for (char *line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
		const uintptr_t here = (uintptr_t)&line;
		uintptr_t start, end;
		char access[8];

		if (sscanf(line, "%lx-%lx %7s", &start, &end, access) != 3 || access[1] != 'w' ||
		    (here >= start && here < end) || count == 1024)
			continue;
		if (end - start > 64UL << 20)
			end = start + (64UL << 20);
		targets[count].start = start;
		targets[count++].end = end;
	}
	count = add_files(count);
	for (int i = count; i-- > 0;) {
		/* Not the list itself. */
		if (targets[i].start <= (uintptr_t)targets && (uintptr_t)targets < targets[i].end)
			continue;
		for (uintptr_t at = targets[i].start; at < targets[i].end; at += 16UL * 4096)
			for (int byte = 0; byte < 64; byte++)
				((volatile char *)at)[byte] = (char)0xee;
	}
}
