/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds a lock of a file. The kernel keeps these locks, releases them when a descriptor is
 * closed or a process ends, and tells of each the process: for a record lock by F_GETLK, for that
 * of flock(2) in /proc/locks. Which thread it was, and where, is what we noted when it was taken.
 *
 * A thread that has to wait notes who it waits for, anew at each attempt. From that F_SETLKW has
 * its EDEADLK, as the kernel would decide it: the owners of record locks are processes, and a
 * process waits when one of its threads does. When nobody can go on the notes become holds, and the
 * detector sees file locks like all others.
 */
#ifndef JOSTLE_ENGINE_FILE_LOCK_H
#define JOSTLE_ENGINE_FILE_LOCK_H

#include <stdbool.h>

#include "event/thread.h"
#include "model/fd.h"

struct flock;

/* That thread took a lock of the file, by fcntl(2) or by flock(2). */
void file_lock_taken(int fd, thread_id thread, bool record);
/* It has to wait for flock(2)'s. */
void file_lock_waits(const struct fd_request *r);
/* It has to wait for a record lock. True: somebody would wait for himself then, EDEADLK. */
bool file_lock_waits_record(const struct fd_request *r, const struct flock *wanted);

/* Nobody can go on: who waits for a file lock waits for its holder. */
void file_lock_holds(void);

#endif
