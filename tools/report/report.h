/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of a run as it is told: the campaign's numbers and the stories of its findings. Made
 * by explore(), printed by text.c and json.c, which add nothing to it.
 */
#ifndef JOSTLE_REPORT_REPORT_H
#define JOSTLE_REPORT_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "campaign/campaign.h"
#include "campaign/target.h"
#include "jostle/options.h"
#include "report/page.h"
#include "report/pool.h"
#include "report/story.h"

#define REPORT_VERSION 1 /* of the JSON; tools/README.md says what changed */

/* One detector that `under` was asked for. */
struct report_tool {
	const char *name, *program;
	uint64_t runs;
	enum campaign_ending ending;
	const char *left_out; /* why it has nothing to say; NULL: it ran */
};

struct report {
	struct pool pool;
	const struct options *options;
	const struct target *target;
	struct campaign campaign;
	struct story **stories;
	size_t story_count;
	size_t counted;             /* stories that make the exit code 1 */
	size_t dropped;             /* findings that did not replay */
	uint64_t dropped_schedules; /* that showed them */
	size_t unverified;          /* findings that were left because the user interrupted */
	const char *level;
	const char *tool; /* what `under` ran it below, "drd" or "helgrind,drd"; NULL: not under */
	const struct report_tool *tools; /* each of them */
	size_t tool_count;
	const char **uncontrolled; /* what was not seen or not controlled, sorted */
	size_t uncontrolled_count;
};

/* The findings and the ending, for people. */
void report_text(const struct report *report, struct page *page);
/* One finding in full. */
void story_text(struct pool *pool, const struct story *story, bool all_output, struct page *page);
/* The interleaving table of a story. */
void story_table(struct pool *pool, const struct story *story, struct page *page);
/* The last paragraphs: what the result means. */
void report_ending(const struct report *report, struct page *page);

/* New references. */
json_t *report_json(const struct report *report);
json_t *story_json(const struct story *story);

/* Writes an object to a file, or to standard output for "-". Returns 0 or EXIT_USAGE, the reason
 * having been said. */
int json_write(const json_t *object, const char *file);

#endif
