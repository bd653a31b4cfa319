/* SPDX-License-Identifier: Apache-2.0 */
/* Where the files are that belong to the command: the same in a build tree and where it is
 * installed. */
#ifndef JOSTLE_TOOL_LIBRARY_H
#define JOSTLE_TOOL_LIBRARY_H

/*
 * path (PATH_MAX bytes) becomes JOSTLE_LIBRARY, or ../lib/libjostle.so beside the command, without
 * symbolic links. Returns 0 or EXIT_USAGE, the reason having been said.
 */
int library_find(char *path);

/*
 * The folder beside the library that holds what is found by a name of somebody else's: the stand-in
 * for libtsan.so, for the linker and for the loader. Same contract.
 */
int library_standin_folder(char *path);

#endif
