/* SPDX-License-Identifier: Apache-2.0 */
/* A program may leave folders without permissions behind: they are given back before their contents
 * are removed. */
#include "campaign/workfolder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/say.h"

#define DEPTH_OPEN 16 /* folders that are held open while removing */

const char *workfolder_parent(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] == '/' ? folder : "/tmp";
}

int workfolder_make(char *path, size_t size)
{
	const char *folder = workfolder_parent();

	if ((size_t)snprintf(path, size, "%s/jostle-work-XXXXXX", folder) < size && mkdtemp(path))
		return 0;
	path[0] = '\0';
	return say_error(EXIT_USAGE, "cannot make a working folder in %s: %s", folder,
			 strerror(errno));
}

static int make_passable(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)walk;
	if (type == FTW_D || type == FTW_DNR)
		chmod(path, status->st_mode | 0700);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

void workfolder_remove(const char *path)
{
	if (!path[0])
		return;
	nftw(path, make_passable, DEPTH_OPEN, FTW_PHYS | FTW_MOUNT);
	nftw(path, remove_one, DEPTH_OPEN, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}
