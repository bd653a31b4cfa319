/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the process is the program's, and so belongs to the snapshot; and how mappings that a
 * schedule made or unmade are undone. The engine's own memory is left out: the library's data, the
 * board, the snapshot's copies.
 */
#ifndef JOSTLE_ENGINE_REGIONS_H
#define JOSTLE_ENGINE_REGIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Adds every region and takes the snapshot. 0 or -errno. Call again after the pool grew. */
int regions_take(void);
/*
 * At the end of a schedule, before anything is restored, where the kernel cannot list pages: how
 * far the heap was used is all that the next scans have to look at. (A write through a wild pointer
 * beyond that is not seen there.)
 */
void regions_heap_used(void);
/* Undoes what system_dirty.mappings told of. 0, or -errno: something cannot come back, snapshot
 * reset is not safe. */
int regions_undo_mappings(void);
struct maps_entry;
/* Shared anonymous memory that the program may write to: from before main. */
bool regions_is_common(const struct maps_entry *entry);
/* For schedules that are forked: what they do to it is taken back before each of them. 0 or -errno.
 */
int regions_keep_common(void);
void regions_restore_common(void);

/* Where memory that is mapped from start to end ceases to be the program's; start: it is not. */
uintptr_t regions_end_of_own(uintptr_t start, uintptr_t end);

#endif
