/* SPDX-License-Identifier: Apache-2.0 */
#include "symbols/modules.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/source.h"
#include "symbols/elf_check.h"

#define SHOWN_MAX 8

void modules_add(struct modules *modules, const char *path)
{
	size_t at = 0;

	if (!strchr(path, '/') || modules->count == MODULES_MAX)
		return; /* the vdso has no file */
	while (at < modules->count && strcmp(modules->paths[at], path) < 0)
		at++;
	if (at < modules->count && strcmp(modules->paths[at], path) == 0)
		return;
	memmove(&modules->paths[at + 1], &modules->paths[at],
		(modules->count - at) * sizeof(modules->paths[0]));
	modules->paths[at] = strdup(path);
	if (!modules->paths[at])
		abort();
	modules->count++;
}

void modules_fini(struct modules *modules)
{
	for (size_t i = 0; i < modules->count; i++)
		free(modules->paths[i]);
	modules->count = 0;
}

static bool is_known(const char *path)
{
	static const char *const names[] = { "ld-linux",      "libc.so",      "libm.so",
					     "libpthread.so", "libdl.so",     "librt.so",
					     "libgcc_s.so",   "libstdc++.so", "libc++.so",
					     "libjostle",     "libtsan.so",   "libmvec.so" };
	const char *name = source_base(path);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool is_instrumented(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct elf_facts facts = { .instrumented = true };

	if (fd < 0)
		return false;
	if (!elf_look(fd, &facts))
		facts.instrumented = false;
	close(fd);
	return facts.instrumented;
}

const char *modules_uninstrumented(const struct modules *modules, struct pool *pool)
{
	const char *text = NULL;
	size_t count = 0;

	for (size_t i = 0; i < modules->count; i++) {
		const char *path = modules->paths[i];

		if (is_known(path) || is_instrumented(path))
			continue;
		if (count++ < SHOWN_MAX)
			text = pool_format(pool, "%s%s%s", text ? text : "", text ? ", " : "",
					   source_base(path));
	}
	return count > SHOWN_MAX ? pool_format(pool, "%s and %zu more", text, count - SHOWN_MAX)
				 : text;
}
