/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle under TOOLS`: a program below other detectors, and what came of it. */
#include "under/several.h"

#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/say.h"
#include "report/suite.h"

static int write_failures(const struct exploration *exploration, struct report *report)
{
	const struct under_part part = { exploration->target, &report->campaign };
	int code = 0;

	for (size_t i = 0; i < report->story_count && code == 0; i++)
		code = under_write_failure(exploration, report, report->stories[i], &part);
	return code;
}

static int run_one(const struct under_tool *tool, struct exploration *exploration, char **argv,
		   size_t argc)
{
	struct input input = { .fd = -1 };
	struct report report;
	struct target target;
	int code = under_open(tool, &target, argv, argc);

	if (code == 0)
		code = input_open(&input, exploration->input);
	if (code == 0) {
		exploration->target = &target;
		exploration->opened = &input;
		code = under_run(exploration, tool, &report);
		if (write_failures(exploration, &report))
			code = EXIT_USAGE;
		code = explore_print(&report, code);
		report_fini(&report);
	}
	input_close(&input);
	return code;
}

static int run(struct options *options, const struct under_tools *tools)
{
	struct exploration exploration = { .options = options,
					   .input = options->input,
					   .out = options->out };
	char **argv = options->operands + 1;
	struct suppressions suppressions;
	struct pool pool = { NULL };
	int code;

	if (!options->schedules && !options->time_ns)
		options->schedules = UNDER_RUNS_DEFAULT;
	options->level = LEVEL_PERTURBED;
	code = plan_from_options(&exploration.plan, options, &pool);
	if (code == 0)
		code = suppressions_read(&suppressions, options->suppressions.items,
					 options->suppressions.count, options->baseline);
	if (code == 0) {
		exploration.suppressions = &suppressions;
		code = tools->count > 1
			       ? under_several(tools, &exploration, argv,
					       options->operand_count - 1, options->tsan_build)
			       : run_one(tools->list[0], &exploration, argv,
					 options->operand_count - 1);
		suppressions_fini(&suppressions);
	}
	pool_fini(&pool);
	return code;
}

static bool names_tsan(const struct under_tools *tools)
{
	for (size_t i = 0; i < tools->count; i++)
		if (tools->list[i] == under_tool_find("tsan"))
			return true;
	return false;
}

int command_under(struct options *options)
{
	struct under_tools tools;
	int code;

	if (options->operand_count < 2)
		return say_error(EXIT_USAGE, "under: needs a detector and a program: jostle under "
					     "helgrind -- ./program arguments");
	code = under_tools_read(&tools, options->operands[0]);
	if (code)
		return code;
	if (options->tsan_build && (tools.count < 2 || !names_tsan(&tools)))
		return say_error(EXIT_USAGE,
				 "--tsan-build: needs tsan among several detectors; below tsan "
				 "alone name that build as the program");
	code = output_check(options);
	return code ? code : run(options, &tools);
}
