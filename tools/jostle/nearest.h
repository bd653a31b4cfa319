/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": the word of a list that is nearest to a mistyped one, by the number of letters to
 * insert, delete, replace or swap with their neighbour (optimal string alignment distance).
 */
#ifndef JOSTLE_TOOL_NEAREST_H
#define JOSTLE_TOOL_NEAREST_H

#include <stddef.h>

unsigned nearest_distance(const char *a, const char *b);

struct nearest {
	const char *wanted;
	const char *best; /* NULL: nothing near enough so far */
	unsigned distance;
};

void nearest_init(struct nearest *nearest, const char *wanted);
/* Considers a word, which must outlive nearest. The first of equals wins. */
void nearest_offer(struct nearest *nearest, const char *word);

#endif
