/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interleaving: one column for each thread that takes part, one row for each step, time
 * downwards. What a thread did stands in its own column, so that the eye follows one thread down
 * and the order of two across. With more than three threads the columns would be too narrow, and
 * the thread's label stands in the row instead.
 */
#include <string.h>

#include "report/report.h"
#include "report/source.h"

#define STEP_WIDTH  6
#define COLUMNS_MAX 3
#define INDENT      2

struct table {
	struct pool *pool;
	const struct story *story;
	struct page *page;
	unsigned threads[COLUMNS_MAX];
	size_t columns;   /* 0: labels in the rows */
	const char *file; /* where most rows lie: named once, above; NULL none */
	size_t width;     /* of a column */
};

static void choose_columns(struct table *table)
{
	const struct story *story = table->story;

	for (size_t i = 0; i < story->event_count; i++) {
		unsigned thread = story->events[i].thread;
		size_t k = 0;

		while (k < table->columns && table->threads[k] != thread)
			k++;
		if (k < table->columns)
			continue;
		if (table->columns == COLUMNS_MAX) {
			table->columns = 0;
			break;
		}
		table->threads[table->columns++] = thread;
	}
	for (size_t i = 1; i < table->columns; i++)
		for (size_t k = i; k > 0 && table->threads[k] < table->threads[k - 1]; k--) {
			unsigned swapped = table->threads[k];

			table->threads[k] = table->threads[k - 1];
			table->threads[k - 1] = swapped;
		}
	table->width =
		(PAGE_WIDTH - INDENT - STEP_WIDTH - 2) / (table->columns ? table->columns : 1) - 2;
}

/* A story mostly stays in one file; not to repeat its name leaves room for the source. */
static void choose_file(struct table *table)
{
	const struct story *story = table->story;
	size_t most = 0;

	for (size_t i = 0; i < story->event_count; i++) {
		const char *file = story->events[i].place.file;
		size_t count = 0;

		for (size_t k = 0; file && k < story->event_count; k++)
			count += story->events[k].place.file &&
				 strcmp(story->events[k].place.file, file) == 0;
		if (count > most) {
			most = count;
			table->file = file;
		}
	}
}

static size_t column_of(const struct table *table, unsigned thread)
{
	size_t column = 0;

	while (column + 1 < table->columns && table->threads[column] != thread)
		column++;
	return column;
}

/* One line of one cell, cut to its column. */
static void cell(const struct table *table, size_t column, const char *text)
{
	size_t indent = column * (table->width + 2),
	       width = table->columns ? table->width : PAGE_WIDTH - INDENT - STEP_WIDTH - 2;
	size_t fit = text_fit(text, width);

	page_add(table->page, "%*s", (int)indent, "");
	if (text[fit] && width > 2)
		page_add(table->page, "%.*s..", (int)text_fit(text, width - 2), text);
	else
		page_add(table->page, "%s", text);
}

static void header(const struct table *table)
{
	page_add(table->page, "%*s%*s  ", INDENT, "", STEP_WIDTH, "step");
	for (size_t i = 0; i < table->columns; i++) {
		const char *label =
			story_thread_label(table->pool, table->story, table->threads[i]);
		const bool last = i + 1 == table->columns;

		page_add(table->page, "%-*.*s%s", last ? 0 : (int)table->width, (int)table->width,
			 label, last ? "" : "  ");
	}
	page_add(table->page, "\n%*s%*s  ", INDENT, "", STEP_WIDTH, "----");
	for (size_t i = 0; i < (table->columns ? table->columns : 1); i++) {
		for (size_t k = 0; k < (table->columns ? table->width : 60); k++)
			page_add(table->page, "-");
		page_add(table->page, "%s", i + 1 < table->columns ? "  " : "");
	}
	page_add(table->page, "\n");
}

static void add_place(const struct table *table, size_t column, const struct frame *place)
{
	const char *source = source_line(table->pool, place->file, place->line);
	const char *near = strcmp(place->file, table->file) == 0 ? "" : source_base(place->file);

	page_add(table->page, "%*s%*s  ", INDENT, "", STEP_WIDTH, "");
	page_style(table->page, STYLE_DIM);
	cell(table, column,
	     pool_format(table->pool, "%s%s%u: %s", near, near[0] ? ":" : "", place->line,
			 source ? source : ""));
	page_style(table->page, STYLE_PLAIN);
	page_add(table->page, "\n");
}

static void row(const struct table *table, const struct story_event *event)
{
	size_t column = table->columns ? column_of(table, event->thread) : 0;
	const char *what = event->what;

	if (event->gap)
		page_add(table->page, "%*s%*s\n", INDENT, "", STEP_WIDTH, "...");
	if (!table->columns)
		what = pool_format(table->pool, "%s %s",
				   story_thread_label(table->pool, table->story, event->thread),
				   what);
	if (event->waits)
		page_add(table->page, "%*s%*s  ", INDENT, "", STEP_WIDTH, "end");
	else
		page_add(table->page, "%*s%*u  ", INDENT, "", STEP_WIDTH, event->step);
	if (event->waits)
		page_style(table->page, STYLE_BAD);
	cell(table, column, what);
	if (event->waits)
		page_style(table->page, STYLE_PLAIN);
	page_add(table->page, "\n");
	if (event->place.file)
		add_place(table, column, &event->place);
}

void story_table(struct pool *pool, const struct story *story, struct page *page)
{
	struct table table = { .pool = pool, .story = story, .page = page };

	if (story->event_count == 0)
		return;
	choose_columns(&table);
	choose_file(&table);
	if (table.file)
		page_add(page, "%*sIn %s:\n", INDENT, "", source_short(table.file));
	header(&table);
	for (size_t i = 0; i < story->event_count; i++)
		row(&table, &story->events[i]);
}
