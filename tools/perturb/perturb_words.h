/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a finding's decisions hold at the perturbed level, as numbers for failure files: the run's
 * configuration, and in which order its threads passed their points, with the gaps between.
 */
#ifndef JOSTLE_TOOL_PERTURB_WORDS_H
#define JOSTLE_TOOL_PERTURB_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/perturb.h"

#define PERTURB_WORDS_MAX (10 + 2 * PERTURB_THREADS_MAX + PERTURB_PASSES_MAX)

/* Returns how many words were written. The board may hold anything. */
size_t perturb_to_words(const struct perturb_board *board, uint32_t words[PERTURB_WORDS_MAX]);
/* False: these are not such numbers. Words without an order make a guide without one. */
bool perturb_from_words(struct perturb_config *config, struct perturb_guide *guide,
			const uint32_t *words, size_t count);

#endif
