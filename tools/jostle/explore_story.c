/* SPDX-License-Identifier: Apache-2.0 */
/* A story takes its place in the report. */
#include "jostle/explore.h"

void explore_add(const struct exploration *exploration, struct report *report, struct story *story)
{
	const struct story *other;

	story->id = pool_format(&report->pool, "F%zu", report->story_count + 1);
	story->schedules = report->campaign.gather.schedules;
	/* Deadlocks come before lock orders. */
	other = story_confirmation(story, report->stories, report->story_count);
	story->folded_as = "came true as";
	if (!other) {
		other = story_told_before(story, report->stories, report->story_count);
		story->folded_as = "at the lines of";
	}
	story->folded_into = other ? other->id : NULL;
	report->stories[report->story_count++] = story;
	story->suppressed = library_race(story);
	if (!exploration->suppressions)
		return;
	if (!story->suppressed)
		story->suppressed = pool_text(&report->pool,
					      suppressions_match(exploration->suppressions, story));
	story->in_baseline = suppressions_in_baseline(exploration->suppressions, story);
}

void explore_count(const struct exploration *exploration, struct report *report,
		   const struct story *story)
{
	if (!story->suppressed && !story->in_baseline && !story->folded_into &&
	    story->severity_level >= (unsigned)exploration->options->fail_on)
		report->counted++;
}
