/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of the catalogue as tests for CI systems. */
#include "jostle/test_suite.h"

#include <string.h>

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

int test_suite_write(struct case_entry *const *entries, const struct case_result *results,
		     size_t count, const struct options *options)
{
	struct suite suite = { .name = "jostle test" };
	int code;

	if (!options->junit && !options->tap)
		return 0;
	suite.tests = pool_new(&suite.pool, struct suite_test, count);
	for (size_t i = 0; i < count; i++)
		add(&suite, entries[i], &results[i]);
	code = suite_write(&suite, options);
	suite_fini(&suite);
	return code;
}
