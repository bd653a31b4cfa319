/* SPDX-License-Identifier: Apache-2.0 */
#include "sched/walk.h"

#include <stddef.h>

_Static_assert(offsetof(struct walk, rng) == 0, "walk_choose_value()");

uint32_t walk_choose_value(void *state, unsigned kind, uint32_t bound)
{
	(void)kind;
	return rng_below((struct rng *)state, bound);
}

bool walk_number(const char *argument, uint32_t most, uint32_t *number)
{
	*number = 0;
	if (*argument == '\0')
		return false;
	for (; *argument; argument++) {
		if (*argument < '0' || *argument > '9' || *number > most)
			return false;
		*number = *number * 10 + (uint32_t)(*argument - '0');
	}
	return *number <= most;
}
