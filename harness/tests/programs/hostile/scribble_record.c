/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes over what is recorded of it, and nothing else, so that it goes on: a file that it has
 * mapped and did not map.
 */
#include "hostile.h"
#include <dirent.h>

static void misbehave(void)
{
	DIR *folder = opendir("/proc/self/map_files");
	struct dirent *entry;
	uintptr_t starts[16];
	int count = 0;

	while (folder && (entry = readdir(folder)) && count < 16) {
		char name[300], file[300];
		uintptr_t end;
		ssize_t length;

		snprintf(name, sizeof(name), "/proc/self/map_files/%s", entry->d_name);
		length = readlink(name, file, sizeof(file) - 1);
		if (length < 0)
			continue;
		file[length] = '\0';
		if (strstr(file, "jostle-board"))
			count += sscanf(entry->d_name, "%lx-%lx", &starts[count], &end) == 2;
	}
	while (count-- > 0)
		memset((void *)starts[count], 0xee, 64);
}
