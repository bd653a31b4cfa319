/* SPDX-License-Identifier: Apache-2.0 */
/* The tests that a run consists of, and where its formats are written to. */
#include "report/suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/say.h"
#include "report/report.h"

static const char *page_text(struct pool *pool, const struct page *page)
{
	return page->length ? pool_text(pool, page->text) : NULL;
}

static struct suite_test test_of_story(struct pool *pool, const struct report *report,
				       const struct story *story)
{
	struct suite_test test = { .name = story->title, .message = story->headline };
	/* The output has a place of its own. */
	struct story told = *story;
	struct page page;

	test.type = story->cause[0] ? pool_format(pool, "%s: %s", story->kind, story->cause)
				    : story->kind;
	test.status = SUITE_SKIPPED;
	if (story->suppressed)
		test.message = pool_format(pool, "suppressed by %s", story->suppressed);
	else if (story->in_baseline)
		test.message = "in the baseline";
	else if (story->folded_into)
		test.message = pool_format(pool, "%s %s", story->folded_as, story->folded_into);
	else if ((int)story->severity_level < report->options->fail_on)
		test.message = pool_format(pool, "%s: %s", story->severity, story->headline);
	else
		test.status = SUITE_FAILED;
	told.output_size = 0;
	page_init(&page, false);
	story_text(pool, &told, true, &page);
	test.text = page_text(pool, &page);
	page_fini(&page);
	test.output = story->output;
	test.output_size = story->output_size;
	return test;
}

static struct suite_test test_of_campaign(struct pool *pool, const struct report *report,
					  bool uncontrolled)
{
	struct suite_test test = { .name = "the schedules were explored",
				   .type = "uncontrolled",
				   .message = "",
				   .seconds = report->campaign.seconds };
	struct page page;

	if (uncontrolled || report->campaign.ending == ENDED_FAILED) {
		test.status = SUITE_ERROR;
		test.message = report->campaign.refusal[0]
				       ? pool_text(pool, report->campaign.refusal)
				       : "nothing in the program could be controlled; standard "
					 "error says why";
		return test;
	}
	page_init(&page, false);
	report_ending(report, &page);
	test.text = page_text(pool, &page);
	page_fini(&page);
	return test;
}

/* Of several detectors each is a test: one that was left out could not be tried. */
static struct suite_test test_of_tool(struct pool *pool, const struct report_tool *tool)
{
	struct suite_test test = { .name = pool_format(pool, "below %s", tool->name),
				   .type = "uncontrolled",
				   .message = "" };

	if (tool->left_out) {
		test.status = SUITE_ERROR;
		test.message = pool_format(pool, "left out: %s", tool->left_out);
	} else {
		test.text = pool_format(pool, "%s ran %llu times.\n", tool->program,
					(unsigned long long)tool->runs);
	}
	return test;
}

void suite_of_run(struct suite *suite, const struct report *report, bool uncontrolled)
{
	struct pool *pool = &suite->pool;

	suite->name =
		report->tool ? pool_format(pool, "jostle under %s", report->tool) : "jostle run";
	if (report->target->argc)
		suite->name = pool_format(pool, "%s %s", suite->name, report->target->argv[0]);
	for (size_t i = 1; i < report->target->argc && strlen(suite->name) < 200; i++)
		suite->name = pool_format(pool, "%s %.200s", suite->name, report->target->argv[i]);
	suite->seconds = report->campaign.seconds;
	suite->tests =
		pool_new(pool, struct suite_test, 1 + report->tool_count + report->story_count);
	suite->tests[suite->count++] = test_of_campaign(pool, report, uncontrolled);
	for (size_t i = 0; report->tool_count > 1 && i < report->tool_count; i++)
		suite->tests[suite->count++] = test_of_tool(pool, &report->tools[i]);
	for (size_t i = 0; i < report->story_count; i++)
		suite->tests[suite->count++] = test_of_story(pool, report, report->stories[i]);
}

void suite_fini(struct suite *suite)
{
	pool_fini(&suite->pool);
	*suite = (struct suite){ .count = 0 };
}

int suite_write(const struct suite *suite, const struct options *options)
{
	const struct {
		const char *file;
		void (*compose)(const struct suite *suite, struct page *page);
	} formats[] = { { options->junit, suite_junit }, { options->tap, suite_tap } };
	int code = 0;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct page page;
		int written;

		if (!formats[i].file)
			continue;
		page_init(&page, false);
		formats[i].compose(suite, &page);
		written = page_write_file(&page, formats[i].file);
		page_fini(&page);
		if (!code)
			code = written;
	}
	return code;
}

static unsigned wants_output(const char *file)
{
	return file && strcmp(file, "-") == 0;
}

bool output_is_taken(const struct options *options)
{
	return wants_output(options->json) || wants_output(options->junit) ||
	       wants_output(options->tap) || wants_output(options->html) ||
	       wants_output(options->table);
}

/* That a device gets several is the user's wish; of a file only the last would be left. */
static const char *file_named_twice(const struct options *options)
{
	const char *const files[] = { options->json, options->junit, options->tap, options->html,
				      options->table };
	struct stat status;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		for (size_t k = 0; k < i; k++)
			if (files[i] && files[k] && strcmp(files[i], files[k]) == 0 &&
			    (stat(files[i], &status) < 0 || S_ISREG(status.st_mode)))
				return files[i];
	return NULL;
}

int output_check(const struct options *options)
{
	const char *twice;

	if (wants_output(options->json) + wants_output(options->junit) +
		    wants_output(options->tap) + wants_output(options->html) +
		    wants_output(options->table) >
	    1)
		return say_error(EXIT_USAGE,
				 "only one of --json, --html, --table, --junit and --tap can "
				 "be -, standard output");
	twice = file_named_twice(options);
	if (twice)
		return say_error(EXIT_USAGE,
				 "%s: is to hold the result in two formats; name a file for each",
				 twice);
	return 0;
}
