/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a trapped atomic instruction, by the registers that the trap found. */
#ifndef JOSTLE_ENGINE_INLINE_OPERAND_H
#define JOSTLE_ENGINE_INLINE_OPERAND_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "base/hidden.h"
#include "engine/inline/inline_sites.h"

/* Its address; NULL: relative to a thread's own storage, so nobody else's. */
const void *inline_operand(const struct inline_site *site, const greg_t *registers);

/* Where register number is among those of a context. */
unsigned inline_register(unsigned number);

/* Will it leave a value there that can be told, as an exchange or a compare-exchange does? *after
 * is that value, *mask has the bits of its size. */
bool inline_operand_leaves(const struct inline_site *site, const greg_t *registers,
			   const void *operand, uint64_t *mask, uint64_t *after);
/* What there is now. */
uint64_t inline_operand_value(const void *operand, uint64_t mask);

/* Eight bytes from where there may be no memory: then 0, if the handler of the fault asks
 * inline_load_answer(). */
HIDDEN uint64_t inline_load(const void *from);
bool inline_load_answer(ucontext_t *uc);

#endif
