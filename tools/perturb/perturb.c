/* SPDX-License-Identifier: Apache-2.0 */
/* The board's memory file, where the library is, and the environment that names both. */
#include "perturb/perturb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "campaign/worker.h"
#include "jostle/say.h"

#define SIZE    sizeof(struct perturb_board)
#define LIBRARY "libjostle-perturb.so"

/* JOSTLE_PERTURB_LIBRARY, or ../lib/libjostle-perturb.so beside the command. */
static int find_library(struct perturb *perturb)
{
	const char *given = getenv("JOSTLE_PERTURB_LIBRARY");
	char own[PATH_MAX];
	ssize_t length;

	if (given && given[0]) {
		if (!realpath(given, perturb->library))
			return say_error(EXIT_USAGE, "JOSTLE_PERTURB_LIBRARY=%s: %s", given,
					 strerror(errno));
		return 0;
	}
	length = readlink("/proc/self/exe", own, sizeof(own) - sizeof("/../lib/" LIBRARY));
	if (length <= 0)
		return say_error(EXIT_USAGE, "cannot find the command's own place by /proc: %s",
				 strerror(errno));
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	strcat(own, "/../lib/" LIBRARY);
	if (!realpath(own, perturb->library))
		return say_error(EXIT_USAGE,
				 "%s: %s; build it, or name it in JOSTLE_PERTURB_LIBRARY", own,
				 strerror(errno));
	return 0;
}

/* The loader splits LD_PRELOAD at blanks and colons; a descriptor has a name without them. */
static int name_library(struct perturb *perturb)
{
	if (!strpbrk(perturb->library, " :\t\n"))
		return 0;
	perturb->library_fd = open(perturb->library, O_RDONLY | O_CLOEXEC);
	if (perturb->library_fd < 0)
		return say_error(EXIT_USAGE, "%s: %s", perturb->library, strerror(errno));
	snprintf(perturb->library, sizeof(perturb->library), "/proc/%d/fd/%d", (int)getpid(),
		 perturb->library_fd);
	return 0;
}

int perturb_open(struct perturb *perturb)
{
	void *memory = MAP_FAILED;

	*perturb = (struct perturb){ .fd = -1, .library_fd = -1 };
	if (find_library(perturb) || name_library(perturb))
		return EXIT_USAGE;
	perturb->fd = memfd_create("jostle-perturb", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (perturb->fd >= 0 && ftruncate(perturb->fd, SIZE) == 0 &&
	    fcntl(perturb->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, perturb->fd, 0);
	if (memory == MAP_FAILED)
		return say_error(EXIT_USAGE, "cannot make the shared memory file: %s%s",
				 strerror(errno), errno == EFBIG ? "; see ulimit -f" : "");
	perturb->board = memory;
	return 0;
}

void perturb_close(struct perturb *perturb)
{
	if (perturb->board)
		munmap(perturb->board, SIZE);
	if (perturb->fd >= 0)
		close(perturb->fd);
	if (perturb->library_fd >= 0)
		close(perturb->library_fd);
	*perturb = (struct perturb){ .fd = -1, .library_fd = -1 };
}

void perturb_configure_as(struct perturb *perturb, const struct perturb_config *config)
{
	if (fallocate(perturb->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE) < 0)
		memset(perturb->board, 0, SIZE);
	perturb->configured_ns = clock_now_ns();
	perturb->board->config = *config;
	perturb->board->size = SIZE;
	perturb->board->magic = PERTURB_MAGIC;
}

void perturb_configure(struct perturb *perturb, uint64_t seed, uint64_t run,
		       const struct perturb_learned *learned)
{
	const struct perturb_config config = perturb_plan(seed, run, learned);

	perturb_configure_as(perturb, &config);
}

static bool is_entry(const char *entry, const char *name)
{
	const size_t length = strlen(name);

	return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static char *checked(char *text, int length)
{
	if (length < 0)
		abort();
	return text;
}

char **perturb_environment(const struct perturb *perturb, char *const *base)
{
	const char *preloaded = NULL;
	size_t count = 0, at = 0;
	char **environment, *text = NULL;
	int length;

	while (base[count])
		count++;
	environment = calloc(count + 4, sizeof(*environment));
	if (!environment)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (is_entry(base[i], "LD_PRELOAD"))
			preloaded = base[i] + strlen("LD_PRELOAD=");
		else if (strncmp(base[i], "JOSTLE_", 7) != 0)
			environment[at++] = strdup(base[i]);
	}
	length = asprintf(&text, "LD_PRELOAD=%s%s%s", perturb->library,
			  preloaded && preloaded[0] ? ":" : "", preloaded ? preloaded : "");
	environment[at++] = checked(text, length);
	length = asprintf(&text, "%s=/proc/%d/fd/%d", PERTURB_ENV, (int)getpid(), perturb->fd);
	environment[at++] = checked(text, length);
	return environment;
}

void perturb_environment_set(char **environment, const char *name, const char *value)
{
	char *text = NULL;
	const int length = asprintf(&text, "%s=%s", name, value);
	size_t at = 0;

	while (environment[at] && !is_entry(environment[at], name))
		at++;
	free(environment[at]);
	environment[at] = checked(text, length);
}

void perturb_environment_free(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		free(environment[i]);
	free(environment);
}
