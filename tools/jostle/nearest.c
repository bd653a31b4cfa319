/* SPDX-License-Identifier: Apache-2.0 */
/* Three rows of the usual table: the current one and the two before it, for swaps. */
#include "jostle/nearest.h"

#include <string.h>

#define WORD_MAX 64

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned nearest_distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1];
	size_t length_a = strlen(a), length_b = strlen(b);

	if (length_a > WORD_MAX || length_b > WORD_MAX)
		return (unsigned)(length_a > length_b ? length_a : length_b);
	for (size_t j = 0; j <= length_b; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= length_a; i++) {
		unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3],
			 *older = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= length_b; j++) {
			unsigned replaced = before[j - 1] + (a[i - 1] != b[j - 1]);

			now[j] = least(replaced, least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], older[j - 2] + 1);
		}
	}
	return rows[length_a % 3][length_b];
}

void nearest_init(struct nearest *nearest, const char *wanted)
{
	nearest->wanted = wanted;
	nearest->best = NULL;
	/* A third of the letters may be wrong: beyond that a proposal is a guess, not a help. */
	nearest->distance = (unsigned)strlen(wanted) / 3 + 1;
}

void nearest_offer(struct nearest *nearest, const char *word)
{
	unsigned distance = nearest_distance(nearest->wanted, word);
	size_t length = strlen(nearest->wanted);

	/* An abbreviation is as near as one mistake. */
	if (length >= 3 && strncmp(word, nearest->wanted, length) == 0 && distance > 1)
		distance = 1;
	if (distance < nearest->distance || (!nearest->best && distance == nearest->distance)) {
		nearest->distance = distance;
		nearest->best = word;
	}
}
