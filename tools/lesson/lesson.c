/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle lesson`: the course's lessons, one of them, and a student's own answer to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/explore.h"
#include "jostle/say.h"
#include "lesson/lesson.h"
#include "report/json_parts.h"

static json_t *row_json(const struct lesson *lesson)
{
	return json_pack("{s:I, s:o, s:s, s:o}", "lesson", (json_int_t)lesson->number, "topic",
			 json_words(lesson->topic), "id", lesson->id, "title",
			 json_words(lesson->broken[0]->title));
}

/* Writes the page unless standard output is JSON's. */
static int give(const struct options *options, json_t *json, const struct page *page)
{
	int code = options->json ? json_write(json, options->json) : 0;

	json_decref(json);
	if (code == 0 && !(options->json && strcmp(options->json, "-") == 0))
		code = page_write(page, STDOUT_FILENO);
	return code;
}

static int list_lessons(const struct options *options, const struct course *course)
{
	json_t *array = json_array();
	struct page page;
	int code;

	command_page(&page, options);
	for (size_t i = 0; i < course->count; i++) {
		const struct lesson *lesson = &course->lessons[i];

		if (!i || strcmp(lesson->topic, lesson[-1].topic) != 0) {
			page_style(&page, STYLE_TITLE);
			page_add(&page, "%s\n", lesson->topic);
			page_style(&page, STYLE_PLAIN);
		}
		page_add(&page, "%4zu  %s\n      ", lesson->number, lesson->id);
		page_wrap(&page, 6, lesson->broken[0]->title);
		json_array_append_new(array, row_json(lesson));
	}
	code = give(options, array, &page);
	page_fini(&page);
	return code;
}

static void add_fact(struct page *page, const char *name, const char *text)
{
	if (!text[0])
		return;
	page_add(page, "  %-7s ", name);
	page_wrap(page, 10, text);
}

static void add_outcomes(struct page *page, struct pool *pool, const struct case_entry *entry)
{
	const char *right = "", *wrong = "";

	for (size_t i = 0; i < entry->outcome_count; i++) {
		const bool forbidden = strcmp(entry->grades[i], "forbidden") == 0;
		const char **list = forbidden ? &wrong : &right;

		*list = pool_format(pool, "%s%s'%s'", *list, (*list)[0] ? ", " : "",
				    entry->outcomes[i]);
	}
	add_fact(page, "Right:", right);
	add_fact(page, "Wrong:", wrong);
}

static void add_variant(struct page *page, struct pool *pool, const struct case_entry *entry)
{
	page_style(page, STYLE_TITLE);
	page_add(page, "%s\n", strrchr(entry->id, '/') + 1);
	page_style(page, STYLE_PLAIN);
	page_add(page, "  ");
	page_wrap(page, 2, pool_format(pool, "%s.", entry->title));
	page_add(page, "  ");
	page_wrap(page, 2, entry->why);
	add_fact(page, "Runs:",
		 pool_format(pool, "%s%s%s", entry->runs, entry->bodies[0] ? ": " : "",
			     entry->bodies));
	add_fact(page, "Bug:",
		 pool_format(pool, "%s%s%s, within %u schedules", entry->expect,
			     entry->cause ? ": " : "", entry->cause ? entry->cause : "",
			     entry->schedules));
	add_outcomes(page, pool, entry);
	page_add(page, "\n");
}

static void add_task(struct page *page, struct pool *pool, const struct lesson *lesson,
		     const char *source)
{
	page_style(page, STYLE_TITLE);
	page_add(page, "Your part\n");
	page_style(page, STYLE_PLAIN);
	page_add(page, "  cp %s mine.c\n", source);
	page_add(page, "  ");
	page_wrap(page, 2,
		  pool_format(pool,
			      "Mend in mine.c what the variant%s above run%s: the functions, the "
			      "state, setup. The title, who runs, the outcomes and the functions "
			      "that observe and check stay as they are. Delete the fixed variants "
			      "first; they are the answer.",
			      lesson->broken_count == 1 ? "" : "s",
			      lesson->broken_count == 1 ? "s" : ""));
	page_add(page, "  jostle lesson %zu mine.c\n", lesson->number);
}

static int show_lesson(const struct options *options, const struct lesson *lesson,
		       const struct cases *cases, struct pool *pool)
{
	const char *source = case_source(cases, lesson->broken[0], pool);
	struct page page;
	int code;

	if (!source)
		return say_error(EXIT_USAGE,
				 "lesson %zu: its source %s is not here; install jostle "
				 "again",
				 lesson->number, lesson->broken[0]->file);
	command_page(&page, options);
	page_style(&page, STYLE_TITLE);
	page_add(&page, "Lesson %zu, %s: %s\n\n", lesson->number, lesson->topic, lesson->id);
	page_style(&page, STYLE_PLAIN);
	for (size_t i = 0; i < lesson->broken_count; i++)
		add_variant(&page, pool, lesson->broken[i]);
	add_task(&page, pool, lesson, source);
	page_add(&page, "\n");
	page_wrap(&page, 0,
		  pool_format(pool, "See it go wrong first: jostle run -1 -- %s --run %s",
			      cases->program, lesson->broken[0]->id));
	code = give(options, row_json(lesson), &page);
	page_fini(&page);
	return code;
}

static int grade_lesson(const struct options *options, const struct lesson *lesson,
			const struct cases *cases, struct pool *pool)
{
	struct variant *variants = pool_new(pool, struct variant, lesson->broken_count);
	struct lesson_file file;
	struct page page;
	size_t count = 0;
	int code = lesson_file_open(&file, lesson, cases, options, pool);

	if (code)
		return code;
	code = lesson_explore(&file, lesson, cases, options, variants, &count, pool);
	if (code == 0) {
		command_page(&page, options);
		lesson_tell(lesson, &file, variants, count, &page);
		code = give(options, lesson_json(lesson, &file, variants, count), &page);
		page_fini(&page);
		if (code == 0)
			code = lesson_grade_of(variants, count) == GRADE_FIXED ? EXIT_CLEAN
									       : EXIT_FOUND;
	}
	for (size_t i = 0; i < count; i++)
		report_fini(&variants[i].report);
	return code;
}

static int find_lesson(const struct course *course, const char *text, const struct lesson **lesson)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*end || text[0] == '-' || number < 1 || number > course->count)
		return say_error(EXIT_USAGE,
				 "lesson: '%s' is no lesson; there are %zu, and jostle lesson "
				 "lists them",
				 text, course->count);
	*lesson = &course->lessons[number - 1];
	return 0;
}

int command_lesson(struct options *options)
{
	const struct lesson *lesson = NULL;
	struct pool pool = { NULL };
	struct course course;
	struct cases cases;
	int code;

	if (options->operand_count > 2)
		return say_error(EXIT_USAGE,
				 "lesson: takes a number and one file, but got '%s' as "
				 "well",
				 options->operands[2]);
	code = cases_read(&cases, &pool);
	if (code == 0)
		code = course_read(&course, &cases, &pool);
	if (code == 0 && options->operand_count)
		code = find_lesson(&course, options->operands[0], &lesson);
	if (code == 0 && !lesson)
		code = list_lessons(options, &course);
	else if (code == 0 && options->operand_count == 1)
		code = show_lesson(options, lesson, &cases, &pool);
	else if (code == 0)
		code = grade_lesson(options, lesson, &cases, &pool);
	pool_fini(&pool);
	return code;
}
