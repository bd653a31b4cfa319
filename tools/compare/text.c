/* SPDX-License-Identifier: Apache-2.0 */
/* The report for a terminal: the words, the figures, what they mean. */
#include <stdio.h>
#include <string.h>

#include "compare/facts.h"
#include "compare/quantity.h"
#include "compare/show.h"

#define ABOUT_WIDTH 14
#define LABEL_WIDTH 25
#define RANGE_WIDTH 13
#define FULL_WIDTH  78 /* below that, the quartiles are left out */

/* Ends a line without blanks before its end. */
static void end_line(struct page *page)
{
	while (page->length > 0 && page->text[page->length - 1] == ' ')
		page->text[--page->length] = '\0';
	page_add(page, "\n");
}

static void heading(struct page *page, const char *text)
{
	page_style(page, STYLE_TITLE);
	page_add(page, "%s", text);
	page_style(page, STYLE_PLAIN);
	page_add(page, "\n");
}

/* One line of a cell that is filled word by word; the rest is what *text is left at. */
static void cell(struct page *page, const char **text, size_t width, bool last)
{
	const size_t fit = text_fit_words(*text, width);

	page_add(page, "%.*s", (int)fit, *text);
	if (!last)
		page_add(page, "%*s", (int)(width - fit), "");
	*text += fit;
	*text += strspn(*text, " ");
}

void show_facts(struct page *page)
{
	const size_t column = (page->width - ABOUT_WIDTH - 2) / 2;
	char title[160];

	snprintf(title, sizeof(title), "%-*s%-*s%s", ABOUT_WIDTH, "", (int)column + 2, "a process",
		 "a thread");
	heading(page, title);
	for (const struct fact *fact = compare_facts; fact->about; fact++) {
		const char *about = fact->about, *process = fact->process, *thread = fact->thread;

		while (*about || *process || *thread) {
			cell(page, &about, ABOUT_WIDTH, false);
			cell(page, &process, column, !*thread);
			if (*thread)
				page_add(page, "  ");
			cell(page, &thread, column, true);
			page_add(page, "\n");
		}
	}
	page_add(page, "\n");
	page_wrap(page, 0, compare_python);
	page_add(page, "\n");
}

static void range(struct page *page, const char *text, int width)
{
	page_add(page, " ");
	page_style(page, STYLE_DIM);
	page_add(page, "%s", text);
	page_style(page, STYLE_PLAIN);
	page_add(page, "%*s", width - (int)strlen(text), "");
}

static void cost_cell(struct page *page, struct pool *pool, const struct measure *measure)
{
	const bool full = page->width >= FULL_WIDTH;

	if (!measure) {
		page_add(page, " %9s", "-");
		if (full)
			page_add(page, " %*s", RANGE_WIDTH, "");
		return;
	}
	page_add(page, " %9s", quantity_text(pool, measure->summary.median, measure->row->unit));
	if (full)
		range(page, quantity_range(pool, &measure->summary, measure->row->unit),
		      RANGE_WIDTH);
}

static void costs(const struct comparison *comparison, struct pool *pool, struct page *page)
{
	const int wide = page->width >= FULL_WIDTH ? RANGE_WIDTH + 1 : 0;
	char title[160];

	snprintf(title, sizeof(title), "%-*s %9s%*s %9s%*s %s", LABEL_WIDTH, "What it costs",
		 "process", wide, "", "thread", wide, "", "ratio");
	heading(page, title);
	for (const struct row *row = compare_rows; row->id; row++) {
		const struct measure *process = compare_find(comparison, row, WAY_PROCESS, 0);
		const struct measure *thread = compare_find(comparison, row, WAY_THREAD, 0);

		if (row->topic == TOPIC_RUN)
			continue;
		page_add(page, "%-*s", LABEL_WIDTH, row->label);
		cost_cell(page, pool, process);
		cost_cell(page, pool, thread);
		if (process && thread && thread->summary.median > 0)
			page_add(page, " %5s",
				 quantity_number(pool,
						 process->summary.median / thread->summary.median));
		end_line(page);
	}
	page_add(page, "\n");
}

/* Run times are all shown in ms, so that columns can be compared. */
static void run_cell(struct page *page, struct pool *pool, const struct measure *measure)
{
	const char *text;

	if (!measure) {
		page_add(page, " %*s", page->width >= FULL_WIDTH ? 4 : 5, "-");
		if (page->width >= FULL_WIDTH)
			range(page, "", 9);
		return;
	}
	page_add(page, " %*s", page->width >= FULL_WIDTH ? 4 : 5,
		 quantity_number(pool, measure->summary.median / 1e6));
	if (page->width < FULL_WIDTH)
		return;
	text = pool_format(pool, "%s-%s",
			   quantity_number(pool, measure->summary.first_quartile / 1e6),
			   quantity_number(pool, measure->summary.third_quartile / 1e6));
	range(page, text, 9);
}

