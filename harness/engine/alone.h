/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that looks at a variable again and again while nobody is left who could change it: every
 * other thread has ended or waits for one that is left, no time is waited for, nothing comes from
 * outside. No bound of steps is needed then, and no watch on processor time: the schedule ends.
 */
#ifndef JOSTLE_ENGINE_ALONE_H
#define JOSTLE_ENGINE_ALONE_H

#include <stdbool.h>
#include <stdint.h>

/* A schedule begins. */
void alone_begin(void);

/* Is the current thread the last that could do anything? */
bool alone(void);

/* It loops for ever: its next step is the schedule's last. */
void alone_ends(void);
/* Did the schedule end so? */
bool alone_ended(void);

/*
 * Of a loop of an ordinary build, that looks with these registers at that address and was not left
 * since it last did: true when it never will be. Only if the jump is all that leaves it.
 */
bool alone_loops(uintptr_t at, uint64_t state);
/* It was left. */
void alone_left(void);

#endif
