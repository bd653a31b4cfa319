/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of POSIX shared memory and queues: one name space for the whole machine.
 *
 * Several targets run the same program at a time, one to a worker and one to replay what was found.
 * So a name that nobody outside has made leads to an object of this target's own: its name begins
 * with NAMES_PREFIX and the target's number. An object that was there already is used as it is:
 * that is how a program talks to others.
 */
#ifndef JOSTLE_ENGINE_NAMES_H
#define JOSTLE_ENGINE_NAMES_H

#define NAMES_SIZE 320 /* what a name, or a path of shared memory, and the prefix need */

/* The name that the kernel is to see: name itself, or what was written to buffer. For mq_open and
 * mq_unlink. */
const char *names_queue(const char *name, char buffer[NAMES_SIZE]);
/* The same for a path, of which only those in /dev/shm are looked at. */
const char *names_path(const char *path, char buffer[NAMES_SIZE]);

#endif
