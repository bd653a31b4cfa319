/* SPDX-License-Identifier: Apache-2.0 */
/* What no exit code of 0 may hide: a campaign in which nothing was run, or nothing could be
 * controlled. */
#include <string.h>

#include "jostle/explore.h"
#include "jostle/say.h"

/* The threads, if there are any, are in children: nothing was explored. */
static bool children_did_it(const struct gather *gather)
{
	for (size_t i = 0; i < gather->note_count && gather->threads_max <= 1; i++)
		if (strcmp(gather->notes[i].text, BOARD_NOTE_CHILDREN) == 0)
			return true;
	return false;
}

bool explore_is_settled(const struct exploration *exploration, const struct report *report,
			int *code)
{
	const struct campaign *campaign = &report->campaign;

	if (campaign->ending == ENDED_REFUSED)
		say("%s: %s", exploration->target->argv[0], campaign->refusal);
	if (report->counted)
		*code = EXIT_FOUND;
	else if (campaign->ending == ENDED_REFUSED)
		*code = EXIT_UNCONTROLLED;
	else if (campaign->ending == ENDED_FAILED)
		*code = EXIT_USAGE;
	else
		return false;
	return true;
}

int explore_code(const struct exploration *exploration, const struct report *report)
{
	const struct campaign *campaign = &report->campaign;
	const char *name = exploration->target->argv[0];
	int code;

	if (explore_is_settled(exploration, report, &code))
		return code;
	if (campaign->ending == ENDED_DEATHS)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: its processes die again and again, and no schedule showed it "
				 "when it was run once more",
				 name);
	if (campaign->gather.schedules == 0)
		return say_error(EXIT_UNCONTROLLED,
				 campaign->ending == ENDED_INTERRUPTED
					 ? "%s: interrupted before a schedule was completed"
					 : "%s: not one schedule was completed within the budget",
				 name);
	if (report->unverified)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: %zu finding%s could not be replayed, so it is not known "
				 "whether there is one; run it again%s",
				 name, report->unverified, report->unverified == 1 ? "" : "s",
				 campaign->ending == ENDED_INTERRUPTED ? ", for longer" : "");
	if (report->dropped && report->dropped_schedules >= campaign->gather.schedules)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: every schedule ended in something that did not show when it "
				 "was run once more, so nothing is known; try --reset exec",
				 name);
	if (!campaign->gather.controlled && campaign->gather.spoiled)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: writes over memory that is not its own and spoiled what was "
				 "recorded, so nothing is known; Valgrind tells where",
				 name);
	if (!campaign->gather.controlled)
		return say_error(EXIT_UNCONTROLLED,
				 "%s: creates no thread and calls nothing that jostle controls, so "
				 "there is nothing to explore",
				 name);
	if (children_did_it(&campaign->gather))
		return say_error(EXIT_UNCONTROLLED,
				 "%s: creates no thread but forks, and what its child processes do "
				 "is not controlled; a suite of libcheck runs its tests in one "
				 "process with CK_FORK=no",
				 name);
	return EXIT_CLEAN;
}
