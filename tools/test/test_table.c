/* SPDX-License-Identifier: Apache-2.0 */
/* Columns: a variant's name 26, what it declares 11, jostle 7, each detector 9. */
#include "test/test_table.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/say.h"
#include "report/json_parts.h"

#define NAME_COLUMNS 24
#define CELL_MAX     32

static bool is_wanted(const struct options *options, enum test_tool tool)
{
	return options->under & 1U << tool;
}

static const char *display_name(enum test_tool tool)
{
	static const char *const names[TOOL_COUNT] = { "none", "Helgrind", "DRD", "TSan" };

	return names[tool];
}

/* So that a kind and two letters fit into a cell. */
static const char *short_kind(const char *kind)
{
	static const struct {
		const char *kind, *word;
	} words[] = {
		{ "lock-order", "order" }, { "deadlock", "stands" },
		{ "livelock", "hang" },    { "starvation", "hang" },
		{ "lifetime", "freed" },   { "invariant", "broken" },
		{ "outcome", "result" },   { "linearizability", "history" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].kind, kind) == 0)
			return words[i].word;
	return kind;
}

static bool is_broken(const struct case_entry *entry)
{
	return strcmp(entry->expect, "pass") != 0;
}

void test_table_cell(const struct case_entry *entry, const struct tool_verdict *verdict, char *text,
		     size_t size)
{
	if (!verdict->ran)
		snprintf(text, size, "n/a");
	else if (!verdict->marks[0])
		snprintf(text, size, "ok");
	else if (verdict->found)
		snprintf(text, size, "ok +%s", verdict->marks);
	else
		snprintf(text, size, "%s %s",
			 verdict->other     ? short_kind(verdict->kind)
			 : is_broken(entry) ? "miss"
					    : "?",
			 verdict->marks);
}

const char *test_table_reason(struct pool *pool, const struct tool_verdict *verdict)
{
	const char *reason = "";

	for (const struct disagreement *class = disagreements; class->mark; class ++)
		if (strchr(verdict->marks, class->mark))
			reason = pool_format(pool, "%s%s%s", reason, reason[0] ? "; " : "",
					     class->title);
	return reason;
}

static const char *jostle_word(const struct case_result *result)
{
	static const char *const words[CASE_VERDICT_COUNT] = { [CASE_OK] = "ok",
							       [CASE_FAILED] = "FAIL",
							       [CASE_GAP] = "gap",
							       [CASE_SKIPPED] = "skip",
							       [CASE_NOT_SEEN] = "miss" };

	return words[result->verdict];
}

/* Without the blanks that fill the last column. */
static void end_line(struct page *page)
{
	while (page->length && page->text[page->length - 1] == ' ')
		page->text[--page->length] = '\0';
	page_add(page, "\n");
}

void test_table_head(struct page *page, const struct options *options)
{
	page_style(page, STYLE_TITLE);
	page_add(page, "%-*s %-10s %-6s", NAME_COLUMNS + 1, "case", "declared", "jostle");
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(options, tool))
			page_add(page, " %-8s", test_tool_name(tool));
	end_line(page);
	page_style(page, STYLE_PLAIN);
}

static size_t file_length(const struct case_entry *entry)
{
	return (size_t)(strrchr(entry->id, '/') - entry->id);
}

static bool begins_file(const struct test_rows *rows, size_t at)
{
	const struct case_entry *entry = rows->entries[at];

	return at == 0 || strcmp(rows->entries[at - 1]->file, entry->file) != 0;
}

static void add_cell(struct page *page, const struct case_entry *entry,
		     const struct tool_verdict *verdict)
{
	char text[CELL_MAX];

	test_table_cell(entry, verdict, text, sizeof(text));
	page_add(page, " ");
	page_style(page, !verdict->ran || disagree_is_unexplained(verdict) ? STYLE_BAD
			 : verdict->marks[0]                               ? STYLE_WARN
									   : STYLE_PLAIN);
	page_add(page, "%-8s", text);
	page_style(page, STYLE_PLAIN);
}

