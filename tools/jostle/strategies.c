/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle strategies`, and the check of --strategy. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/nearest.h"
#include "jostle/say.h"
#include "jostle/strategy_list.h"
#include "report/page.h"
#include "sched/sched.h"

/* Replaying needs decisions, steering a race: `jostle replay` and the confirmation have them. */
static bool is_for_users(const struct sched_strategy *strategy)
{
	return strcmp(strategy->name, "replay") != 0 && strcmp(strategy->name, "steer") != 0;
}

int strategy_check(const char *spec)
{
	size_t length = strcspn(spec, ":");
	struct nearest nearest;
	char name[64];
	void *state = calloc(1, SCHED_STATE_MAX);
	bool good, known = false;

	if (!state)
		abort();
	snprintf(name, sizeof(name), "%.*s", (int)length, spec);
	nearest_init(&nearest, name);
	for (size_t i = 0; sched_registry[i]; i++) {
		if (!is_for_users(sched_registry[i]))
			continue;
		known |= strcmp(sched_registry[i]->name, name) == 0;
		nearest_offer(&nearest, sched_registry[i]->name);
	}
	good = known && sched_open(spec, state) != NULL;
	free(state);
	if (good && strlen(spec) < 64)
		return 0;
	if (known)
		return say_error(EXIT_USAGE,
				 "--strategy: '%s' is not something that %s understands; see "
				 "jostle strategies",
				 spec, name);
	if (nearest.best)
		return say_error(EXIT_USAGE, "--strategy: there is no '%s'; did you mean %s?", name,
				 nearest.best);
	return say_error(EXIT_USAGE, "--strategy: there is no '%s'; see jostle strategies", name);
}

int command_strategies(struct options *options)
{
	struct page page;
	int code;

	if (options->operand_count)
		return say_error(EXIT_USAGE, "strategies: takes no argument, but got '%s'",
				 options->operands[0]);
	command_page(&page, options);
	for (size_t i = 0; sched_registry[i]; i++) {
		const struct sched_strategy *strategy = sched_registry[i];

		if (!is_for_users(strategy))
			continue;
		page_style(&page, STYLE_TITLE);
		page_add(&page, "%-10s", strategy->name);
		page_style(&page, STYLE_PLAIN);
		page_add(&page, " ");
		page_wrap(&page, 11, strategy->summary ? strategy->summary : "");
		if (strategy->reference && strategy->reference[0]) {
			page_add(&page, "%11s", "");
			page_style(&page, STYLE_DIM);
			page_wrap(&page, 11, strategy->reference);
			page_style(&page, STYLE_PLAIN);
		}
	}
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}
