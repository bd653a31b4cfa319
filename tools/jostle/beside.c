/* SPDX-License-Identifier: Apache-2.0 */
#include "jostle/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int write_all(int fd, const void *bytes, size_t size)
{
	for (const char *at = bytes; size;) {
		ssize_t written = write(fd, at, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return errno;
		at += written;
		size -= (size_t)written;
	}
	return 0;
}

/* As of any file that is made: mkostemp() gives the owner alone what the user's mask may allow. */
static int allow_by_mask(int fd)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0666 & ~mask);
}

static void open_beside(struct beside *beside)
{
	int length = snprintf(beside->path, sizeof(beside->path), "%s.XXXXXX", beside->place);

	if (length < 0 || length >= (int)sizeof(beside->path)) {
		beside->error = ENAMETOOLONG;
		beside->path[0] = '\0';
		return;
	}
	beside->fd = mkostemp(beside->path, O_CLOEXEC);
	if (beside->fd < 0) {
		beside->error = errno;
		beside->path[0] = '\0';
	} else if (allow_by_mask(beside->fd) < 0 && errno != EPERM && errno != ENOTSUP) {
		/* File systems without modes refuse them, and need none. */
		beside->error = errno;
	}
}

/* Whether a name leads to one of our descriptors: a file that others hold open must stay that one.
 */
static bool names_descriptor(const char *file)
{
	static const char *const folders[] = { "/dev/std", "/dev/fd/", "/proc/" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strncmp(file, folders[i], strlen(folders[i])) == 0)
			return true;
	return false;
}

void beside_open(struct beside *beside, const char *file)
{
	struct stat status;

	*beside = (struct beside){ .fd = -1 };
	if (stat(file, &status) == 0 && (!S_ISREG(status.st_mode) || names_descriptor(file))) {
		beside->fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
		beside->error = beside->fd < 0 ? errno : 0;
	} else if (realpath(file, beside->place)) {
		open_beside(beside);
	} else if (strlen(file) < sizeof(beside->place)) {
		strcpy(beside->place, file);
		open_beside(beside);
	} else {
		beside->error = ENAMETOOLONG;
	}
}

void beside_write(struct beside *beside, const void *bytes, size_t size)
{
	if (!beside->error)
		beside->error = write_all(beside->fd, bytes, size);
}

int beside_close(struct beside *beside)
{
	/* Not every kind of file can be synchronised, and that is no reason to fail. */
	if (!beside->error && fsync(beside->fd) < 0 && errno != EINVAL && errno != EROFS)
		beside->error = errno;
	if (beside->fd >= 0 && close(beside->fd) < 0 && !beside->error)
		beside->error = errno;
	if (!beside->error && beside->path[0] && rename(beside->path, beside->place) < 0)
		beside->error = errno;
	if (beside->error && beside->path[0])
		unlink(beside->path);
	return beside->error;
}