static void add_why(struct page *page, const char *name, const char *why)
{
	if (!why[0])
		return;
	page_add(page, "      %s: ", name);
	page_wrap(page, 6, why);
}

void test_table_row(struct page *page, const struct test_rows *rows, size_t at)
{
	const struct case_entry *entry = rows->entries[at];
	const struct case_result *result = &rows->results[at];
	const char *name = strrchr(entry->id, '/') + 1;

	if (begins_file(rows, at))
		page_add(page, "%.*s\n", (int)file_length(entry), entry->id);
	page_add(page, "  %-*.*s %-10s ", NAME_COLUMNS - 1, NAME_COLUMNS - 1, name, entry->expect);
	page_style(page, result->verdict == CASE_FAILED ? STYLE_BAD : STYLE_PLAIN);
	page_add(page, "%-6s", jostle_word(result));
	page_style(page, STYLE_PLAIN);
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(rows->options, tool))
			add_cell(page, entry, &result->tools[tool]);
	end_line(page);
	add_why(page, "jostle", result->why);
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(rows->options, tool))
			add_why(page, test_tool_name(tool), result->tools[tool].why);
}

/* Sums of a column; jostle's is TOOL_COUNT. */
struct sums {
	size_t broken, found, correct, accused;
};

static struct sums sum_of(const struct test_rows *rows, enum test_tool tool)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < rows->count; i++) {
		const struct case_result *result = &rows->results[i];
		const struct tool_verdict *verdict =
			tool < TOOL_COUNT ? &result->tools[tool] : NULL;

		if (!result->done || (verdict && !verdict->ran))
			continue;
		if (is_broken(rows->entries[i])) {
			sums.broken++;
			sums.found += verdict ? verdict->found : result->verdict == CASE_OK;
		} else {
			sums.correct++;
			sums.accused += verdict ? verdict->other : result->verdict == CASE_FAILED;
		}
	}
	return sums;
}

size_t test_table_unexplained(const struct test_rows *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
			if (rows->results[i].done && is_wanted(rows->options, tool))
				count += !rows->results[i].tools[tool].ran ||
					 disagree_is_unexplained(&rows->results[i].tools[tool]);
	return count;
}

/* How many cells carry the mark. */
static size_t marked(const struct test_rows *rows, char mark)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
			count += rows->results[i].done &&
				 strchr(rows->results[i].tools[tool].marks, mark) != NULL;
	return count;
}

static bool any_marks(const struct test_rows *rows)
{
	for (const struct disagreement *class = disagreements; class->mark; class ++)
		if (marked(rows, class->mark))
			return true;
	return test_table_unexplained(rows) > 0;
}

static void add_sums(struct page *page, const char *name, struct sums sums)
{
	page_add(page, "%-9s found %zu of %zu broken variants, accused %zu of %zu correct ones\n",
		 name, sums.found, sums.broken, sums.accused, sums.correct);
}

void test_table_end(struct page *page, const struct test_rows *rows)
{
	page_add(page, "\n");
	add_sums(page, "jostle", sum_of(rows, TOOL_COUNT));
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(rows->options, tool))
			add_sums(page, test_tool_name(tool), sum_of(rows, tool));
	if (any_marks(rows))
		page_add(page, "\nWhy they differ (cases/README.md):\n");
	for (const struct disagreement *class = disagreements; class->mark; class ++)
		if (marked(rows, class->mark))
			page_add(page, "  %c  %s: %zu\n", class->mark, class->title,
				 marked(rows, class->mark));
	if (test_table_unexplained(rows)) {
		page_style(page, STYLE_BAD);
		page_add(page, "  ?  unexplained: %zu\n", test_table_unexplained(rows));
		page_style(page, STYLE_PLAIN);
	}
}

