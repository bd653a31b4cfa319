/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle under TOOL`: a program below another detector, and what came of it. */
#include "under/under.h"

#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/nearest.h"
#include "jostle/say.h"
#include "report/suite.h"

static int unknown_tool(const char *name)
{
	struct nearest nearest;

	nearest_init(&nearest, name);
	for (size_t i = 0; under_tool_name(i); i++)
		nearest_offer(&nearest, under_tool_name(i));
	if (nearest.best)
		return say_error(EXIT_USAGE, "under: there is no detector '%s'; did you mean %s?",
				 name, nearest.best);
	return say_error(EXIT_USAGE,
			 "under: there is no detector '%s'; there are helgrind, drd, tsan, "
			 "memcheck and none",
			 name);
}

static int run(struct options *options, const struct under_tool *tool,
	       struct exploration *exploration, struct pool *pool)
{
	struct suppressions suppressions;
	struct report report;
	int code;

	if (!options->schedules && !options->time_ns)
		options->schedules = UNDER_RUNS_DEFAULT;
	options->level = LEVEL_PERTURBED;
	code = plan_from_options(&exploration->plan, options, pool);
	if (code)
		return code;
	code = suppressions_read(&suppressions, options->suppressions.items,
				 options->suppressions.count, options->baseline);
	if (code)
		return code;
	exploration->suppressions = &suppressions;
	code = under_run(exploration, tool, &report);
	code = explore_print(&report, code);
	report_fini(&report);
	suppressions_fini(&suppressions);
	return code;
}

int command_under(struct options *options)
{
	struct exploration exploration = { .options = options, .input = options->input };
	const struct under_tool *tool;
	struct pool pool = { NULL };
	struct target target;
	int code;

	if (options->operand_count < 2)
		return say_error(EXIT_USAGE, "under: needs a detector and a program: jostle under "
					     "helgrind -- ./program arguments");
	tool = under_tool_find(options->operands[0]);
	if (!tool)
		return unknown_tool(options->operands[0]);
	code = output_check(options);
	if (code)
		return code;
	code = under_open(tool, &target, options->operands + 1, options->operand_count - 1);
	exploration.target = &target;
	if (code == 0)
		code = run(options, tool, &exploration, &pool);
	pool_fini(&pool);
	return code;
}
