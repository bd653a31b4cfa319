/* SPDX-License-Identifier: Apache-2.0 */
/* The folder that a worker's schedules run in with --workdir: made empty here, filled afresh by the
 * engine, removed here. */
#ifndef JOSTLE_TOOL_WORKFOLDER_H
#define JOSTLE_TOOL_WORKFOLDER_H

#include <stddef.h>

/* TMPDIR, or /tmp where that is no absolute path. */
const char *workfolder_parent(void);
/*
 * Makes a private empty folder below TMPDIR, its path of the same length each time. Returns 0 or
 * EXIT_USAGE, the reason having been said; path is "" then.
 */
int workfolder_make(char *path, size_t size);
/* Removes it and all in it; nothing for "". */
void workfolder_remove(const char *path);

#endif
