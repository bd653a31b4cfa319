/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that the whole machine has once.
 *
 * Several targets run the same program at a time, one to a worker and one to replay what was found.
 * So a name of POSIX shared memory or of a queue that nobody outside has made leads to an object of
 * this target's own: its name begins with NAMES_PREFIX and the target's number. An object that was
 * there already is used as it is: that is how a program talks to others.
 *
 * Files, their locks, addresses of sockets and keys of System V cannot be renamed so: others know
 * them. That the program uses one of them is told to the command, which then runs the campaign with
 * a single worker.
 */
#ifndef JOSTLE_ENGINE_NAMES_H
#define JOSTLE_ENGINE_NAMES_H

#include <stdbool.h>

#include "record/board.h"

#define NAMES_SIZE 320 /* what a name, or a path of shared memory, and the prefix need */

/* The name that the kernel is to see: name itself, or what was written to buffer. For mq_open and
 * mq_unlink. */
const char *names_queue(const char *name, char buffer[NAMES_SIZE]);
/* The same for a path, of which only those in /dev/shm are looked at. */
const char *names_path(const char *path, char buffer[NAMES_SIZE]);

/* Do other targets mean another file by this path? In /dev/shm, and in the folder of --workdir. */
bool names_is_own(const char *path);
/* The program used something that it shares with other targets. */
void names_common(enum board_common what);
/* The same for a lock of the file that is open as fd. */
void names_locked(int fd);

#endif
