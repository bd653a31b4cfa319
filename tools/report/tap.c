/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TAP version 14 (testanything.org). A test's story is its YAML block: texts of one line in double
 * quotes, as in JSON, those of many lines as literal blocks.
 */
#include <string.h>

#include "report/suite.h"

/* Descriptions: a # would begin a directive, a backslash escapes. */
static void add_escaped(struct page *page, const char *text, const char *characters)
{
	while (*text) {
		size_t length = strcspn(text, characters);

		page_add(page, "%.*s", (int)length, text);
		text += length;
		if (*text)
			page_add(page, "\\%c", *text++);
	}
}

static void add_field(struct page *page, struct pool *pool, const char *name, const char *text)
{
	if (!text[0])
		return;
	page_add(page, "  %s: \"", name);
	add_escaped(page, text_line(pool, text), "\"\\");
	page_add(page, "\"\n");
}

static void add_block(struct page *page, struct pool *pool, const char *name, const char *bytes,
		      size_t size)
{
	const char *text = text_clean(pool, bytes, size);

	text += strspn(text, "\n");
	if (!text[0])
		return;
	page_add(page, "  %s: |\n", name);
	while (*text) {
		size_t length = strcspn(text, "\n");

		/* Tabs would be part of the indentation for some readers. */
		page_add(page, "    |%s%.*s\n", length ? " " : "", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static void add_test(struct page *page, struct pool *pool, size_t number,
		     const struct suite_test *test)
{
	const bool failed = test->status == SUITE_FAILED || test->status == SUITE_ERROR;
	const bool known = test->status == SUITE_KNOWN;

	page_add(page, "%sok %zu - ", failed || known ? "not " : "", number);
	add_escaped(page, text_line(pool, test->name), "#\\");
	if (test->status == SUITE_SKIPPED || known) {
		/* The words may be in any case. */
		page_add(page, " # %s ", known ? "todo" : "skip");
		add_escaped(page, text_line(pool, test->message), "#\\");
	}
	page_add(page, "\n");
	if (!failed)
		return;
	page_add(page, "  ---\n");
	add_field(page, pool, "message", test->message);
	add_field(page, pool, "type", test->type);
	if (test->text)
		add_block(page, pool, "story", test->text, strlen(test->text));
	if (test->output_size)
		add_block(page, pool, "output", test->output, test->output_size);
	page_add(page, "  ...\n");
}

void suite_tap(const struct suite *suite, struct page *page)
{
	struct pool pool = { NULL };

	page_add(page, "TAP version 14\n1..%zu\n", suite->count);
	for (size_t i = 0; i < suite->count; i++)
		add_test(page, &pool, i + 1, &suite->tests[i]);
	pool_fini(&pool);
}
