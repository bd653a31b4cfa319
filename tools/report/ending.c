/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the result means. A clean campaign is evidence, not proof, and the report says how much: how
 * many schedules, how many of them different, when the last new one came, what was not seen. For a
 * strategy whose schedules are independent the rule of three holds: what N schedules never showed
 * has, at 95 % confidence, a probability of at most 3/N in each of them.
 */
#include <stdio.h>
#include <string.h>

#include "report/report.h"

/* "helgrind and drd", those that ran or those that were left out; "" when it was none. */
static const char *tools_text(const struct report *report, struct pool *pool, bool left_out)
{
	const char *text = "", *last = NULL;

	for (size_t i = 0; i < report->tool_count; i++) {
		if ((report->tools[i].left_out != NULL) != left_out)
			continue;
		if (last)
			text = pool_format(pool, "%s%s%s", text, text[0] ? ", " : "", last);
		last = report->tools[i].name;
	}
	return text[0] ? pool_format(pool, "%s and %s", text, last) : last ? last : "";
}

static void tell_perturbed(const struct report *report, struct pool *pool, struct page *page)
{
	const struct campaign *campaign = &report->campaign;
	const double seconds = campaign->seconds > 0 ? campaign->seconds : 1e-9;
	const double rate = (double)campaign->gather.schedules / seconds;

	page_wrap(page, 2,
		  pool_format(pool,
			      "%s runs on real threads%s%s in %.1f s (%s/s); level %s, strategy "
			      "%s, seed %llu, %u at a time.",
			      count_text(pool, campaign->gather.schedules),
			      report->tool ? " below " : "", tools_text(report, pool, false),
			      campaign->seconds,
			      rate < 10 ? pool_format(pool, "%.1f", rate)
					: count_text(pool, (uint64_t)rate),
			      report->level, campaign->plan.strategy,
			      (unsigned long long)campaign->plan.seed, campaign->plan.jobs));
}

static const char *common_text(uint32_t common)
{
	switch (common) {
	case COMMON_LOCKS:
		return "the locks of files that the program takes";
	case COMMON_FILES:
		return "the files that the program makes or writes";
	case COMMON_ADDRESSES:
		return "the addresses of its sockets";
	default:
		return "the keys of its System V objects";
	}
}

static void tell_campaign(const struct report *report, struct pool *pool, struct page *page)
{
	const struct campaign *campaign = &report->campaign;
	const struct gather *gather = &campaign->gather;
	const double seconds = campaign->seconds > 0 ? campaign->seconds : 1e-9;

	page_wrap(page, 2,
		  pool_format(pool,
			      "%s schedules in %.1f s (%s/s), %s of them different%s; level %s, "
			      "reset %s, strategy %s, seed %llu%s.",
			      count_text(pool, gather->schedules), campaign->seconds,
			      count_text(pool, (uint64_t)((double)gather->schedules / seconds)),
			      count_text(pool, gather->seen.count),
			      /* Workers know only what they themselves saw before. */
			      gather->seen.count && campaign->plan.jobs == 1
				      ? pool_format(pool, ", the last new one at schedule %s",
						    count_text(pool, gather->last_new))
				      : "",
			      report->level, reset_name(gather->reset), campaign->plan.strategy,
			      (unsigned long long)campaign->plan.seed,
			      campaign->plan.jobs > 1
				      ? pool_format(pool, ", %u workers", campaign->plan.jobs)
				      : ""));
	if (campaign->fallback[0])
		page_wrap(page, 2,
			  pool_format(pool, "The reset is %s because: %s.",
				      reset_name(gather->reset), campaign->fallback));
	if (campaign->common)
		page_wrap(page, 2,
			  pool_format(pool,
				      "There was one worker, since schedules that run at the same "
				      "time share %s.",
				      common_text(campaign->common)));
	if (gather->verified)
		page_wrap(page, 2,
			  pool_format(pool, "%s schedules were run twice and came out the same.",
				      count_text(pool, gather->verified)));
	if (gather->kills)
		page_wrap(page, 2,
			  pool_format(pool, "%s process%s killed, as --kill asked.",
				      count_text(pool, gather->kills),
				      gather->kills == 1 ? " was" : "es were"));
}

static void tell_ending(const struct report *report, struct pool *pool, struct page *page)
{
	switch (report->campaign.ending) {
	case ENDED_INTERRUPTED:
		page_wrap(page, 2, "Interrupted: this is what was known by then.");
		break;
	case ENDED_HANGS:
		page_wrap(page, 2,
			  "Stopped early: several schedules hang, and each further one would cost "
			  "the whole --hang-timeout.");
		break;
	case ENDED_DEATHS:
		page_wrap(page, 2, "Stopped early: the program's processes die again and again.");
		break;
	default:
		break;
	}
	if (report->dropped)
		page_wrap(page, 2,
			  pool_format(
				  pool,
				  "%zu finding%s did not replay in a fresh process and %s dropped.",
				  report->dropped, report->dropped == 1 ? "" : "s",
				  report->dropped == 1 ? "was" : "were"));
	if (report->unverified)
		page_wrap(page, 2,
			  pool_format(pool,
				      "%zu finding%s could not be replayed before the end and %s "
				      "not reported.",
				      report->unverified, report->unverified == 1 ? "" : "s",
				      report->unverified == 1 ? "is" : "are"));
	if (report->campaign.gather.findings_lost)
		page_wrap(page, 2,
			  pool_format(pool, "%s findings did not fit and were only counted.",
				      count_text(pool, report->campaign.gather.findings_lost)));
}

