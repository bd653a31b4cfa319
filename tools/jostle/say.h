/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the command says to the person in front of it, outside of a report: one sentence on standard
 * error, with the name of the command before it. Functions that fail say why exactly once, here,
 * and return an exit code; their callers pass it on.
 */
#ifndef JOSTLE_TOOL_SAY_H
#define JOSTLE_TOOL_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* What a run of the command may end with. */
enum exit_code {
	EXIT_CLEAN = 0,        /* nothing found */
	EXIT_FOUND = 1,        /* something found */
	EXIT_USAGE = 2,        /* wrong usage, a file is missing or cannot be written */
	EXIT_UNCONTROLLED = 3, /* the target could not be controlled */
};

/* Writes "jostle: ..." and a newline in one write. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and returns code: `return say_error(EXIT_USAGE, ...);` */
int say_error(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * From now on sentences are not written but put into text, the last one alone, without the name of
 * the command: who asks for several things at once says once what several of them say. NULL: they
 * are written again.
 */
void say_into(char *text, size_t size);

/* Whether colour may be used on this descriptor: a terminal, TERM not dumb, NO_COLOR not set. */
bool colour_wanted(int fd);

#endif
