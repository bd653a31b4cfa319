/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle show`: one case as a page to learn from. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/nearest.h"
#include "jostle/say.h"
#include "report/page.h"
#include "test/cases.h"
#include "test/test_case.h"

static const struct case_mark *mark_at(const struct case_entry *entry, unsigned line)
{
	for (size_t i = 0; i < entry->mark_count; i++)
		if (entry->marks[i].line == line)
			return &entry->marks[i];
	return NULL;
}

static void add_source(struct page *page, const struct case_entry *entry, const char *file)
{
	FILE *source = file ? fopen(file, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;

	if (!source) {
		page_add(page, "%s is not here, so its source cannot be shown.\n", entry->file);
		return;
	}
	page_add(page, "%s\n", file);
	while (getline(&line, &size, source) > 0) {
		const struct case_mark *mark = mark_at(entry, ++number);

		line[strcspn(line, "\n")] = '\0';
		if (mark)
			page_style(page, mark->must ? STYLE_BAD : STYLE_WARN);
		page_add(page, "%c%4u  %s\n", mark ? '>' : ' ', number, line);
		if (mark)
			page_style(page, STYLE_PLAIN);
	}
	free(line);
	fclose(source);
}

static void add_fact(struct page *page, const char *name, const char *text)
{
	if (!text || !text[0])
		return;
	page_add(page, "%-10s ", name);
	page_wrap(page, 11, text);
}

static int show(struct options *options, const struct cases *cases, const struct case_entry *entry,
		struct pool *pool)
{
	struct page page;
	int code;

	command_page(&page, options);
	page_style(&page, STYLE_TITLE);
	page_add(&page, "%s\n", entry->id);
	page_style(&page, STYLE_PLAIN);
	page_wrap(&page, 0, entry->title);
	page_add(&page, "\n");
	page_wrap(&page, 0, entry->why);
	page_add(&page, "\n");
	add_fact(&page, "Expected:",
		 entry->cause ? pool_format(pool, "%s: %s", entry->expect, entry->cause)
			      : entry->expect);
	add_fact(&page, "Budget:", pool_format(pool, "%u schedules", entry->schedules));
	add_fact(&page, "Gap:", entry->known_gap);
	add_fact(&page, "Tags:", entry->tags);
	add_fact(&page, "See:", entry->ref);
	add_fact(&page, "Run it:",
		 pool_format(pool, "jostle run -1 -- %s --run %s",
			     case_needs_accesses(entry) && cases->instrumented[0]
				     ? cases->instrumented
				     : cases->program,
			     entry->id));
	page_add(&page, "\n");
	add_source(&page, entry, case_source(cases, entry, pool));
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}

static const struct case_entry *find(const struct cases *cases, char *id, struct nearest *nearest)
{
	for (size_t i = 0; i < cases->count; i++)
		if (strcmp(cases->entries[i].id, id) == 0)
			return &cases->entries[i];
	/* A file's name stands for its first case. */
	for (size_t i = 0; i < cases->count; i++)
		if (case_matches(&cases->entries[i], &id, 1))
			return &cases->entries[i];
	for (size_t i = 0; i < cases->count; i++)
		nearest_offer(nearest, cases->entries[i].id);
	return NULL;
}

int command_show(struct options *options)
{
	const struct case_entry *entry;
	struct pool pool = { NULL };
	struct nearest nearest;
	struct cases cases;
	int code;

	if (options->operand_count != 1)
		return say_error(EXIT_USAGE,
				 "show: needs the id of one case; jostle list shows them");
	code = cases_read(&cases, &pool);
	if (code == 0) {
		nearest_init(&nearest, options->operands[0]);
		entry = find(&cases, options->operands[0], &nearest);
		if (entry)
			code = show(options, &cases, entry, &pool);
		else
			code = say_error(EXIT_USAGE, "show: there is no case '%s'%s%s",
					 options->operands[0],
					 nearest.best ? "; did you mean " : "",
					 nearest.best ? nearest.best : "");
	}
	pool_fini(&pool);
	return code;
}
