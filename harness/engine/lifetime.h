/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Primitives whose memory was freed.
 *
 * A block that was freed and not handed out since is known to the heap; an operation on a primitive
 * in such a block is a finding, with where the block was freed. Memory that is handed out again is
 * somebody else's, and what happens to a primitive there is for its model to see.
 */
#ifndef JOSTLE_ENGINE_LIFETIME_H
#define JOSTLE_ENGINE_LIFETIME_H

#include <stdint.h>

#include "engine/heap/heap.h"
#include "event/finding.h"
#include "event/thread.h"

/* Forgets the frees of the schedule before. */
void lifetime_reset(void);

/* The program freed the block at ptr. Called by free() and its like, also before takeover. */
void engine_freed(const void *ptr, const void *site);

/* Adds where the block that starts at ptr was freed last, if that is still known. */
void lifetime_add_free(struct finding *finding, const void *ptr);

/* t is about to perform its operation, and its object lies in the heap's range: is it alive? */
void lifetime_check(const struct thread *t);

static inline int lifetime_is_heap(const void *object)
{
	return (uintptr_t)object - HEAP_PROGRAM_BASE < HEAP_PROGRAM_MAX;
}

#endif