static void add_markdown_head(struct page *page, const struct options *options)
{
	page_add(page, "| Case | Declared | jostle |");
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(options, tool))
			page_add(page, " %s |", display_name(tool));
	page_add(page, "\n|---|---|---|");
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++)
		if (is_wanted(options, tool))
			page_add(page, "---|");
	page_add(page, "\n");
}

static void add_markdown_row(struct page *page, const struct test_rows *rows, size_t at)
{
	const struct case_entry *entry = rows->entries[at];
	const struct case_result *result = &rows->results[at];

	page_add(page, "| %s | %s | %s |", entry->id, entry->expect, jostle_word(result));
	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++) {
		char text[CELL_MAX];

		if (!is_wanted(rows->options, tool))
			continue;
		test_table_cell(entry, &result->tools[tool], text, sizeof(text));
		page_add(page, " %s |", text);
	}
	page_add(page, "\n");
}

static void add_markdown_sums(struct page *page, const struct test_rows *rows)
{
	page_add(page,
		 "\n| | Broken variants found | Correct variants accused |\n|---|---:|---:|\n");
	for (enum test_tool at = 0; at <= TOOL_COUNT; at++) {
		/* jostle first. */
		const enum test_tool tool = at == 0 ? TOOL_COUNT : (enum test_tool)(at - 1);
		const struct sums sums = sum_of(rows, tool);

		if (tool < TOOL_COUNT && !is_wanted(rows->options, tool))
			continue;
		page_add(page, "| %s | %zu of %zu | %zu of %zu |\n",
			 tool < TOOL_COUNT ? display_name(tool) : "jostle", sums.found, sums.broken,
			 sums.accused, sums.correct);
	}
	page_add(page, "\n| | Why they differ | Cells |\n|---|---|---:|\n");
	for (const struct disagreement *class = disagreements; class->mark; class ++)
		page_add(page, "| %c | %s | %zu |\n", class->mark, class->title,
			 marked(rows, class->mark));
	page_add(page, "| ? | unexplained | %zu |\n", test_table_unexplained(rows));
}

int test_table_write(const struct test_rows *rows)
{
	struct page page;
	int code;

	if (!rows->options->table)
		return 0;
	page_init(&page, false);
	add_markdown_head(&page, rows->options);
	for (size_t i = 0; i < rows->count; i++)
		if (rows->results[i].done)
			add_markdown_row(&page, rows, i);
	add_markdown_sums(&page, rows);
	code = page_write_file(&page, rows->options->table);
	page_fini(&page);
	return code;
}

static const char *verdict_word(const struct tool_verdict *verdict)
{
	return !verdict->ran                      ? "not run"
	       : disagree_is_unexplained(verdict) ? "unexplained"
	       : verdict->marks[0]                ? "differs"
						  : "agrees";
}

json_t *test_table_json(const struct options *options, const struct case_result *result)
{
	json_t *object = json_object();

	for (enum test_tool tool = 0; tool < TOOL_COUNT; tool++) {
		const struct tool_verdict *verdict = &result->tools[tool];

		if (!is_wanted(options, tool))
			continue;
		json_object_set_new(
			object, test_tool_name(tool),
			json_pack("{s:s, s:b, s:b, s:s, s:s, s:o, s:I, s:I, s:o}", "verdict",
				  verdict_word(verdict), "found", verdict->found, "other",
				  verdict->other, "marks", verdict->marks, "kind", verdict->kind,
				  "title", json_words(verdict->title), "runs",
				  (json_int_t)verdict->runs, "shown", (json_int_t)verdict->shown,
				  "why", json_words(verdict->why)));
	}
	return object;
}

json_t *test_table_classes(void)
{
	json_t *array = json_array();

	for (const struct disagreement *class = disagreements; class->mark; class ++)
		json_array_append_new(array,
				      json_pack("{s:s%, s:s, s:s}", "mark", &class->mark, (size_t)1,
						"title", class->title, "text", class->text));
	return array;
}
