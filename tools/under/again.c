/* SPDX-License-Identifier: Apache-2.0 */
/* A failure file of a run below a detector: the same order of points again, below it again. */
#include "campaign/workfolder.h"
#include "jostle/say.h"
#include "perturb/perturb_campaign.h"
#include "under/below.h"
#include "under/under.h"

static void tell_again(const struct under_again *again, const struct verification *result,
		       struct story *story)
{
	story->tool = again->tool->name;
	story->first_schedule = again->found->first_schedule;
	story->seed = again->found->seed;
	story->strategy = pool_text(again->pool, again->found->strategy);
	story->count = result->shown;
	story->schedules = result->runs;
	story->replay = pool_format(again->pool, "%u of %u", result->shown, result->runs);
}

static void run_again(const struct under_again *again, struct below *below,
		      struct verification *result, struct story **story)
{
	const struct told *told;
	struct perturb_run run;

	again->launch->wrapper = &below->wrapper;
	if (perturb_run_open(&run) == 0)
		*result = perturb_verify(&run, again->launch, again->plan, again->found,
					 again->rebuilt);
	perturb_run_close(&run);
	again->launch->wrapper = NULL;
	if (!result->shown && below->unwritten) {
		say("%s could not write what it found: there is no room in %s; make some, or set "
		    "TMPDIR to a folder that has it",
		    below->tool->display, workfolder_parent());
		result->verdict = VERDICT_FAILED;
	}
	told = result->shown ? below_told(below, result->finding.key) : NULL;
	*story = told ? told->story : NULL;
	if (*story)
		tell_again(again, result, *story);
	else if (result->shown)
		result->verdict = VERDICT_FAILED;
}

struct verification under_again(const struct under_again *again, struct story **story)
{
	struct verification result = { .verdict = VERDICT_FAILED, .diverged = UINT32_MAX };
	struct below below = { .tool = again->tool,
			       .program = again->launch->target->argv[0],
			       .pool = again->pool };

	*story = NULL;
	if (below_open(&below) == 0)
		run_again(again, &below, &result, story);
	below_close(&below);
	return result;
}
