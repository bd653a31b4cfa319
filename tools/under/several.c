/* SPDX-License-Identifier: Apache-2.0 */
#include "under/several.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/interrupt.h"
#include "jostle/nearest.h"
#include "jostle/say.h"
#include "report/suite.h"
#include "under/merge.h"
#include "under/tool.h"

#define REASON_MAX 1024

/* One detector's part. */
struct part {
	const struct under_tool *tool;
	char **argv;
	struct target target;
	struct report report; /* when it was run */
	bool opened, ran, said;
	int code;
	char reason[REASON_MAX]; /* why it says nothing; "" */
};

struct several {
	const struct exploration *exploration;
	struct part *parts;
	size_t count, argc;
	struct report report; /* of all */
};

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

int under_tools_read(struct under_tools *tools, const char *names)
{
	*tools = (struct under_tools){ .count = 0 };
	for (const char *at = names;; at++) {
		const size_t length = strcspn(at, ",");
		const struct under_tool *tool;
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)(length < 60 ? length : 60), at);
		tool = under_tool_find(name);
		if (!tool)
			return unknown_tool(name);
		for (size_t i = 0; i < tools->count; i++)
			if (tools->list[i] == tool)
				return say_error(EXIT_USAGE, "under: %s is named twice", name);
		tools->list[tools->count++] = tool;
		at += length;
		if (!*at)
			return 0;
	}
}

/* The names of the parts that have this reason, "helgrind and drd". */
static const char *names_with(struct several *several, const char *reason)
{
	const char *names = "", *last = NULL;

	for (size_t i = 0; i < several->count; i++) {
		if (strcmp(several->parts[i].reason, reason) != 0)
			continue;
		if (last)
			names = pool_format(&several->report.pool, "%s%s%s", names,
					    names[0] ? ", " : "", last);
		last = several->parts[i].tool->name;
	}
	return names[0] ? pool_format(&several->report.pool, "%s and %s", names, last) : last;
}

/* Each reason that was not said yet, once. others: somebody else runs. */
static void say_reasons(struct several *several, bool others)
{
	for (size_t i = 0; i < several->count; i++) {
		const char *reason = several->parts[i].reason;

		if (!reason[0] || several->parts[i].said)
			continue;
		if (others)
			say("left out: %s: %s", names_with(several, reason), reason);
		else
			say("%s", reason);
		for (size_t k = i; k < several->count; k++)
			several->parts[k].said |= strcmp(several->parts[k].reason, reason) == 0;
	}
}

/* Finds out what can be run at all, before anything is. Returns 0, or EXIT_USAGE when the program
 * itself is not there. */
static int open_all(struct several *several, size_t *opened)
{
	int code = 0;

	*opened = 0;
	for (size_t i = 0; i < several->count && code != EXIT_USAGE; i++) {
		struct part *part = &several->parts[i];

		say_into(part->reason, sizeof(part->reason));
		code = part->code =
			under_open(part->tool, &part->target, part->argv, several->argc);
		say_into(NULL, 0);
		part->opened = code == 0;
		*opened += part->opened;
		if (code == EXIT_USAGE)
			return say_error(code, "%s", part->reason);
	}
	say_reasons(several, *opened > 0);
	return 0;
}

static void run_part(struct several *several, struct part *part)
{
	struct exploration exploration = *several->exploration;

	exploration.target = &part->target;
	say_into(part->reason, sizeof(part->reason));
	part->code = under_run(&exploration, part->tool, &part->report);
	say_into(NULL, 0);
	part->ran = part->code == EXIT_CLEAN || part->code == EXIT_FOUND;
	/* Something went wrong after it had found something. */
	if (part->ran && part->reason[0])
		say("%s", part->reason);
	if (part->ran)
		part->reason[0] = '\0';
}

/* Returns whether any ran. */
static bool run_all(struct several *several)
{
	bool enough = false, any = false;

	for (size_t i = 0; i < several->count; i++) {
		struct part *part = &several->parts[i];

		if (!part->opened)
			continue;
		if (enough || interrupt_count()) {
			snprintf(part->reason, sizeof(part->reason), "%s",
				 enough ? "--until-first: another detector found something before"
					: "interrupted before it was its turn");
			continue;
		}
		run_part(several, part);
		enough = several->exploration->options->until_first && part->report.counted;
		any |= part->ran;
	}
	say_reasons(several, any);
	return any;
}

/* The numbers of all parts together. The plan is the same. */
static void add_campaign(struct campaign *all, const struct campaign *campaign)
{
	if (all->gather.schedules == 0)
		all->plan = campaign->plan;
	all->gather.schedules += campaign->gather.schedules;
	all->gather.controlled |= campaign->gather.controlled;
	all->gather.findings_lost += campaign->gather.findings_lost;
	all->gather.reset = campaign->gather.reset;
	all->seconds += campaign->seconds;
	if (all->ending == ENDED_SCHEDULES)
		all->ending = campaign->ending;
	gather_add_outcomes(&all->gather, &campaign->gather);
}

static void add_uncontrolled(struct report *report, const char *text)
{
	for (size_t i = 0; i < report->uncontrolled_count; i++)
		if (strcmp(report->uncontrolled[i], text) == 0)
			return;
	report->uncontrolled[report->uncontrolled_count++] = text;
}

