/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Below another detector. Valgrind's tools see each of our own instructions, and would call the
 * board a race: they are told not to look. libtsan sees our calls alone.
 */
#ifndef JOSTLE_THREADS_WATCH_H
#define JOSTLE_THREADS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nobody is to judge accesses to this memory. Costs a few instructions when nobody watches. */
void watch_ignore(const void *memory, size_t size);
/* Remembers a module that is a detector's own, such as vgpreload_drd-amd64-linux.so. */
void watch_module(const char *path, uint64_t start, uint64_t end);
/* Whether a call comes from one: the detector's business, not the program's. */
bool watch_is_detector(const void *site);
/*
 * libtsan knows its callers by the stack of calls that instrumented code keeps, and the program
 * calls us: while we call libtsan's function, our caller stands on that stack. Nothing where the
 * runtime is not there, or is inside the program and so called before us.
 */
void watch_enter(const void *site);
void watch_leave(void);

/* Whether the process runs below Valgrind or with libtsan. */
bool watch_is_watched(void);

#endif
