/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by race_sync.c and race_atomic.c: clocks, epochs and objects of struct race. */
#ifndef JOSTLE_DETECT_RACE_PARTS_H
#define JOSTLE_DETECT_RACE_PARTS_H

#include "detect/race.h"

/* The object's place, made if need be; NULL: the table is full, and the race is blind. */
struct race_sync *race_sync_get(struct race *race, uint64_t object);
/* NULL: nothing was ever released to it. */
struct race_sync *race_sync_find(const struct race *race, uint64_t object);
/* false: there was no memory for a clock, and the race is blind. */
void race_must(struct race *race, bool had_room);
void race_new_epoch(struct race *race, thread_id thread);
/* After a release: what the thread does from here on was not part of it. */
void race_end_epoch(struct race *race, thread_id thread);
void race_take_in(struct race *race, thread_id thread, const struct vclock *clock);

static inline uint64_t race_head(thread_id thread)
{
	return (uint64_t)1 << (thread % 64);
}

#endif
