/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The places whose accesses are scheduling points: see access.h.
 *
 * Learned ones are on the board, as module and offset, in the order of learning; a schedule's own
 * promotions are in its result, which a child of the fork reset shares with the template. The
 * learning batch takes them over after its first, second, fourth ... schedule, so every worker
 * learns the same.
 */
#ifndef JOSTLE_ENGINE_POINTS_H
#define JOSTLE_ENGINE_POINTS_H

#include <stdbool.h>
#include <stdint.h>

void points_init(void);
/* A schedule begins: promotions of the one before are taken back. */
void points_begin(void);
/* Is the place one that the campaign learned, or that the failure file lists? */
bool points_learned(uintptr_t pc);
/* From now on, in this schedule. */
void points_promote(uintptr_t pc);
/* In later schedules of the learning batch. */
void points_suggest(uintptr_t pc);

/* The result of schedule number, counted once, is taken: learns from it when it is time to. */
void points_settle(uint64_t number);
/* The only schedule of this process is over: what it learned goes onto the board. */
void points_tell(void);
/* The learning batch begins anew. */
void points_forget(void);

#endif