static void tell_uncontrolled(struct several *several)
{
	struct report *report = &several->report;
	size_t room = several->count;

	for (size_t i = 0; i < several->count; i++)
		room += several->parts[i].report.uncontrolled_count;
	report->uncontrolled = pool_new(&report->pool, const char *, room);
	for (size_t i = 0; i < several->count; i++)
		if (several->parts[i].reason[0])
			add_uncontrolled(report,
					 pool_format(&report->pool,
						     "what %s would find, which was left out: %s",
						     several->parts[i].tool->name,
						     several->parts[i].reason));
	for (size_t i = 0; i < several->count; i++)
		for (size_t k = 0; k < several->parts[i].report.uncontrolled_count; k++)
			add_uncontrolled(report, several->parts[i].report.uncontrolled[k]);
}

static void tell_tools(struct several *several)
{
	struct report *report = &several->report;
	struct report_tool *tools = pool_new(&report->pool, struct report_tool, several->count);
	const char *names = "";

	for (size_t i = 0; i < several->count; i++) {
		const struct part *part = &several->parts[i];

		tools[i] =
			(struct report_tool){ .name = part->tool->name,
					      .program = part->argv[0],
					      .runs = part->report.campaign.gather.schedules,
					      .ending = part->report.campaign.ending,
					      .left_out = part->reason[0] ? part->reason : NULL };
		names = pool_format(&report->pool, "%s%s%s", names, i ? "," : "", part->tool->name);
	}
	report->tool = names;
	report->tools = tools;
	report->tool_count = several->count;
}

/* By the detector whose story is told. */
static int write_failure(struct several *several, struct story *story)
{
	for (size_t i = 0; i < several->count; i++) {
		const struct part *told = &several->parts[i];
		const struct under_part part = { &told->target, &told->report.campaign };

		if (strcmp(told->tool->name, story->tool) == 0)
			return under_write_failure(several->exploration, &several->report, story,
						   &part);
	}
	return 0;
}

/* Returns 0 or EXIT_USAGE: a failure file could not be written. */
static int tell_stories(struct several *several)
{
	struct merge_part parts[UNDER_TOOLS_MAX];
	struct report *report = &several->report;
	size_t count = 0, room = 0;
	struct story **merged;
	int code = 0;

	for (size_t i = 0; i < several->count; i++) {
		const struct report *part = &several->parts[i].report;

		if (!several->parts[i].ran)
			continue;
		parts[count++] = (struct merge_part){ .tool = several->parts[i].tool->name,
						      .runs = part->campaign.gather.schedules,
						      .stories = part->stories,
						      .count = part->story_count };
		room += part->story_count;
	}
	merged = pool_new(&report->pool, struct story *, room + 1);
	report->stories = pool_new(&report->pool, struct story *, room + 1);
	room = merge_stories(&report->pool, parts, count, merged);
	for (size_t i = 0; i < room; i++) {
		explore_add(several->exploration, report, merged[i]);
		explore_count(several->exploration, report, merged[i]);
		if (code == 0)
			code = write_failure(several, merged[i]);
	}
	return code;
}

/* What was found counts; what nobody could look for is no pass. */
static int judge(const struct several *several)
{
	int code = several->report.counted ? EXIT_FOUND : EXIT_CLEAN;

	for (size_t i = 0; i < several->count && code != EXIT_FOUND; i++) {
		if (several->parts[i].code == EXIT_USAGE)
			return EXIT_USAGE;
		if (several->parts[i].reason[0])
			code = EXIT_UNCONTROLLED;
	}
	return code;
}

static int report_all(struct several *several, bool any)
{
	struct report *report = &several->report;
	int code;

	report->options = several->exploration->options;
	report->level = LEVEL_NAME_PERTURBED;
	report->campaign.ending = any ? ENDED_SCHEDULES : ENDED_REFUSED;
	for (size_t i = 0; i < several->count; i++)
		if (several->parts[i].ran)
			add_campaign(&report->campaign, &several->parts[i].report.campaign);
	for (size_t i = 0; i < several->count && !report->target; i++)
		if (several->parts[i].opened)
			report->target = &several->parts[i].target;
	tell_tools(several);
	tell_uncontrolled(several);
	code = tell_stories(several);
	return explore_print(report, code ? code : judge(several));
}

int under_several(const struct under_tools *tools, const struct exploration *exploration,
		  char **argv, size_t argc, const char *tsan_build)
{
	struct exploration opened = *exploration;
	struct part parts[UNDER_TOOLS_MAX] = { 0 };
	struct several several = {
		.exploration = &opened, .parts = parts, .count = tools->count, .argc = argc
	};
	struct input input = { .fd = -1 };
	size_t open;
	int code;

	for (size_t i = 0; i < several.count; i++) {
		parts[i].tool = tools->list[i];
		parts[i].argv = pool_new(&several.report.pool, char *, argc + 1);
		memcpy(parts[i].argv, argv, argc * sizeof(*argv));
		parts[i].argv[argc] = NULL;
		if (tsan_build && tools->list[i] == &tsan_tool)
			parts[i].argv[0] = (char *)(size_t)tsan_build;
	}
	code = open_all(&several, &open);
	if (code == 0 && open == 0)
		code = EXIT_UNCONTROLLED;
	if (code == 0)
		code = input_open(&input, exploration->input);
	if (code == 0) {
		opened.opened = &input;
		code = report_all(&several, run_all(&several));
	}
	for (size_t i = 0; i < several.count; i++)
		report_fini(&parts[i].report);
	input_close(&input);
	report_fini(&several.report);
	return code;
}