/* random, sticky, pct and pos draw each schedule anew; auto mixes them and is named for what it is.
 */
static bool is_independent(const char *strategy)
{
	static const char *const names[] = { "random", "sticky", "pct", "pos" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(strategy, names[i], length) == 0 &&
		    (!strategy[length] || strategy[length] == ':'))
			return true;
	}
	return false;
}

static void tell_meaning(const struct report *report, struct pool *pool, struct page *page)
{
	/* The schedules of the learning batch were drawn before the strategy knew how long a
	 * schedule is. */
	const uint64_t schedules = report->campaign.gather.schedules;
	const uint64_t independent = schedules > BOARD_BATCH ? schedules - BOARD_BATCH : 0;

	if (report->story_count || independent < 3)
		return;
	if (report->campaign.gather.threads_max < 2) {
		page_wrap(page, 2,
			  "The program never had more than one thread, so there was nothing to "
			  "interleave.");
		return;
	}
	if (is_independent(report->campaign.plan.strategy))
		page_wrap(page, 2,
			  pool_format(pool,
				      "A bug that %s hits with probability 1/%s or more in a "
				      "schedule would have been missed with a "
				      "chance of at most 5 %%.",
				      report->campaign.plan.strategy,
				      count_text(pool, independent / 3)));
	else
		page_wrap(page, 2,
			  "No bound is given on what was missed: this strategy's schedules do not "
			  "share one distribution.");
}

static void tell_uncontrolled(const struct report *report, struct page *page)
{
	if (!report->uncontrolled_count)
		return;
	page_add(page, "Not seen or not controlled:\n");
	for (size_t i = 0; i < report->uncontrolled_count; i++) {
		page_add(page, "  - ");
		page_wrap(page, 4, report->uncontrolled[i]);
	}
}

static void tell_outcomes(const struct report *report, struct page *page)
{
	const struct gather *gather = &report->campaign.gather;

	if (!gather->outcome_count)
		return;
	page_add(page, "Outcomes:\n");
	for (size_t i = 0; i < gather->outcome_count; i++) {
		char count[32];

		format_count(count, sizeof(count), gather->outcomes[i].count);
		page_add(page, "  %12s  %s\n", count, gather->outcomes[i].text);
	}
}

/* Why a story does not make the exit code 1; in the order in which they are told. */
enum standing { COUNTS, BELOW_FAIL_ON, IN_BASELINE, SUPPRESSED, FOLDED };

static enum standing standing_of(const struct report *report, const struct story *story)
{
	if (story->suppressed)
		return SUPPRESSED;
	if (story->in_baseline)
		return IN_BASELINE;
	if (story->folded_into)
		return FOLDED;
	return story->severity_level >= (unsigned)report->options->fail_on ? COUNTS : BELOW_FAIL_ON;
}

/* "2 errors and 1 note", of the stories of one standing; "" when there are none. */
static const char *count_severities(const struct report *report, struct pool *pool,
				    enum standing standing)
{
	const char *text = "";

	for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--) {
		size_t count = 0;

		for (size_t i = 0; i < report->story_count; i++)
			count += report->stories[i]->severity_level == (unsigned)severity &&
				 standing_of(report, report->stories[i]) == standing;
		if (count)
			text = pool_format(pool, "%s%s%zu %s%s", text, text[0] ? " and " : "",
					   count, severity_name((unsigned)severity),
					   count == 1 ? "" : "s");
	}
	return text;
}

static void tell_verdict(const struct report *report, struct pool *pool, struct page *page)
{
	static const char *const why[] = { [BELOW_FAIL_ON] = "below --fail-on",
					   [IN_BASELINE] = "in the baseline",
					   [SUPPRESSED] = "suppressed" };
	const char *counted = count_severities(report, pool, COUNTS);
	bool first = true;

	page_style(page, report->counted ? STYLE_BAD : STYLE_GOOD);
	page_add(page, "%s%s", report->counted ? "Found " : "Nothing found", counted);
	page_style(page, STYLE_PLAIN);
	for (enum standing standing = BELOW_FAIL_ON; standing <= SUPPRESSED; standing++) {
		const char *others = count_severities(report, pool, standing);

		if (!others[0])
			continue;
		page_add(page, "%s %s %s", first ? "; not counted:" : ",", others, why[standing]);
		first = false;
	}
	if (tools_text(report, pool, true)[0])
		page_add(page, "; %s left out", tools_text(report, pool, true));
	page_add(page, ".\n");
}

void report_ending(const struct report *report, struct page *page)
{
	struct pool pool = { NULL };

	tell_verdict(report, &pool, page);
	if (report->campaign.plan.perturbed)
		tell_perturbed(report, &pool, page);
	else
		tell_campaign(report, &pool, page);
	tell_ending(report, &pool, page);
	tell_meaning(report, &pool, page);
	tell_outcomes(report, page);
	tell_uncontrolled(report, page);
	pool_fini(&pool);
}
