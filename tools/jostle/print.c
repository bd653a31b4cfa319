/* SPDX-License-Identifier: Apache-2.0 */
/* The result of an exploration, in each form that was asked for. */
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/explore.h"
#include "jostle/say.h"
#include "report/suite.h"

/* Of several detectors one may be left out: what the others did is a result. */
static bool nothing_ran(const struct report *report, int exit_code)
{
	return exit_code == EXIT_UNCONTROLLED &&
	       (report->tool_count < 2 || report->campaign.ending == ENDED_REFUSED);
}

/* A campaign that could not go on is told for what it had found. */
static bool has_result(const struct report *report)
{
	const enum campaign_ending ending = report->campaign.ending;

	return (ending != ENDED_REFUSED && ending != ENDED_FAILED) || report->story_count;
}

/* JSON, JUnit or TAP on standard output leaves no room for text; nor is there a result to tell when
 * nothing was controlled. */
static int print(const struct report *report, int exit_code)
{
	const char *json = report->options->json;
	struct page page;
	int code = 0, json_code = 0;

	if (!output_is_taken(report->options) &&
	    (!nothing_ran(report, exit_code) || report->story_count)) {
		command_page(&page, report->options);
		report_text(report, &page);
		code = page_write(&page, STDOUT_FILENO);
		page_fini(&page);
	}
	if (json) {
		json_t *object = report_json(report);

		json_code = json_write(object, json);
		json_decref(object);
	}
	return code ? code : json_code;
}

/* Written also when the program was refused: a CI system must not take the want of a file for a
 * pass. */
static int write_suite(const struct report *report, int exit_code)
{
	struct suite suite = { .count = 0 };
	int code;

	if (!report->options->junit && !report->options->tap)
		return 0;
	suite_of_run(&suite, report, nothing_ran(report, exit_code));
	code = suite_write(&suite, report->options);
	suite_fini(&suite);
	return code;
}

int explore_print(const struct report *report, int code)
{
	int printed = 0, written;

	if (has_result(report))
		printed = print(report, code);
	written = write_suite(report, code);
	if (!printed)
		printed = written;
	return code == EXIT_UNCONTROLLED || !printed ? code : printed;
}
