/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Atomic instructions in code that is not instrumented: a lock that is a compare-exchange without a
 * call, a reference count, a lock-free stack. No call tells of them, so each is made to tell: its
 * first byte becomes a hlt, which faults, the fault is a scheduling point, and the instruction
 * itself runs on a copy elsewhere. A pause, which marks a loop that waits for another thread, is a
 * yield.
 *
 * A trap costs microseconds, so a schedule has no more than some hundred of one place and some
 * thousand in all; then the code is as it was until the schedule ends. One schedule of
 * INLINE_ATOMICS_DEEP has sixteen times as many. A loop of which eight rounds bring something new,
 * or through which many come without a second round, is left alone, too.
 *
 * In a schedule that lingers (linger.h) there is a point behind each, too: who counted, or said
 * that he comes, looks at something next.
 *
 * Many waits look for a bounded number of rounds, with a pause in each, and sleep then. If each
 * pause were a yield nobody would ever be seen asleep; in one schedule of eight many are none.
 *
 * Only code whose functions can be told is looked at (.eh_frame), and only functions of which every
 * instruction is understood. libc is left alone (text_synchronises), as is what is loaded later.
 * Plain loads and stores remain unseen.
 */
#ifndef JOSTLE_ENGINE_INLINE_ATOMICS_H
#define JOSTLE_ENGINE_INLINE_ATOMICS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#define INLINE_ATOMICS_DEEP 8

/* Finds them; before the snapshot. A system that lets no code be changed has none. */
void inline_atomics_take(void);
/* A schedule of this seed begins, in the process that the others are forked from. */
void inline_atomics_begin(uint64_t seed);
/* The code as it was: from here on nobody controls this process. */
void inline_atomics_leave(void);

/* Was this a trap of ours? Then it is answered: when the handler returns, the program goes on
 * behind the instruction, possibly after others had their turn. */
bool inline_atomics_answer(int signo, const siginfo_t *info, ucontext_t *uc);
/* Where the instruction stands of which a copy runs at ip; ip itself when that is no copy. */
uintptr_t inline_atomics_origin(uintptr_t ip);

#endif
