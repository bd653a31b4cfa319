/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the process is the program's, and so belongs to the snapshot; and how mappings that a
 * schedule made or unmade are undone. The engine's own memory is left out: the library's data, the
 * board, the snapshot's copies.
 */
#ifndef JOSTLE_ENGINE_REGIONS_H
#define JOSTLE_ENGINE_REGIONS_H

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

#endif
