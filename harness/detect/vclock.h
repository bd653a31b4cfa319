/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vector clocks: what one thread knows of all others (Fidge 1988, Mattern 1989).
 *
 * An entry is the number of the latest epoch of that thread whose accesses happen before now.
 * Epochs are numbered across all threads (race.h), and each thread's numbers only grow, so one
 * comparison answers "does this access happen before me". Entries that were never heard of are 0
 * and take no memory: a clock is as long as the highest thread it knows.
 *
 * Memory comes from an arena and is given back with it. A clock that found no room says so, and
 * whoever uses it must stop drawing conclusions: too little knowledge would be false alarms.
 */
#ifndef JOSTLE_DETECT_VCLOCK_H
#define JOSTLE_DETECT_VCLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct vclock {
	uint32_t *at; /* NULL: knows nobody */
	uint32_t count;
	uint32_t room;
};

static inline uint32_t vclock_get(const struct vclock *clock, uint32_t thread)
{
	return thread < clock->count ? clock->at[thread] : 0;
}

/* Makes room for @count entries, more than there are; new ones are 0. False: no memory, and nothing
 * changed. */
bool vclock_extend(struct vclock *clock, uint32_t count, struct arena *arena);

/* The same for any @count. */
static inline bool vclock_grow(struct vclock *clock, uint32_t count, struct arena *arena)
{
	return count <= clock->count || vclock_extend(clock, count, arena);
}

/* Like = and |= . False: no memory. */
bool vclock_copy(struct vclock *to, const struct vclock *from, struct arena *arena);
bool vclock_join(struct vclock *to, const struct vclock *from, struct arena *arena);

/* Knows nobody any more; keeps its memory. */
static inline void vclock_clear(struct vclock *clock)
{
	clock->count = 0;
}

#endif
