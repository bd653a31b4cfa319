/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program to be run, looked at before it is started: whether it can be controlled at all is
 * decided from its file, with one sentence that says what to do instead. Everything that is learned
 * only while it runs is the engine's to refuse.
 */
#ifndef JOSTLE_TOOL_TARGET_H
#define JOSTLE_TOOL_TARGET_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_check.h"

struct target {
	char path[PATH_MAX]; /* absolute, symbolic links not resolved: what is executed */
	char **argv;         /* the caller's, argv[0] as given; NULL-terminated */
	size_t argc;
	struct elf_facts elf;
	uint64_t digest; /* of the file's bytes */
};

/* Over the bytes of a file. */
uint64_t file_digest(int fd);

/*
 * Finds argv[0] as execvp would and inspects it. Returns 0, EXIT_USAGE or EXIT_UNCONTROLLED, the
 * reason having been said. argv must outlive target.
 */
int target_open(struct target *target, char **argv, size_t argc);

/* The same; ThreadSanitizer's runtime may be inside, or be a library that is not gcc's. */
int target_open_tsan(struct target *target, char **argv, size_t argc);

/* "3f0a..." into text, which needs 2 * size + 1 bytes. */
void build_id_text(const uint8_t *build_id, size_t size, char *text);

#endif
