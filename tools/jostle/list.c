/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle list`: the cases that match. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/say.h"
#include "report/json_parts.h"
#include "report/report.h"
#include "test/cases.h"

static json_t *entry_json(const struct case_entry *entry)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i}", "id", json_words(entry->id),
			 "expect", json_words(entry->expect), "cause", json_words(entry->cause),
			 "title", json_words(entry->title), "tags", json_words(entry->tags), "file",
			 json_words(entry->file), "line", (int)entry->line, "schedules",
			 (int)entry->schedules);
}

static int list(struct options *options, const struct cases *cases)
{
	json_t *array = json_array();
	struct page page;
	size_t shown = 0;
	int code = 0;

	command_page(&page, options);
	for (size_t i = 0; i < cases->count; i++) {
		const struct case_entry *entry = &cases->entries[i];

		if (!case_matches(entry, options->operands, options->operand_count))
			continue;
		shown++;
		json_array_append_new(array, entry_json(entry));
		page_style(&page, STYLE_TITLE);
		page_add(&page, "%s", entry->id);
		page_style(&page, STYLE_PLAIN);
		page_add(&page, "  %s%s%s\n    ", entry->expect, entry->cause ? ": " : "",
			 entry->cause ? entry->cause : "");
		page_wrap(&page, 4, entry->title);
	}
	if (!shown)
		code = say_error(EXIT_USAGE, "list: no case matches '%s'",
				 options->operand_count ? options->operands[0] : "");
	else if (options->json)
		code = json_write(array, options->json);
	if (code == 0 && !(options->json && strcmp(options->json, "-") == 0))
		code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	json_decref(array);
	return code;
}

int command_list(struct options *options)
{
	struct pool pool = { NULL };
	struct cases cases;
	int code = cases_read(&cases, &pool);

	if (code == 0)
		code = list(options, &cases);
	pool_fini(&pool);
	return code;
}
