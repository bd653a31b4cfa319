/* SPDX-License-Identifier: Apache-2.0 */
/* First what the file system says of the file, then what ELF says; elf_check.c has the latter. */
#include "campaign/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/hash.h"
#include "campaign/file_state.h"
#include "jostle/say.h"
#include "symbols/elf_check.h"

/* Makes candidate absolute in path. */
static bool make_absolute(char *path, const char *candidate)
{
	char cwd[PATH_MAX];

	if (candidate[0] == '/')
		return snprintf(path, PATH_MAX, "%s", candidate) < PATH_MAX;
	if (!getcwd(cwd, sizeof(cwd)))
		return false;
	if (strncmp(candidate, "./", 2) == 0)
		candidate += 2;
	return snprintf(path, PATH_MAX, "%s/%s", cwd, candidate) < PATH_MAX;
}

/* As execvp: an empty element of PATH is the current directory; a file that may not be executed is
 * passed over. */
static bool find_in_path(char *path, const char *name, bool *seen)
{
	const char *list = getenv("PATH");
	char candidate[PATH_MAX];
	struct stat status;

	*seen = false;
	if (!list)
		list = "/bin:/usr/bin";
	for (;;) {
		size_t length = strcspn(list, ":");
		int size = length ? snprintf(candidate, sizeof(candidate), "%.*s/%s", (int)length,
					     list, name)
				  : snprintf(candidate, sizeof(candidate), "%s", name);

		if (size < PATH_MAX && stat(candidate, &status) == 0 && S_ISREG(status.st_mode)) {
			*seen = true;
			if (access(candidate, X_OK) == 0)
				return make_absolute(path, candidate);
		}
		if (!list[length])
			return false;
		list += length + 1;
	}
}

static int find(struct target *target, const char *name)
{
	bool seen = false;

	if (!name[0])
		return say_error(EXIT_USAGE, "the program's name is empty");
	if (strchr(name, '/')) {
		errno = 0;
		if (make_absolute(target->path, name))
			return 0;
		return say_error(EXIT_USAGE, "%s: %s", name,
				 errno == ENOENT ? "the folder that it is relative to was removed"
						 : "the path is too long");
	}
	if (find_in_path(target->path, name, &seen))
		return 0;
	if (seen)
		return say_error(EXIT_USAGE, "%s: found in PATH, but not executable", name);
	if (access(name, F_OK) == 0)
		return say_error(EXIT_USAGE, "%s: not found in PATH; did you mean ./%s?", name,
				 name);
	return say_error(EXIT_USAGE, "%s: not found in PATH", name);
}

static int check_file(const struct target *target, const char *name, int fd)
{
	struct statvfs place;
	struct stat status;

	if (fstat(fd, &status) < 0)
		return say_error(EXIT_USAGE, "%s: %s", name, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return say_error(EXIT_USAGE, "%s: is a directory, not a program", name);
	if (!S_ISREG(status.st_mode))
		return say_error(EXIT_USAGE, "%s: is no regular file", name);
	/* root may execute what has an x for anybody; access() knows. */
	if (access(target->path, X_OK) < 0 && fstatvfs(fd, &place) == 0 && place.f_flag & ST_NOEXEC)
		return say_error(EXIT_USAGE,
				 "%s: is on a file system that is mounted noexec; copy it to "
				 "another one",
				 name);
	if (access(target->path, X_OK) < 0)
		return say_error(EXIT_USAGE, "%s: is not executable; try chmod +x", name);
	if (status.st_mode & (S_ISUID | S_ISGID))
		return say_error(EXIT_UNCONTROLLED,
				 "%s: is set-user-ID or set-group-ID, so the loader ignores "
				 "preloaded libraries; "
				 "run a copy of it without that bit",
				 name);
	if (fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: has file capabilities, so the loader ignores preloaded "
				 "libraries; run a copy of it "
				 "without them",
				 name);
	return 0;
}

static int check_script(const char *name, const char *start, size_t size)
{
	const char *interpreter = start + 2 + strspn(start + 2, " \t");
	size_t length = strcspn(interpreter, " \t\n");

	if (size < 2 || strncmp(start, "#!", 2) != 0)
		return 0;
	return say_error(
		EXIT_UNCONTROLLED,
		"%s: is a script; to run its interpreter under control: jostle run -- %.*s %s",
		name, (int)length, interpreter, name);
}

uint64_t file_digest(int fd)
{
	uint64_t hash = HASH_START, words[4096];
	off_t at = 0;
	ssize_t size;

	while ((size = pread(fd, words, sizeof(words), at)) > 0) {
		at += size;
		memset((char *)words + size, 0, sizeof(words) - (size_t)size);
		for (size_t i = 0; i < ((size_t)size + 7) / 8; i++)
			hash = hash_fold(hash, words[i]);
	}
	return hash_fold(hash, (uint64_t)at);
}

/* A command of many campaigns opens the same program for each. */
static uint64_t digest_of(int fd)
{
	static struct file_state known;
	static uint64_t digest;
	struct file_state state;
	struct stat status;

	if (fstat(fd, &status) < 0)
		return file_digest(fd);
	state = file_state_of(&status);
	if (!file_state_same(&state, &known) || !file_state_settled(&state)) {
		digest = file_digest(fd);
		known = state;
	}
	return digest;
}

static int inspect(struct target *target, const char *name, int fd)
{
	char start[256] = "";
	ssize_t size;
	int code = check_file(target, name, fd);

	if (code)
		return code;
	size = pread(fd, start, sizeof(start) - 1, 0);
	if (size < 0)
		return say_error(EXIT_USAGE, "%s: %s", name, strerror(errno));
	code = check_script(name, start, (size_t)size);
	if (code)
		return code;
	target->digest = digest_of(fd);
	return elf_check(name, fd, &target->elf);
}

static int open_target(struct target *target, char **argv, size_t argc, bool tsan)
{
	int fd, code;

	memset(target, 0, sizeof(*target));
	target->elf.tsan_allowed = tsan;
	target->argv = argv;
	target->argc = argc;
	code = find(target, argv[0]);
	if (code)
		return code;
	/* A FIFO is no program, and would be waited for. */
	fd = open(target->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return say_error(EXIT_USAGE, "%s: %s", argv[0], strerror(errno));
	code = inspect(target, argv[0], fd);
	close(fd);
	return code;
}

int target_open(struct target *target, char **argv, size_t argc)
{
	return open_target(target, argv, argc, false);
}

int target_open_tsan(struct target *target, char **argv, size_t argc)
{
	return open_target(target, argv, argc, true);
}

void build_id_text(const uint8_t *build_id, size_t size, char *text)
{
	for (size_t i = 0; i < size; i++)
		sprintf(text + 2 * i, "%02x", build_id[i]);
	text[2 * size] = '\0';
}
