/* SPDX-License-Identifier: Apache-2.0 */
#include "jostle/library.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jostle/say.h"

int library_find(char *path)
{
	const char *given = getenv("JOSTLE_LIBRARY");
	char own[PATH_MAX];
	ssize_t length;

	if (given && given[0]) {
		if (!realpath(given, path))
			return say_error(EXIT_USAGE, "JOSTLE_LIBRARY=%s: %s", given,
					 strerror(errno));
		return 0;
	}
	length = readlink("/proc/self/exe", own, sizeof(own) - sizeof("/../lib/libjostle.so"));
	if (length <= 0)
		return say_error(EXIT_USAGE, "cannot find the command's own place by /proc: %s",
				 strerror(errno));
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	strcat(own, "/../lib/libjostle.so");
	if (!realpath(own, path))
		return say_error(EXIT_USAGE, "%s: %s; build it, or name it in JOSTLE_LIBRARY", own,
				 strerror(errno));
	return 0;
}

int library_standin_folder(char *path)
{
	char library[PATH_MAX];
	int code = library_find(library);

	if (code)
		return code;
	*strrchr(library, '/') = '\0';
	if (snprintf(path, PATH_MAX, "%s/jostle", library) >= PATH_MAX)
		return say_error(EXIT_USAGE, "%s: the path is too long", library);
	if (access(path, X_OK) < 0)
		return say_error(EXIT_USAGE, "%s: %s; build or install jostle again", path,
				 strerror(errno));
	return 0;
}
