/* SPDX-License-Identifier: Apache-2.0 */
#include "test/test_case.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "jostle/explore.h"
#include "jostle/say.h"
#include "symbols/access_lines.h"

#define CASE_TIME_NS 120000000000ULL /* no case may keep the others waiting longer, by itself */

static bool is_broken(const struct case_entry *entry)
{
	return strcmp(entry->expect, "pass") != 0;
}

bool case_needs_accesses(const struct case_entry *entry)
{
	return is_broken(entry) && (entry->needs_accesses || strcmp(entry->expect, "race") == 0);
}

/* The runs of one case at the perturbed level: each is a process, and one that hangs is watched for
 * a quarter of a second. */
#define PERTURBED_RUNS 40

void case_options(struct options *options, const struct options *given,
		  const struct case_entry *entry, uint64_t schedules, bool until_first)
{
	*options = *given;
	options->schedules = schedules;
	options->time_ns = CASE_TIME_NS;
	/* Who asks for more than the case does waits for it. */
	if (schedules > entry->schedules)
		options->time_ns *= (schedules + entry->schedules - 1) / entry->schedules;
	options->until_first = until_first;
	options->nasty = given->level == LEVEL_PERTURBED ? 0 : entry->nasty;
	options->level = given->level == LEVEL_PERTURBED ? LEVEL_PERTURBED : LEVEL_AUTO;
	options->jobs = 1;
	options->confirm = 0;
	options->quiet = true;
	options->fail_on = finding_kind_from_name(entry->expect) > 0
				   ? (int)finding_kind_severity(
					     (unsigned)finding_kind_from_name(entry->expect))
				   : SEVERITY_WARNING;
}

/* Explores one case once. Stories live in the report, which the caller ends. */
static int explore_case(const struct options *given, const struct case_entry *entry,
			uint64_t schedules, bool until_first, struct report *report,
			struct target *target)
{
	struct options options;
	struct exploration exploration = { .options = &options,
					   .target = target,
					   .null_input = true };
	struct pool pool = { NULL };
	int code;

	case_options(&options, given, entry, schedules, until_first);
	code = plan_from_options(&exploration.plan, &options, &pool);
	if (code == 0)
		code = explore(&exploration, report);
	/* Only the numbers are read from now on. */
	report->options = given;
	pool_fini(&pool);
	return code;
}

static void fail(struct case_result *result, const char *why)
{
	result->verdict = CASE_FAILED;
	snprintf(result->why, sizeof(result->why), "%.230s", why);
	result->may_improve = false;
}

static void explore_and_judge(const struct options *options, const struct case_entry *entry,
			      const char *program, struct case_result *result)
{
	const bool on_threads = options->level == LEVEL_PERTURBED;
	const uint64_t schedules = options->schedules ? options->schedules
				   : on_threads       ? PERTURBED_RUNS
						      : entry->schedules;
	char *argv[] = { (char *)(size_t)program, (char *)(size_t) "--run",
			 (char *)(size_t)entry->id, NULL };
	struct report report;
	struct target target;

	if (target_open(&target, argv, 3)) {
		fail(result, "the catalogue's program cannot be started");
		return;
	}
	/* Most broken cases show all they have at once; only if something is missing is the whole
	 * budget spent. */
	for (int until_first = is_broken(entry); until_first >= 0; until_first--) {
		int code = explore_case(options, entry, schedules, until_first, &report, &target);

		(on_threads ? judge_case_on_threads : judge_case)(entry, report.stories,
								  report.story_count, result);
		result->schedules = report.campaign.gather.schedules;
		result->event_hash =
			hash_fold(result->event_hash, report.campaign.gather.event_hash);
		result->seconds += report.campaign.seconds;
		if (code != EXIT_CLEAN && code != EXIT_FOUND)
			fail(result, report.campaign.refusal[0] ? report.campaign.refusal
								: "could not be explored");
		report_fini(&report);
		if (!result->may_improve)
			break;
	}
}

static void skip(struct case_result *result, const char *why)
{
	result->verdict = CASE_SKIPPED;
	snprintf(result->why, sizeof(result->why), "%s", why);
}

/* One level; the name of the level that failed stands before the reason. */
static void run_level(const struct options *options, const struct case_entry *entry,
		      const char *program, const char *level, struct case_result *result)
{
	char why[sizeof(result->why)];

	snprintf(result->levels + strlen(result->levels),
		 sizeof(result->levels) - strlen(result->levels), "%s%s",
		 result->levels[0] ? " " : "", level);
	explore_and_judge(options, entry, program, result);
	if (result->verdict != CASE_FAILED || !is_broken(entry)) {
		memcpy(why, result->why, sizeof(why));
		if (result->verdict == CASE_FAILED)
			snprintf(result->why, sizeof(result->why), "%s: %.200s", level, why);
	}
}

void test_case(const struct options *options, const struct cases *cases,
	       const struct case_entry *entry, struct case_result *result)
{
	const bool controlled =
		options->level != LEVEL_INSTRUMENTED && !case_needs_accesses(entry);
	const bool instrumented = options->level == LEVEL_INSTRUMENTED ||
				  (options->level == LEVEL_AUTO && cases->instrumented[0] &&
				   (case_needs_accesses(entry) || !is_broken(entry)));

	result->levels[0] = '\0';
	result->event_hash = HASH_START;
	if (options->level == LEVEL_PERTURBED) {
		run_level(options, entry, cases->program, LEVEL_NAME_PERTURBED, result);
		return;
	}
	if (instrumented && !cases->instrumented[0])
		fail(result, "there is no instrumented catalogue; build it, or name it in "
			     "JOSTLE_CASES_INSTRUMENTED");
	else if (!controlled && !instrumented)
		skip(result, "needs memory accesses to be seen, which the controlled level does "
			     "not do");
	else if (controlled)
		run_level(options, entry, cases->program, LEVEL_NAME_CONTROLLED, result);
	if (instrumented && cases->instrumented[0] && (!controlled || result->verdict == CASE_OK))
		run_level(options, entry, cases->instrumented, LEVEL_NAME_INSTRUMENTED, result);
}

void test_find_gone(struct cases *cases, size_t *gone)
{
	struct access_lines lines;
	const bool known = cases->instrumented[0] &&
			   access_lines_read(&lines, cases->instrumented) == 0 && lines.count;

	*gone = 0;
	for (size_t i = 0; known && i < cases->count; i++) {
		struct case_entry *entry = &cases->entries[i];

		for (size_t k = 0; strcmp(entry->expect, "race") == 0 && k < entry->mark_count;
		     k++) {
			struct case_mark *mark = &entry->marks[k];

			mark->gone =
				mark->must && !access_lines_has(&lines, entry->file, mark->line);
			*gone += mark->gone;
		}
	}
	if (cases->instrumented[0])
		access_lines_fini(&lines);
}
