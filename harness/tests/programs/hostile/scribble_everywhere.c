/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a word into the middle of every writable mapping that is not a stack of its own. */
#include "hostile.h"
#include <fcntl.h>

static char maps[1 << 18];

static void misbehave(void)
{
	const int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t length = 0, got;

	while ((got = read(fd, maps + length, sizeof(maps) - 1 - (size_t)length)) > 0)
		length += got;
	close(fd);
	maps[length] = '\0';
	for (char *line = strtok(maps, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned long start, end;
		char access[8];

		if (sscanf(line, "%lx-%lx %7s", &start, &end, access) == 3 && access[1] == 'w')
			memset((void *)(start + (end - start) / 2), 0xee, 64);
	}
}
