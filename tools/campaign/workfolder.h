/* SPDX-License-Identifier: Apache-2.0 */
/* The folder that a worker's schedules run in with --workdir: made empty here, filled afresh by the
 * engine, removed here. What a command that was killed left is removed by the next one. */
#ifndef JOSTLE_TOOL_WORKFOLDER_H
#define JOSTLE_TOOL_WORKFOLDER_H

#include <stddef.h>

/* TMPDIR, or /tmp where that is no absolute path. */
const char *workfolder_parent(void);
/*
 * Makes a private empty folder below TMPDIR, its path of the same length each time. Returns 0 or
 * EXIT_USAGE, the reason having been said; path is "" then. *lock: a descriptor that says that it
 * is in use.
 */
int workfolder_make(char *path, size_t size, int *lock);
/* Removes it and all in it, and closes lock unless that is -1; nothing for "". */
void workfolder_remove(const char *path, int lock);

#endif
