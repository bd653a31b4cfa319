/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program may leave folders without permissions behind: they are given back before their contents
 * are removed.
 *
 * A command that is killed leaves its folders behind. Who makes one holds a lock of it, which the
 * kernel gives back with the process; a folder of the same user's that nobody has locked is
 * nobody's, and the next command removes it. Its name has the process's number, so that most are
 * passed over unopened. Where locks are not had, nothing is removed.
 */
#include "campaign/workfolder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/say.h"
#include "record/board.h"

#define DEPTH_OPEN  16 /* folders that are held open while removing */
#define NAME        "jostle-work-"
#define PID_DIGITS  7 /* of the greatest process number of Linux */
#define CHANCE      "-XXXXXX"
#define NAME_LENGTH (sizeof(NAME) - 1 + PID_DIGITS + sizeof(CHANCE) - 1)
#define TRIES_MAX   16

const char *workfolder_parent(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && folder[0] == '/' ? folder : "/tmp";
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

static void remove_all(const char *path)
{
	nftw(path, make_passable, DEPTH_OPEN, FTW_PHYS | FTW_MOUNT);
	nftw(path, remove_one, DEPTH_OPEN, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}

void workfolder_remove(const char *path, int lock)
{
	if (!path[0])
		return;
	remove_all(path);
	if (lock >= 0)
		close(lock);
}

/* The number of the process that made a folder of this name; 0: none of ours. */
static pid_t maker_of(const char *name)
{
	const char *digits = name + sizeof(NAME) - 1;

	if (strlen(name) != NAME_LENGTH || strncmp(name, NAME, sizeof(NAME) - 1) != 0)
		return 0;
	for (int i = 0; i < PID_DIGITS; i++)
		if (!isdigit((unsigned char)digits[i]))
			return 0;
	return (pid_t)strtol(digits, NULL, 10);
}

static void remove_abandoned(int parent, const char *folder, const char *name)
{
	const pid_t maker = maker_of(name);
	char path[BOARD_PATH_MAX];
	struct stat status;
	int fd;

	if (maker <= 0 || kill(maker, 0) == 0 || errno != ESRCH)
		return;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) < sizeof(path))
		remove_all(path);
	close(fd);
}

/* Once a command. */
static void sweep(const char *folder)
{
	static bool swept;
	struct dirent *entry;
	DIR *list;

	if (swept)
		return;
	swept = true;
	list = opendir(folder);
	while (list && (entry = readdir(list)))
		remove_abandoned(dirfd(list), folder, entry->d_name);
	if (list)
		closedir(list);
}

/* Locked before it is somebody's: another command may have found it in between, and removed it. */
static bool lock_folder(const char *path, int *lock)
{
	struct stat opened, there;

	*lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*lock < 0)
		return errno != ENOENT;
	flock(*lock, LOCK_EX);
	if (fstat(*lock, &opened) == 0 && stat(path, &there) == 0 &&
	    opened.st_dev == there.st_dev && opened.st_ino == there.st_ino)
		return true;
	close(*lock);
	return false;
}

int workfolder_make(char *path, size_t size, int *lock)
{
	const char *folder = workfolder_parent();

	sweep(folder);
	for (int i = 0; i < TRIES_MAX; i++) {
		if ((size_t)snprintf(path, size, "%s/" NAME "%0*d" CHANCE, folder, PID_DIGITS,
				     getpid()) >= size ||
		    !mkdtemp(path))
			break;
		if (lock_folder(path, lock))
			return 0;
	}
	path[0] = '\0';
	return say_error(EXIT_USAGE, "cannot make a working folder in %s: %s", folder,
			 strerror(errno));
}
