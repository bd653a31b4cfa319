/* SPDX-License-Identifier: Apache-2.0 */
/* A graded lesson for people and as JSON. */
#include <stdio.h>
#include <string.h>

#include "lesson/lesson.h"
#include "report/json_parts.h"

const char *lesson_grade_name(enum lesson_grade grade)
{
	static const char *const names[] = {
		[GRADE_FIXED] = "fixed", [GRADE_LUCK] = "fixed by luck", [GRADE_FOUND] = "found"
	};

	return names[grade];
}

static const char *level_of(const struct look *look)
{
	return look->accesses ? LEVEL_NAME_INSTRUMENTED : LEVEL_NAME_CONTROLLED;
}

static const char *nasty_text(struct pool *pool, unsigned nasty)
{
	static const char *const names[] = { "wakeup", "eintr", "short", "eagain", "memory" };
	const char *text = "";

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (nasty & 1U << i)
			text = pool_format(pool, "%s%s%s", text, text[0] ? "," : ", --nasty ",
					   names[i]);
	return text;
}

static void tell_look(struct pool *pool, const struct look *look, bool silent, struct page *page)
{
	page_add(page, "  %s look: ", look->second ? "second" : "first");
	page_wrap(page, 4,
		  pool_format(pool, "%s of %s schedules, level %s, seed %llu%s: %s",
			      count_text(pool, look->schedules), count_text(pool, look->wanted),
			      level_of(look), (unsigned long long)look->seed,
			      nasty_text(pool, look->nasty), silent ? "silent" : "found"));
}

static enum page_style style_of(enum lesson_grade grade)
{
	return grade == GRADE_FIXED ? STYLE_GOOD : grade == GRADE_LUCK ? STYLE_WARN : STYLE_BAD;
}

/* What the grade means here, in a sentence or two. */
static const char *meaning(struct pool *pool, const struct variant *variant)
{
	const struct story *story = variant->story;

	if (variant->why)
		return variant->why;
	if (variant->grade == GRADE_FIXED && variant->unseen[0])
		return pool_format(
			pool,
			"Silent in both looks. These outcomes are right as well and never "
			"came: %s.",
			variant->unseen);
	if (variant->grade == GRADE_FIXED)
		return variant->remark
			       ? pool_format(pool, "Silent in both looks. %s", variant->remark)
			       : "Silent in both looks.";
	if (!story)
		return "Something was found that could not be told.";
	if (variant->grade == GRADE_LUCK)
		return pool_format(pool,
				   "The lesson's own budget was too small to see it, or looked at "
				   "another level: it is a bug nevertheless (%s).",
				   story->kind);
	if (strcmp(story->kind, variant->lesson->expect) == 0)
		return "The bug is still there.";
	return pool_format(pool, "The lesson's bug is of the kind %s; this one is new: %s.",
			   variant->lesson->expect, story->kind);
}

/* What else the same look found, in a line each. */
static void tell_others(struct pool *pool, const struct variant *variant, struct page *page)
{
	for (size_t i = 0; i < variant->report.story_count; i++) {
		const struct story *story = variant->report.stories[i];

		if (story == variant->story || story->folded_into)
			continue;
		page_add(page, "  beside it: ");
		page_wrap(page, 4,
			  pool_format(pool, "%s %s: %s", story->id, story->severity, story->title));
	}
}

static void tell_variant(struct pool *pool, const struct variant *variant, struct page *page)
{
	if (variant->story)
		story_text(pool, variant->story, false, page);
	page_style(page, STYLE_TITLE);
	page_add(page, "%s: ", variant->name);
	page_style(page, style_of(variant->grade));
	page_add(page, "%s", lesson_grade_name(variant->grade));
	page_style(page, STYLE_PLAIN);
	page_add(page, "\n  ");
	page_wrap(page, 2, meaning(pool, variant));
	for (size_t i = 0; i < variant->look_count; i++)
		tell_look(pool, &variant->looks[i], i + 1 < variant->look_count || !variant->story,
			  page);
	if (variant->story)
		tell_others(pool, variant, page);
}

void lesson_tell(const struct lesson *lesson, const struct lesson_file *file,
		 const struct variant *variants, size_t count, struct page *page)
{
	const enum lesson_grade grade = lesson_grade_of(variants, count);
	struct pool pool = { NULL };

	for (size_t i = 0; i < count; i++)
		tell_variant(&pool, &variants[i], page);
	page_style(page, style_of(grade));
	page_add(page, "Lesson %zu, %s: %s", lesson->number, file->given, lesson_grade_name(grade));
	page_style(page, STYLE_PLAIN);
	page_add(page, "\n");
	pool_fini(&pool);
}

static json_t *look_json(const struct look *look)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:i}", "look",
			 look->second ? "second" : "first", "level", level_of(look), "seed",
			 (json_int_t)look->seed, "wanted", (json_int_t)look->wanted, "schedules",
			 (json_int_t)look->schedules, "nasty", (int)look->nasty);
}

static json_t *work_json(const struct variant *variant)
{
	if (!variant->compared)
		return json_null();
	return json_pack("{s:i, s:i, s:i, s:i}", "threads", (int)variant->work.threads,
			 "operations", (int)variant->work.operations, "own_threads",
			 (int)variant->own_work.threads, "own_operations",
			 (int)variant->own_work.operations);
}

static json_t *variant_json(const struct variant *variant)
{
	struct pool pool = { NULL };
	const struct gather *gather = &variant->report.campaign.gather;
	json_t *looks = json_array(), *outcomes = json_array(), *object;

	for (size_t i = 0; i < variant->look_count; i++)
		json_array_append_new(looks, look_json(&variant->looks[i]));
	for (size_t i = 0; i < gather->outcome_count; i++)
		json_array_append_new(outcomes,
				      json_pack("{s:o, s:I}", "text",
						json_words(gather->outcomes[i].text), "count",
						(json_int_t)gather->outcomes[i].count));
	object = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "name", variant->name, "grade",
			   lesson_grade_name(variant->grade), "meaning",
			   json_words(meaning(&pool, variant)), "work", work_json(variant), "looks",
			   looks, "outcomes", outcomes, "finding",
			   variant->story ? story_json(variant->story) : json_null());
	pool_fini(&pool);
	return object;
}

json_t *lesson_json(const struct lesson *lesson, const struct lesson_file *file,
		    const struct variant *variants, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, variant_json(&variants[i]));
	return json_pack("{s:i, s:s, s:I, s:s, s:o, s:s, s:o}", "version", REPORT_VERSION, "jostle",
			 JOSTLE_VERSION, "lesson", (json_int_t)lesson->number, "id", lesson->id,
			 "file", json_words(file->given), "grade",
			 lesson_grade_name(lesson_grade_of(variants, count)), "variants", array);
}
