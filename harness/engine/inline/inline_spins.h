/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loops that only look: a jump back over a few instructions that load, compare and jump, and change
 * nothing but registers and the thread's own stack. Whoever comes by with the same registers twice
 * waits for another thread. In a function with atomic instructions a loop may also note registers
 * in memory, as one does that goes round several places and remembers where it is: who comes by
 * with the same registers as some rounds ago waits.
 */
#ifndef JOSTLE_ENGINE_INLINE_SPINS_H
#define JOSTLE_ENGINE_INLINE_SPINS_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "engine/inline/inline_sites.h"

/* SPIN_NOTES: it stores registers in memory, besides, such as where it looked last: with the same
 * registers it stores the same. A loop that copies is of that kind, too. */
enum inline_spin { SPIN_NONE, SPIN_LOOKS, SPIN_NOTES };

/* Is the instruction at that address the jump back of such a loop? The function begins at start.
 * *leaving: of enum inline_leaving. */
enum inline_spin inline_spin_ends(uintptr_t start, uintptr_t at, const struct insn *insn,
				  uint8_t *leaving);

/* The jump, performed on these registers. True: it was taken. */
bool inline_spin_jump(const struct inline_site *site, ucontext_t *uc);

/* A number for the general registers: equal ones have equal numbers. */
uint64_t inline_spin_state(const ucontext_t *uc);

/* The same, with what the loop may have stored on the stack; 0: it may have been left since it came
 * by last, or what it stores is not known. */
uint64_t inline_spin_round(const struct inline_site *site, const ucontext_t *uc);

#endif
