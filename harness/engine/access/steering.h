/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steering at one race (sched/steer.c): which published accesses are those that config.steer names,
 * whether they met in the schedule, and in which order they were seen to race.
 */
#ifndef JOSTLE_ENGINE_STEERING_H
#define JOSTLE_ENGINE_STEERING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "engine/state.h"

extern HIDDEN bool steering; /* this campaign does */

void steering_init(void);
/* OP_STEER_ONE, OP_STEER_OTHER or both, for an access that is made at pc; 0: neither. */
uint32_t steering_marks(uintptr_t pc);
/* Marks the published access at pc and says what memory it is to other processes: args[1] is its
 * key, 0 for memory of its process alone. */
void steering_mark(struct op *op, uintptr_t pc);
/* A race between these two places was seen, in this order. */
void steering_raced(uintptr_t earlier, uintptr_t later);
/*
 * Between the first of two accesses that met and the next one of its thread the other shall come:
 * that next one must be a scheduling point. The current thread makes a steered access: its next
 * one is looked for, by way of the budget, which comes out the same.
 */
void steering_follow(void);
/* The budget is spent: true if only for this reason. pc is the place of the access. */
bool steering_followed(uintptr_t pc);
void steering_begin(void);
/* The schedule is over, or its process about to die: what it came to. */
void steering_finish(struct schedule_result *r);

#endif
