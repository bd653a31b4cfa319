/* SPDX-License-Identifier: Apache-2.0 */
/* Where the library is, and the environment with which a target starts. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "campaign/process.h"
#include "jostle/library.h"
#include "jostle/say.h"

#define HIGH_DEFAULT 900
#define HIGH_NEEDED  16 /* descriptors that the engine and the command use from there on */
/* The engine tries ever lower numbers for its own, which end near 40. */
#define FILES_NEEDED 64
#define LIBRARY_SLOT 3 /* HIGH_LIBRARY of process.c */
#define STANDIN_SLOT 6 /* HIGH_STANDIN */

static bool is_replaced(const char *entry)
{
	static const char *const names[] = { "LD_PRELOAD=", BOARD_ENV "=", BOARD_ENV_BIND "=",
					     BOARD_ENV_SPIN "=", "LD_BIND_NOW=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static char *text_of(const char *format, const char *a, const char *b, const char *c)
{
	char *text;

	if (asprintf(&text, format, a, b, c) < 0)
		abort();
	return text;
}

/* Ours first, so that the place of what follows on the stack does not depend on the order of the
 * rest. */
static void make_environment(struct launch *launch, const char *library)
{
	const char *old = getenv("LD_PRELOAD"), *bind_now = getenv("LD_BIND_NOW");
	char number[16];
	size_t count = 0, at = 0;

	while (environ[count])
		count++;
	launch->environment = calloc(count + 7, sizeof(char *));
	if (!launch->environment)
		abort();
	snprintf(number, sizeof(number), "%d", launch->high);
	launch->environment[at++] =
		text_of("LD_PRELOAD=%s%s%s", library, old && old[0] ? ":" : "", old ? old : "");
	launch->environment[at++] = text_of("%s=%s%s", BOARD_ENV, number, "");
	/* Symbols that are looked up in the midst of a schedule would be looked up again in each.
	 */
	launch->environment[at++] =
		text_of("LD_BIND_NOW=%s%s%s", bind_now ? bind_now : "1", "", "");
	if (!bind_now)
		launch->environment[at++] = text_of("%s=1%s%s", BOARD_ENV_BIND, "", "");
	if (!getenv(GOMP_SPIN) && !getenv(GOMP_POLICY)) {
		launch->environment[at++] = text_of("%s=0%s%s", GOMP_SPIN, "", "");
		launch->environment[at++] = text_of("%s=1%s%s", BOARD_ENV_SPIN, "", "");
	}
	for (size_t i = 0; i < count; i++)
		if (!is_replaced(environ[i]))
			launch->environment[at++] = text_of("%s%s%s", environ[i], "", "");
}

/*
 * Adds one library to the preload. The loader splits LD_PRELOAD at blanks and colons; a descriptor
 * has a name without them.
 */
static int preload(struct launch *launch, const char *path, int *fd, int slot)
{
	size_t length = strlen(launch->preload);
	char *end = launch->preload + length;
	size_t room = sizeof(launch->preload) - length;
	const char *separator = length ? ":" : "";

	if (!strpbrk(path, " :\t\n"))
		return (size_t)snprintf(end, room, "%s%s", separator, path) < room
			       ? 0
			       : say_error(EXIT_USAGE, "%s: the path is too long", path);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return say_error(EXIT_USAGE, "%s: %s", path, strerror(errno));
	snprintf(end, room, "%s/proc/self/fd/%d", separator, launch->high + slot);
	return 0;
}

/* A program that was linked with libtsan.so.2 gets ours under that name. */
static int prepare_preload(struct launch *launch, const struct target *target)
{
	char path[PATH_MAX];
	const char *tsan = target ? target->elf.tsan_library : "";
	int code = library_find(path);

	if (code == 0)
		code = preload(launch, path, &launch->library_fd, LIBRARY_SLOT);
	if (code || !tsan[0])
		return code;
	code = library_standin_folder(path);
	if (code)
		return code;
	if (strlen(path) + strlen(tsan) + 2 > sizeof(path))
		return say_error(EXIT_USAGE, "%s: the path is too long", path);
	strcat(strcat(path, "/"), tsan);
	if (access(path, R_OK) < 0)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: needs %s, for which jostle has no stand-in; build it with "
				 "jostle cc",
				 target->argv[0], tsan);
	return preload(launch, path, &launch->standin_fd, STANDIN_SLOT);
}

int launch_prepare(struct launch *launch, const struct target *target, const struct input *input)
{
	struct rlimit limit;
	int code;

	*launch = (struct launch){ .target = target,
				   .input = input,
				   .library_fd = -1,
				   .standin_fd = -1,
				   .keep_fd = -1,
				   .high = HIGH_DEFAULT };
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < HIGH_DEFAULT + HIGH_NEEDED)
		launch->high = (int)limit.rlim_max - HIGH_NEEDED;
	if (launch->high < FILES_NEEDED - HIGH_NEEDED)
		return say_error(EXIT_USAGE,
				 "the limit of %llu open files is too low: jostle needs %d; see "
				 "ulimit -n",
				 (unsigned long long)limit.rlim_max, FILES_NEEDED);
	if (target && target->elf.instrumented && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: an instrumented program needs a file without a limit for its "
				 "shadow memory; see ulimit -f",
				 target->argv[0]);
	code = prepare_preload(launch, target);
	if (code == 0)
		make_environment(launch, launch->preload);
	return code;
}

void launch_prepare_bare(struct launch *launch, const struct target *target,
			 const struct input *input)
{
	*launch = (struct launch){ .target = target,
				   .input = input,
				   .library_fd = -1,
				   .standin_fd = -1,
				   .keep_fd = -1,
				   .high = HIGH_DEFAULT,
				   .bare = true };
}

void launch_finish(struct launch *launch)
{
	for (size_t i = 0; launch->environment && launch->environment[i]; i++)
		free(launch->environment[i]);
	free(launch->environment);
	launch->environment = NULL;
	if (launch->library_fd >= 0)
		close(launch->library_fd);
	launch->library_fd = -1;
	if (launch->standin_fd >= 0)
		close(launch->standin_fd);
	launch->standin_fd = -1;
	if (launch->keep_fd >= 0)
		close(launch->keep_fd);
	launch->keep_fd = -1;
}
