/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interleaving: one column for each thread that takes part, one row for each step, time
 * downwards. What a thread did stands in its own column, so that the eye follows one thread down
 * and the order of two across. What does not fit into its column goes on below, so that the name of
 * a lock is never cut. With more than three threads, or on a narrow terminal, the columns would be
 * too narrow, and the thread's label stands in the row instead.
 */
#include <string.h>

#include "report/report.h"
#include "report/source.h"

#define STEP_WIDTH  6
#define COLUMNS_MAX 3
#define INDENT      2
#define WIDTH_MIN   18 /* of a column */
#define LINES_MAX   3  /* of a cell; more is a source line that nobody reads here */
#define HANGING     2  /* columns by which what goes on is indented */

struct table {
	struct pool *pool;
	const struct story *story;
	struct page *page;
	unsigned threads[COLUMNS_MAX];
	size_t columns;   /* 0: labels in the rows */
	const char *file; /* where most rows lie: named once, above; NULL none */
	size_t width;     /* of a column */
	size_t room;      /* of all columns together */
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
	table->room = table->page->width - INDENT - STEP_WIDTH - 2;
	if (table->columns && (table->room + 2) / table->columns - 2 < WIDTH_MIN)
		table->columns = 0;
	table->width = table->columns ? (table->room + 2) / table->columns - 2 : table->room;
}

/* A story mostly stays in one file; not to repeat its name leaves room for the source. */
static const char *commonest_file(const struct story *story, bool foreign)
{
	const char *commonest = NULL;
	size_t most = 0;

	for (size_t i = 0; i < story->event_count; i++) {
		const char *file = story->events[i].place.file;
		size_t count = 0;

		for (size_t k = 0; file && k < story->event_count; k++)
			count += story->events[k].foreign == foreign &&
				 story->events[k].place.file &&
				 strcmp(story->events[k].place.file, file) == 0;
		if (count > most) {
			most = count;
			commonest = file;
		}
	}
	return commonest;
}

static void choose_file(struct table *table)
{
	table->file = commonest_file(table->story, false);
	if (!table->file)
		table->file = commonest_file(table->story, true);
}

static size_t column_of(const struct table *table, unsigned thread)
{
	size_t column = 0;

	while (column + 1 < table->columns && table->threads[column] != thread)
		column++;
	return column;
}

/* What stands to the left of a cell: the step, or nothing where a cell goes on. */
static void margin(const struct table *table, const char *step)
{
	page_add(table->page, "%*s%*s", INDENT, "", STEP_WIDTH, step);
}

/* A cell from its first line to its last; each line starts with the margin. */
static void cell(const struct table *table, size_t column, const char *step, const char *text,
		 enum page_style style)
{
	const size_t indent = column * (table->width + 2);
	size_t width = table->width, hanging = 0;

	for (unsigned line = 1;; line++) {
		size_t fit = text_fit_words(text, width);
		const bool cut = text[fit] && line == LINES_MAX;

		if (cut)
			fit = text_fit(text, width - 2);
		margin(table, line == 1 ? step : "");
		page_add(table->page, "%*s", (int)(2 + indent + hanging), "");
		page_style(table->page, style);
		page_add(table->page, "%.*s%s", (int)fit, text, cut ? ".." : "");
		if (style != STYLE_PLAIN)
			page_style(table->page, STYLE_PLAIN);
		page_add(table->page, "\n");
		text += fit;
		text += strspn(text, " ");
		if (!*text || cut)
			return;
		hanging = HANGING;
		width = table->width - HANGING;
	}
}

static void header(const struct table *table)
{
	margin(table, "step");
	page_add(table->page, "%s", table->columns ? "  " : "");
	for (size_t i = 0; i < table->columns; i++) {
		const char *label =
			story_thread_label(table->pool, table->story, table->threads[i]);
		const bool last = i + 1 == table->columns;

		page_add(table->page, "%-*.*s%s", last ? 0 : (int)table->width, (int)table->width,
			 label, last ? "" : "  ");
	}
	page_add(table->page, "\n");
	margin(table, "----");
	page_add(table->page, "  ");
	for (size_t i = 0; i < (table->columns ? table->columns : 1); i++) {
		for (size_t k = 0; k < table->width; k++)
			page_add(table->page, "-");
		page_add(table->page, "%s", i + 1 < table->columns ? "  " : "");
	}
	page_add(table->page, "\n");
}

/* The line of a function's first brace says less than the function's name. */
static const char *what_stands_there(const struct table *table, const struct frame *place)
{
	const char *source = source_code(table->pool, place->file, place->line);

	if (source && strcmp(source, "{") == 0 && place->function)
		return pool_format(table->pool, "%s()", place->function);
	return source ? source : "";
}

static void add_place(const struct table *table, size_t column, const struct frame *place)
{
	const char *near = strcmp(place->file, table->file) == 0 ? "" : source_base(place->file);

	cell(table, column, "",
	     pool_format(table->pool, "%s%s%u: %s", near, near[0] ? ":" : "", place->line,
			 what_stands_there(table, place)),
	     STYLE_DIM);
}

static const char *step_text(const struct table *table, const struct story_event *event)
{
	if (event->waits)
		return "end";
	if (event->between)
		return strcmp(table->story->kind, "race") == 0 ? "race" : "here";
	return pool_format(table->pool, "%u", event->step);
}

static void row(const struct table *table, const struct story_event *event)
{
	size_t column = table->columns ? column_of(table, event->thread) : 0;
	const char *what = event->what;

	if (event->gap) {
		margin(table, "...");
		page_add(table->page, "\n");
	}
	if (!table->columns)
		what = pool_format(table->pool, "%s %s",
				   story_thread_label(table->pool, table->story, event->thread),
				   what);
	cell(table, column, step_text(table, event), what,
	     event->waits || event->access ? STYLE_BAD : STYLE_PLAIN);
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
