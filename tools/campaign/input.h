/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program reads as standard input. It must read the same in each schedule, so a pipe is
 * read to its end first and kept in memory (in a file when it is big), and each target gets a
 * description of its own, whose position nobody else moves.
 */
#ifndef JOSTLE_TOOL_INPUT_H
#define JOSTLE_TOOL_INPUT_H

#include <stdbool.h>

struct input {
	int fd;            /* -1: /dev/null */
	bool gave_nothing; /* a pipe that neither wrote nor closed within the patience below: the
			      program reads nothing */
};

#define INPUT_MEMORY_MAX (64U << 20) /* beyond it goes to an unlinked file in TMPDIR */
#define INPUT_PATIENCE_MS \
	2000 /* for the first byte of a pipe; once it wrote, it is read to the end */

/* file: of --stdin, or NULL for the command's own. Returns 0 or EXIT_USAGE, the reason having been
 * said. */
int input_open(struct input *input, const char *file);
void input_close(struct input *input);

/* Copies what the program reads, so that a replay can read it again. Returns 0 or EXIT_USAGE, the
 * reason having been said. */
int input_save(const struct input *input, const char *file);

/* A new description at position 0, close-on-exec, for one target; -1 on failure, errno set. */
int input_for_target(const struct input *input);

#endif
