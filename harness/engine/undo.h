/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named objects that a schedule made and that outlive a process: POSIX shared memory and queues,
 * FIFOs, sockets in the file system. The reset removes those that were not there before, so that
 * the next schedule finds the names free. Ordinary files stay: they may be what the program is for;
 * that one schedule finds what another left is said once (see --workdir).
 */
#ifndef JOSTLE_ENGINE_UNDO_H
#define JOSTLE_ENGINE_UNDO_H

#include <stdbool.h>

enum undo_kind { UNDO_PATH, UNDO_QUEUE };

/* The program just made it; path may be relative to the working directory. */
void undo_made(enum undo_kind kind, const char *path);
/* Is it a file of POSIX shared memory? */
bool undo_is_shared_memory(const char *path);
void undo_reset(void);

#endif
