/* SPDX-License-Identifier: Apache-2.0 */
/* The strategies that a user can name. A new one is a file, its line in strategies.h, and its line
 * here. */
#include <stddef.h>

#include "sched/strategies.h"

const struct sched_strategy *const sched_registry[] = {
	&sched_auto,  &sched_random, &sched_sticky, &sched_pct,   &sched_pos,
	&sched_delay, &sched_rare,   &sched_replay, &sched_steer, NULL,
};

/* Does @spec, up to its colon, read @name? */
static bool names(const char *spec, const char *name)
{
	while (*name && *spec == *name) {
		spec++;
		name++;
	}
	return *name == '\0' && (*spec == '\0' || *spec == ':');
}

static const char *argument_of(const char *spec)
{
	while (*spec && *spec != ':')
		spec++;
	return *spec ? spec + 1 : NULL;
}

const struct sched_strategy *sched_open(const char *spec, void *state)
{
	for (const struct sched_strategy *const *entry = sched_registry; *entry; entry++) {
		const struct sched_strategy *strategy = *entry;
		const char *argument = argument_of(spec);

		if (!names(spec, strategy->name))
			continue;
		for (size_t i = 0; i < strategy->state_size; i++)
			((unsigned char *)state)[i] = 0;
		if (strategy->configure)
			return strategy->configure(state, argument) ? strategy : NULL;
		return argument ? NULL : strategy;
	}
	return NULL;
}
