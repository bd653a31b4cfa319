/* SPDX-License-Identifier: Apache-2.0 */
/* The plain catalogue for Valgrind's tools and for none, the one made for ThreadSanitizer for it.
 */
#include "test/test_under.h"

#include <stdio.h>
#include <string.h>

#include "jostle/explore.h"
#include "jostle/say.h"
#include "test/test_case.h"
#include "under/under.h"

#define RUNS_DEFAULT 5
/* Of a case, which takes milliseconds: many of them hang for good, each below each detector. */
#define HANG_TIMEOUT_MOST_NS 1000000000ULL

static bool is_wanted(const struct options *options, enum test_tool tool)
{
	return options->under & 1U << tool;
}

static const char *program_for(const struct cases *cases, enum test_tool tool)
{
	return tool == TOOL_TSAN ? cases->tsan : cases->program;
}

/* A case as a target, which keeps argv. */
struct case_target {
	struct target target;
	char *argv[4];
};

static int open_case(struct case_target *opened, enum test_tool tool, const char *program,
		     const char *id)
{
	opened->argv[0] = (char *)(size_t)program;
	opened->argv[1] = (char *)(size_t) "--run";
	opened->argv[2] = (char *)(size_t)id;
	opened->argv[3] = NULL;
	return under_open(under_tool_find(test_tool_name(tool)), &opened->target, opened->argv, 3);
}

static int check_tool(const struct cases *cases, enum test_tool tool)
{
	struct case_target opened;

	if (!program_for(cases, tool)[0])
		return say_error(EXIT_USAGE, "test: the catalogue for ThreadSanitizer "
					     "(jostle-cases-tsan) is not built; build it, or name "
					     "it in JOSTLE_CASES_TSAN");
	return open_case(&opened, tool, program_for(cases, tool), "any");
}

int test_under_check(const struct options *options, const struct cases *cases)
{
	int code = 0;

	if (!options->under && options->table)
		return say_error(EXIT_USAGE, "test: --table needs --under");
	if (!options->under && options->under_runs)
		return say_error(EXIT_USAGE,
				 "test: --under-runs needs --under; without it, --schedules "
				 "says how often");
	for (enum test_tool tool = 0; code == 0 && tool < TOOL_COUNT; tool++)
		if (is_wanted(options, tool))
			code = check_tool(cases, tool);
	return code;
}

static void run_below(const struct options *given, const struct cases *cases,
		      const struct case_entry *entry, enum test_tool tool, bool jostle_found,
		      struct tool_verdict *verdict)
{
	struct options options;
	struct case_target opened;
	struct exploration exploration = { .options = &options,
					   .target = &opened.target,
					   .null_input = true };
	struct report report;
	struct pool pool = { NULL };
	int code;

	case_options(&options, given, entry, given->under_runs ? given->under_runs : RUNS_DEFAULT,
		     false);
	options.level = LEVEL_PERTURBED;
	if (options.hang_timeout_ns > HANG_TIMEOUT_MOST_NS)
		options.hang_timeout_ns = HANG_TIMEOUT_MOST_NS;
	options.nasty = 0;
	options.strategy = "auto";
	options.reset = 0;
	options.step_bound = 0;
	if (open_case(&opened, tool, program_for(cases, tool), entry->id) ||
	    plan_from_options(&exploration.plan, &options, &pool)) {
		snprintf(verdict->why, sizeof(verdict->why), "could not be started");
		pool_fini(&pool);
		return;
	}
	code = under_run(&exploration, under_tool_find(test_tool_name(tool)), &report);
	verdict->ran = code == EXIT_CLEAN || code == EXIT_FOUND;
	verdict->runs = report.campaign.gather.schedules;
	verdict->seconds = report.campaign.seconds;
	if (verdict->ran)
		disagree_judge(entry, tool, report.stories, report.story_count, jostle_found,
			       verdict);
	else
		snprintf(verdict->why, sizeof(verdict->why), "%.200s",
			 report.campaign.refusal[0] ? report.campaign.refusal
						    : "could not be run to an end");
	report_fini(&report);
	pool_fini(&pool);
}

void test_under(const struct options *options, const struct cases *cases,
		const struct case_entry *entry, struct case_result *result)
{
	const bool found = result->kind[0] && strcmp(result->kind, entry->expect) == 0;

	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(options, tool))
			run_below(options, cases, entry, tool, found, &result->tools[tool]);
}
