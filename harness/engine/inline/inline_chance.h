/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions that ask the processor for chance: rdrand and rdseed give what getrandom(2) would,
 * and always have some; rdpid says processor 0, as getcpu(2) does. However often, since one answer
 * of the processor's own would be another input in each run.
 */
#ifndef JOSTLE_ENGINE_INLINE_CHANCE_H
#define JOSTLE_ENGINE_INLINE_CHANCE_H

#include <ucontext.h>

#include "engine/inline/inline_sites.h"

/* Answers the one at the site, which the registers are at, and puts them behind it. */
void inline_chance(const struct inline_site *site, greg_t *registers);

#endif
