/* SPDX-License-Identifier: Apache-2.0 */
/* The page: what the terminal shows, with plots, and each text beside its plot. */
#include <ctype.h>
#include <string.h>

#include "compare/facts.h"
#include "compare/html_style.h"
#include "compare/plot.h"
#include "compare/quantity.h"
#include "compare/show.h"

/* The unit that text begins with behind a number's blank; 0: none. */
static size_t unit_length(const char *text)
{
	static const char *const units[] = { "ns", "us", "ms", "s", "B", "KiB", "MiB", "GiB", "%" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const size_t length = strlen(units[i]);

		if (strncmp(text, units[i], length) == 0 && !isalnum((unsigned char)text[length]))
			return length;
	}
	return 0;
}

void html_text(struct page *page, const char *text)
{
	for (const char *at = text; *at; at++) {
		if (*at == '<')
			page_add(page, "&lt;");
		else if (*at == '>')
			page_add(page, "&gt;");
		else if (*at == '&')
			page_add(page, "&amp;");
		else if (*at == '"')
			page_add(page, "&quot;");
		else if (*at == ' ' && at > text && isdigit((unsigned char)at[-1]) &&
			 unit_length(at + 1)) {
			page_add(page, "&#160;");
			if (at[1] == 'u') {
				page_add(page, "&#181;");
				at++;
			}
		} else
			page_add(page, "%c", *at);
	}
}

static void element(struct page *page, const char *name, const char *text)
{
	page_add(page, "<%s>", name);
	html_text(page, text);
	page_add(page, "</%.*s>\n", (int)strcspn(name, " "), name);
}

static void head(const struct comparison *comparison, struct page *page, struct pool *pool)
{
	const struct machine *machine = &comparison->machine;

	page_add(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"color-scheme\" content=\"light dark\">\n"
		       "<title>Processes and threads on this machine</title>\n<style>\n");
	page_add(page, "%s", html_style);
	page_add(page, "</style>\n</head>\n<body>\n<main>\n");
	element(page, "h1", "Processes and threads: what they cost here");
	element(page, "p class=\"machine\"",
		pool_format(pool, "%s%s%s, %u processor%s, files in %s (%s)", machine->system,
			    machine->processor[0] ? ", " : "", machine->processor,
			    machine->processors, machine->processors == 1 ? "" : "s",
			    machine->folder, machine->file_system));
}

static void facts(struct page *page)
{
	element(page, "h2", "In words");
	page_add(page, "<table class=\"facts\">\n<thead><tr><th></th><th class=\"process\">a "
		       "process</th><th class=\"thread\">a thread</th></tr></thead>\n<tbody>\n");
	for (const struct fact *fact = compare_facts; fact->about; fact++) {
		page_add(page, "<tr>");
		element(page, "th scope=\"row\"", fact->about);
		element(page, "td class=\"process\"", fact->process);
		element(page, "td class=\"thread\"", fact->thread);
		page_add(page, "</tr>\n");
	}
	page_add(page, "</tbody>\n</table>\n");
	element(page, "p", compare_python);
}

static void costs(const struct comparison *comparison, const struct meaning *meanings,
		  struct page *page)
{
	static const struct {
		enum topic topic;
		const char *title;
	} parts[] = { { TOPIC_CREATE, "Creating and joining" },
		      { TOPIC_SWITCH, "Switching on one processor" },
		      { TOPIC_MESSAGE, "A message and its answer" },
		      { TOPIC_MEMORY, "Memory of a worker that waits" } };

	element(page, "h2", "What it costs");
	element(page, "p",
		"Bars are medians; the thin line on each spans the quartiles, between which the "
		"middle half of the samples lies; an arrow says that it goes on beyond the plot.");
	page_add(page, "<div class=\"grid\">\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		page_add(page, "<section class=\"card\">\n");
		element(page, "h3", parts[i].title);
		plot_costs(comparison, parts[i].topic, page);
		element(page, "p", meaning_about(meanings, topic_id(parts[i].topic)));
		page_add(page, "</section>\n");
	}
	page_add(page, "</div>\n");
}

static void runs(const struct comparison *comparison, const struct meaning *meanings,
		 struct page *page, struct pool *pool)
{
	element(page, "h2", "What it gives");
	element(page, "p",
		pool_format(pool,
			    "The time for %u tasks, creation and end of all workers included. The "
			    "dashed line and its band are one process that does them one after "
			    "the other.",
			    comparison->tasks));
	page_add(page, "<div class=\"grid\">\n");
	for (const struct row *row = compare_rows; row->id; row++) {
		if (row->topic != TOPIC_RUN)
			continue;
		page_add(page, "<section class=\"card\">\n");
		element(page, "h3", row->label);
		element(page, "p class=\"what\"",
			pool_format(pool, "Each task: %s.", facts_task(row->id)));
		plot_run(comparison, row, page);
		element(page, "p", meaning_about(meanings, row->id));
		page_add(page, "</section>\n");
	}
	page_add(page, "</div>\n");
}

static void figure_line(struct page *page, struct pool *pool, const struct measure *measure)
{
	page_add(page, "<tr>");
	element(page, "th scope=\"row\"", measure->row->label);
	element(page, "td",
		measure->row->topic == TOPIC_RUN ? way_label(measure->way) : way_id(measure->way));
	element(page, "td", measure->workers ? pool_format(pool, "%u", measure->workers) : "");
	if (measure->missing) {
		element(page, "td colspan=\"2\"",
			pool_format(pool, "not measured: %s", measure->missing));
	} else {
		element(page, "td class=\"number\"",
			quantity_text(pool, measure->summary.median, measure->row->unit));
		element(page, "td class=\"number\"",
			quantity_range(pool, &measure->summary, measure->row->unit));
	}
	page_add(page, "</tr>\n");
}

static void figures(const struct comparison *comparison, struct page *page, struct pool *pool)
{
	page_add(page,
		 "<details>\n<summary>All figures</summary>\n<div class=\"wide\">\n<table>\n"
		 "<thead><tr><th>what</th><th>who</th><th>workers</th><th "
		 "class=\"number\">median</th><th class=\"number\">quartiles</th></tr></thead>\n"
		 "<tbody>\n");
	for (size_t i = 0; i < comparison->measure_count; i++)
		figure_line(page, pool, &comparison->measures[i]);
	page_add(page, "</tbody>\n</table>\n</div>\n</details>\n");
}

void show_html(const struct comparison *comparison, const struct meaning *meanings,
	       struct page *page)
{
	struct pool pool = { NULL };

	head(comparison, page, &pool);
	element(page, "p", meaning_about(meanings, "machine"));
	facts(page);
	costs(comparison, meanings, page);
	runs(comparison, meanings, page, &pool);
	figures(comparison, page, &pool);
	element(page, "p class=\"machine\"",
		pool_format(&pool,
			    "jostle compare %s, seed %llu: %u round%s in %.0f s, after one to warm "
			    "up, each in an order of its own.",
			    JOSTLE_VERSION, (unsigned long long)comparison->seed,
			    comparison->rounds_done, comparison->rounds_done == 1 ? "" : "s",
			    comparison->seconds));
	page_add(page, "</main>\n</body>\n</html>\n");
	pool_fini(&pool);
}
