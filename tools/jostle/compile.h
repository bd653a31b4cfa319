/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compiler's command line, rewritten so that the same compiler instruments every memory access
 * and links libjostle.so where it would link ThreadSanitizer's runtime. What is added stands before
 * the caller's arguments, so that theirs win: -g0, -fno-sanitize=thread for one file.
 *
 * gcc links "-ltsan": a folder that is searched first holds a linker script of that name, which
 * says libjostle.so. clang is told to link no runtime, and the library is named.
 */
#ifndef JOSTLE_TOOL_COMPILE_H
#define JOSTLE_TOOL_COMPILE_H

#include <stdbool.h>
#include <stddef.h>

enum compiler { COMPILER_GCC, COMPILER_CLANG };

struct compile {
	enum compiler compiler;
	const char *standin_folder; /* holds libtsan.so, and the libjostle.so that has no engine;
				       absolute */
};

/*
 * argv[0..argc) are the caller's arguments without the compiler's name. Returns a new
 * NULL-terminated array of argc_out texts whose first is left NULL for the compiler; the texts
 * belong to argv, to the program or, once per process, to nobody. Never NULL.
 */
char **compile_arguments(const struct compile *compile, int argc, char **argv, size_t *argc_out);

/* Whether the line asks for a static program, in which nothing could be controlled. */
bool compile_is_static(int argc, char **argv);

/* Whether the line ends in a program or library: it names an input, and no option stops before the
 * linker. A response file (@FILE) counts as an input. */
bool compile_links(int argc, char **argv);

#endif