static void run_line(const struct comparison *comparison, struct pool *pool, struct page *page,
		     enum way way, unsigned workers, bool first)
{
	page_add(page, "%-16s%2u", first ? way_label(way) : "", workers);
	for (const struct row *row = compare_rows; row->id; row++)
		if (row->topic == TOPIC_RUN)
			run_cell(page, pool, compare_find(comparison, row, way, workers));
	end_line(page);
}

static void run_times(const struct comparison *comparison, struct pool *pool, struct page *page)
{
	const char *title = pool_format(pool, "Run time of %u tasks, ms", comparison->tasks);
	const int column = page->width >= FULL_WIDTH ? 15 : 6;

	heading(page, title);
	page_add(page, "%18s", "workers");
	for (const struct row *row = compare_rows; row->id; row++)
		if (row->topic == TOPIC_RUN)
			page_add(page, " %-*s", column - 1,
				 page->width >= FULL_WIDTH ? row->label : row->id);
	end_line(page);
	run_line(comparison, pool, page, WAY_ONE, 1, true);
	for (enum way way = WAY_PROCESS; way < WAY_COUNT; way++)
		for (unsigned i = 0; i < comparison->worker_count; i++)
			run_line(comparison, pool, page, way, comparison->workers[i], i == 0);
	page_add(page, "\n");
	for (const struct row *row = compare_rows; row->id; row++)
		if (row->topic == TOPIC_RUN)
			page_wrap(page, 2,
				  pool_format(pool, "%s: %s.", row->label, facts_task(row->id)));
	page_add(page, "\n");
}

/* Whether all measures of that row are missing for the reason that the first one is. */
static bool is_missing_altogether(const struct comparison *comparison, const struct measure *first)
{
	for (size_t i = 0; i < comparison->measure_count; i++) {
		const struct measure *measure = &comparison->measures[i];

		if (measure->row == first->row &&
		    (!measure->missing || strcmp(measure->missing, first->missing) != 0))
			return false;
	}
	return true;
}

static void missing(const struct comparison *comparison, struct page *page, struct pool *pool)
{
	const struct row *told = NULL;
	bool any = false;

	for (size_t i = 0; i < comparison->measure_count; i++) {
		const struct measure *measure = &comparison->measures[i];
		const char *who = "";

		if (!measure->missing || measure->row == told)
			continue;
		if (is_missing_altogether(comparison, measure))
			told = measure->row;
		else if (measure->row->topic == TOPIC_RUN)
			who = pool_format(pool, ", %s with %u", way_label(measure->way),
					  measure->workers);
		else
			who = pool_format(pool, ", %s", way_id(measure->way));
		page_style(page, STYLE_WARN);
		page_wrap(page, 2,
			  pool_format(pool, "Not measured: %s%s: %s.", measure->row->label, who,
				      measure->missing));
		page_style(page, STYLE_PLAIN);
		any = true;
	}
	if (any)
		page_add(page, "\n");
}

void show_text(const struct comparison *comparison, const struct meaning *meanings,
	       struct page *page)
{
	const struct machine *machine = &comparison->machine;
	struct pool pool = { NULL };

	costs(comparison, &pool, page);
	run_times(comparison, &pool, page);
	missing(comparison, page, &pool);
	page_wrap(
		page, 0,
		pool_format(&pool,
			    "Medians of %u round%s, and behind each the quartiles, between which "
			    "the middle half of the samples lies. %s, %s%s%u processor%s, files in "
			    "%s (%s), %.0f s, seed %llu.",
			    comparison->rounds_done, comparison->rounds_done == 1 ? "" : "s",
			    machine->system, machine->processor, machine->processor[0] ? ", " : "",
			    machine->processors, machine->processors == 1 ? "" : "s",
			    machine->folder, machine->file_system, comparison->seconds,
			    (unsigned long long)comparison->seed));
	page_add(page, "\n");
	heading(page, "On this machine");
	for (size_t i = 0; i < MEANINGS; i++) {
		if (!meanings[i].text[0])
			continue;
		page_add(page, "%-9s", meanings[i].about);
		page_wrap(page, 9, meanings[i].text);
	}
	pool_fini(&pool);
}
