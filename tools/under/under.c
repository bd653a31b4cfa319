/* SPDX-License-Identifier: Apache-2.0 */
/* The campaign of the perturbed level with a detector around each run. */
#include "under/under.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/input.h"
#include "campaign/workfolder.h"
#include "jostle/interrupt.h"
#include "jostle/say.h"
#include "perturb/perturb_campaign.h"
#include "report/failure.h"
#include "report/suite.h"
#include "under/below.h"

struct campaign_under {
	const struct exploration *exploration;
	struct below below;
};

static void add_uncontrolled(struct report *report, const char *text)
{
	report->uncontrolled[report->uncontrolled_count++] = pool_text(&report->pool, text);
}

static void tell_uncontrolled(const struct campaign_under *under, struct report *report,
			      const struct launch *launch)
{
	const struct gather *gather = &report->campaign.gather;

	report->uncontrolled = pool_new(&report->pool, const char *, gather->note_count + 9);
	add_uncontrolled(report,
			 "the schedules: the kernel makes them, threads are only held up at "
			 "synchronisation, thread and I/O calls");
	add_uncontrolled(report, under->below.tool->sees);
	if (launch->input->gave_nothing)
		add_uncontrolled(report, "standard input: the pipe gave nothing within 2 s, so the "
					 "program reads an empty one (see --stdin)");
	if (under->below.damaged)
		add_uncontrolled(report,
				 pool_format(&report->pool,
					     "%zu of %s's reports, which could not be read",
					     under->below.damaged, under->below.tool->display));
	if (under->below.unwritten)
		add_uncontrolled(report, pool_format(&report->pool,
						     "what %s had to say of %zu of the runs: there "
						     "was no room to write it in %s",
						     under->below.tool->display,
						     under->below.unwritten, workfolder_parent()));
	if (under->below.lost)
		add_uncontrolled(report, pool_format(&report->pool,
						     "%zu of %s's reports: there were more than %d "
						     "in a run",
						     under->below.lost, under->below.tool->display,
						     CLAIMS_MAX));
	for (size_t i = 0; i < gather->note_count; i++)
		add_uncontrolled(report, gather->notes[i].text);
}

/* In which of the runs. */
static void tell_below(const struct campaign_under *under, struct report *report,
		       const struct told *told)
{
	struct story_below *below = pool_new(&report->pool, struct story_below, 1);
	uint64_t *runs = pool_new(&report->pool, uint64_t, told->run_count);

	memcpy(runs, told->runs, told->run_count * sizeof(*runs));
	told->story->runs = runs;
	told->story->run_count = told->run_count;
	*below = (struct story_below){ .tool = under->below.tool->name,
				       .shown = told->story->count,
				       .runs = report->campaign.gather.schedules };
	told->story->below = below;
	told->story->below_count = 1;
}

static void tell_stories(struct campaign_under *under, struct report *report)
{
	const struct gather *gather = &report->campaign.gather;

	report->stories = pool_new(&report->pool, struct story *, gather->found_count);
	for (size_t i = 0; i < gather->found_count; i++) {
		const struct found *found = &gather->founds[i];
		const struct told *told = below_told(&under->below, found->finding.key);

		if (!told)
			continue;
		told->story->count = found->count;
		told->story->first_schedule = found->first_schedule;
		told->story->seed = found->seed;
		told->story->strategy = pool_text(&report->pool, found->strategy);
		told->story->tool = under->below.tool->name;
		told->story->replay =
			pool_format(&report->pool, "%llu of %llu", (unsigned long long)found->count,
				    (unsigned long long)gather->schedules);
		tell_below(under, report, told);
		explore_add(under->exploration, report, told->story);
		explore_count(under->exploration, report, told->story);
	}
}

static int judge(const struct campaign_under *under, struct report *report)
{
	const struct campaign *campaign = &report->campaign;
	const char *name = under->exploration->target->argv[0];
	int code;

	if (explore_is_settled(under->exploration, report, &code))
		return code;
	if (campaign->gather.schedules == 0)
		return say_error(EXIT_UNCONTROLLED, "%s: %s before a run was completed", name,
				 campaign->ending == ENDED_INTERRUPTED ? "interrupted"
								       : "the time was over");
	if (under->below.tool->needs_threads && !campaign->gather.controlled)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: creates no thread and calls nothing that jostle could hold "
				 "up, so there is nothing to find",
				 name);
	if (under->below.unwritten)
		return say_error(EXIT_USAGE,
				 "%s could not write what it found: there is no room in %s; make "
				 "some, or set TMPDIR to a folder that has it",
				 under->below.tool->display, workfolder_parent());
	return EXIT_CLEAN;
}

static int run_prepared(struct campaign_under *under, struct report *report, struct launch *launch)
{
	launch->wrapper = &under->below.wrapper;
	perturb_campaign_run(&report->campaign, &under->exploration->plan, launch);
	launch->wrapper = NULL;
	tell_stories(under, report);
	tell_uncontrolled(under, report, launch);
	return judge(under, report);
}

static void tell_tool(struct report *report, const struct target *target,
		      const struct under_tool *tool)
{
	struct report_tool *told = pool_new(&report->pool, struct report_tool, 1);

	*told = (struct report_tool){ .name = tool->name,
				      .program = target->argv[0],
				      .runs = report->campaign.gather.schedules,
				      .ending = report->campaign.ending };
	report->tools = told;
	report->tool_count = 1;
}

int under_run(const struct exploration *exploration, const struct under_tool *tool,
	      struct report *report)
{
	struct campaign_under under = { .exploration = exploration,
					.below = { .tool = tool,
						   .program = exploration->target->argv[0],
						   .suppressions = exploration->suppressions,
						   .pool = &report->pool } };
	struct input input = { .fd = -1 };
	const struct input *used = exploration->opened ? exploration->opened : &input;
	struct launch launch = { .library_fd = -1, .standin_fd = -1, .keep_fd = -1 };
	int code = 0;

	*report = (struct report){ .options = exploration->options,
				   .target = exploration->target,
				   .level = LEVEL_NAME_PERTURBED,
				   .tool = tool->name };
	interrupt_init();
	if (!exploration->null_input && !exploration->opened)
		code = input_open(&input, exploration->input);
	if (code == 0)
		code = below_open(&under.below);
	if (code == 0) {
		launch_prepare_bare(&launch, exploration->target, used);
		code = run_prepared(&under, report, &launch);
	} else {
		report->campaign.ending = ENDED_FAILED;
	}
	below_close(&under.below);
	input_close(&input);
	tell_tool(report, exploration->target, tool);
	report->campaign.launch = NULL;
	return code;
}

int under_write_failure(const struct exploration *exploration, struct report *report,
			struct story *story, const struct under_part *part)
{
	struct launch launch = { .target = part->target, .input = exploration->opened };
	struct campaign campaign = *part->campaign;
	const struct found *found = NULL;

	if (!exploration->out || story->suppressed || story->folded_into)
		return 0;
	for (size_t i = 0; i < campaign.gather.found_count && !found; i++)
		if (campaign.gather.founds[i].finding.key == story->key)
			found = &campaign.gather.founds[i];
	if (!found)
		return 0;
	campaign.launch = &launch;
	return failure_write(&report->pool, exploration->out, story, found, &campaign, NULL,
			     &story->file);
}
