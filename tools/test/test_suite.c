/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of the catalogue as tests for CI systems. */
#include "test/test_suite.h"

#include <string.h>

#include "test/test_table.h"

/* A test that is skipped says why. */
static const char *message_of(struct pool *pool, const struct case_result *result)
{
	if (result->verdict == CASE_NOT_SEEN && !result->why[0])
		return pool_format(pool, "not seen in %llu runs on real threads",
				   (unsigned long long)result->schedules);
	return pool_text(pool, result->why);
}

static void add(struct suite *suite, const struct case_entry *entry,
		const struct case_result *result)
{
	static const enum suite_status status[] = { [CASE_OK] = SUITE_PASSED,
						    [CASE_FAILED] = SUITE_FAILED,
						    [CASE_GAP] = SUITE_KNOWN,
						    [CASE_SKIPPED] = SUITE_SKIPPED,
						    [CASE_NOT_SEEN] = SUITE_SKIPPED };
	struct pool *pool = &suite->pool;
	struct suite_test *test = &suite->tests[suite->count++];
	const char *found = result->kind[0] ? result->kind : "nothing";

	*test = (struct suite_test){ .name = entry->id,
				     .status = result->done ? status[result->verdict] : SUITE_ERROR,
				     .type = found,
				     .message = result->done
							? message_of(pool, result)
							: "not run: the command was interrupted",
				     .seconds = result->seconds };
	test->text =
		pool_format(pool,
			    "%s\n  declared: %s%s%s\n  found: %s%s%s%s%s\n  in %llu "
			    "schedules\n  at %s:%u\n",
			    entry->title, entry->expect, entry->cause ? ": " : "",
			    entry->cause ? entry->cause : "", found, result->cause[0] ? ": " : "",
			    result->cause, result->title[0] ? "; " : "", result->title,
			    (unsigned long long)result->schedules, entry->file, entry->line);
	suite->seconds += result->seconds;
}

/* A detector's word on a case is a test of its own: a difference with a reason is skipped, one
 * without fails. */
static void add_tool(struct suite *suite, const struct case_entry *entry, enum test_tool tool,
		     const struct tool_verdict *verdict)
{
	struct pool *pool = &suite->pool;
	struct suite_test *test = &suite->tests[suite->count++];
	char cell[32];

	test_table_cell(entry, verdict, cell, sizeof(cell));
	*test = (struct suite_test){
		.name = pool_format(pool, "%s under %s", entry->id, test_tool_name(tool)),
		.status = !verdict->ran                      ? SUITE_ERROR
			  : disagree_is_unexplained(verdict) ? SUITE_FAILED
			  : verdict->marks[0]                ? SUITE_SKIPPED
							     : SUITE_PASSED,
		.type = verdict->kind[0] ? pool_text(pool, verdict->kind) : "nothing",
		.message = verdict->why[0]     ? pool_text(pool, verdict->why)
			   : verdict->marks[0] ? test_table_reason(pool, verdict)
					       : "",
		.text = pool_format(
			pool, "%s\n  declared: %s\n  %s: %s%s%s\n  in %llu of %llu runs\n",
			entry->title, entry->expect, test_tool_name(tool), cell,
			verdict->title[0] ? "; " : "", verdict->title,
			(unsigned long long)verdict->shown, (unsigned long long)verdict->runs),
		.seconds = verdict->seconds
	};
	suite->seconds += verdict->seconds;
}

int test_suite_write(struct case_entry *const *entries, const struct case_result *results,
		     size_t count, const struct options *options)
{
	struct suite suite = { .name = "jostle test" };
	int code;

	if (!options->junit && !options->tap)
		return 0;
	suite.tests = pool_new(&suite.pool, struct suite_test, count * (1 + TOOL_COUNT));
	for (size_t i = 0; i < count; i++) {
		add(&suite, entries[i], &results[i]);
		for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
			if (results[i].done && options->under & 1U << tool)
				add_tool(&suite, entries[i], tool, &results[i].tools[tool]);
	}
	code = suite_write(&suite, options);
	suite_fini(&suite);
	return code;
}
