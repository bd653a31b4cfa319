/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which source lines of an instrumented program still access memory, or free it. Compilers merge
 * and drop plain accesses; what is left shows as a call of a __tsan_ function. Found by looking at
 * each call in the program's text that goes through the procedure linkage table, so that no list of
 * what compilers do is needed.
 */
#ifndef JOSTLE_TOOL_ACCESS_LINES_H
#define JOSTLE_TOOL_ACCESS_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct access_line {
	char *file; /* as the debug information names it */
	unsigned line;
};

struct access_lines {
	struct access_line *lines;
	size_t count;
};

/* Returns 0, or -1 when the file is no ELF program with debug information. access_lines_fini() in
 * either case. */
int access_lines_read(struct access_lines *lines, const char *program);
void access_lines_fini(struct access_lines *lines);

/* Whether an access lies in that line of a file that ends in "/file", or is file. */
bool access_lines_has(const struct access_lines *lines, const char *file, unsigned line);

#endif
