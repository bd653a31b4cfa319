/* SPDX-License-Identifier: Apache-2.0 */
/* The looks at a student's program, and the grade that follows from what they saw. */
#include <string.h>

#include "jostle/explore.h"
#include "jostle/say.h"
#include "lesson/lesson.h"
#include "lesson/lesson_work.h"
#include "test/judge.h"

#define LOOK_TIME_NS 120000000000ULL /* as long as a case of `jostle test` may take */

/* What a fixed case is held to: also a warning counts. A lesson about a note counts notes. */
static int least_severity(const struct case_entry *lesson)
{
	const int kind = finding_kind_from_name(lesson->expect);
	const int severity = kind > 0 ? (int)finding_kind_severity((unsigned)kind) : SEVERITY_ERROR;

	return severity < SEVERITY_WARNING ? severity : SEVERITY_WARNING;
}

/* Explores once; the report is the variant's until the next look. */
static int take_look(const struct lesson_file *file, const struct options *given,
		     struct variant *variant, const struct look *wanted, struct pool *pool)
{
	struct look *look = &variant->looks[variant->look_count++];
	struct options options = *given;
	char *argv[] = { (char *)(size_t)file->program, (char *)(size_t) "--run", NULL, NULL };
	struct target target;
	struct exploration exploration = {
		.options = &options,
		.target = &target,
		.null_input = true,
		.out = pool_format(pool, "%s/%s", file->out, variant->name),
	};
	int code;

	*look = *wanted;
	options.schedules = look->wanted;
	options.time_ns = LOOK_TIME_NS * (look->second ? LESSON_SECOND_LOOK : 1);
	options.until_first = true;
	options.nasty = look->nasty;
	options.seed = look->seed;
	options.level = look->accesses ? LEVEL_INSTRUMENTED : LEVEL_CONTROLLED;
	options.jobs = 1;
	options.fail_on = least_severity(variant->lesson);
	for (size_t i = 0; i < file->cases.count; i++)
		if (strcmp(strrchr(file->cases.entries[i].id, '/') + 1, variant->name) == 0)
			argv[2] = (char *)(size_t)file->cases.entries[i].id;
	code = target_open(&target, argv, 3);
	if (code == 0)
		code = plan_from_options(&exploration.plan, &options, pool);
	if (code)
		return code;
	report_fini(&variant->report);
	code = explore(&exploration, &variant->report);
	variant->report.options = given;
	look->schedules = variant->report.campaign.gather.schedules;
	return code;
}

static bool counts(const struct variant *variant, const struct story *story)
{
	return !story->folded_into &&
	       story->severity_level >= (unsigned)least_severity(variant->lesson);
}

/* The lesson's own bug before another one; in the second look the race before what it led to. */
static const struct story *find_story(const struct variant *variant)
{
	const char *kind = variant->grade == GRADE_LUCK ? "race" : variant->lesson->expect;
	const struct story *own = NULL, *other = NULL;

	for (size_t i = 0; i < variant->report.story_count; i++) {
		const struct story *story = variant->report.stories[i];

		if (!counts(variant, story))
			continue;
		if (strcmp(story->kind, kind) == 0)
			return story;
		if (!own && strcmp(story->kind, variant->lesson->expect) == 0)
			own = story;
		if (!other)
			other = story;
	}
	return own ? own : other;
}

/* Silence is no answer when nothing was observed: then the program ended before it was judged. */
static void look_at_outcomes(struct variant *variant, struct pool *pool)
{
	const struct gather *gather = &variant->report.campaign.gather;
	const struct case_entry *lesson = variant->lesson;

	variant->unseen = "";
	for (size_t i = 0; i < lesson->outcome_count; i++) {
		bool seen = strcmp(lesson->grades[i], "forbidden") == 0;

		for (size_t k = 0; k < gather->outcome_count; k++)
			seen |= strcmp(gather->outcomes[k].text, lesson->outcomes[i]) == 0;
		if (!seen)
			variant->unseen =
				pool_format(pool, "%s%s%s", variant->unseen,
					    variant->unseen[0] ? ", " : "", lesson->outcomes[i]);
	}
	if (lesson->outcome_count && !gather->outcome_count) {
		variant->grade = GRADE_FOUND;
		variant->why = "No schedule came to an outcome: the program ends before it is "
			       "judged.";
	}
}

static int explore_variant(const struct lesson_file *file, const struct lesson *lesson,
			   const struct cases *cases, const struct options *options,
			   struct variant *variant, struct pool *pool)
{
	const struct case_entry *entry = variant->lesson;
	const uint64_t schedules = options->schedules ? options->schedules : entry->schedules;
	const bool accesses = entry->needs_accesses || strcmp(entry->expect, "race") == 0;
	const struct look looks[LOOKS_MAX] = {
		{ .accesses = accesses,
		  .nasty = entry->nasty,
		  .seed = options->seed,
		  .wanted = schedules },
		{ .second = true,
		  .accesses = true,
		  .nasty = entry->nasty | lesson->nasty,
		  .seed = options->seed + 1,
		  .wanted = schedules * LESSON_SECOND_LOOK },
		{ .second = true,
		  .nasty = entry->nasty | lesson->nasty,
		  .seed = options->seed + 2,
		  .wanted = schedules * LESSON_SECOND_LOOK },
	};
	int code = EXIT_CLEAN;

	variant->unseen = "";
	for (size_t i = 0; i < LOOKS_MAX && code == EXIT_CLEAN; i++) {
		code = take_look(file, options, variant, &looks[i], pool);
		if (code == EXIT_FOUND)
			variant->grade = looks[i].second ? GRADE_LUCK : GRADE_FOUND;
	}
	if (code == EXIT_CLEAN)
		look_at_outcomes(variant, pool);
	if (code == EXIT_CLEAN && !entry->outcome_count)
		code = lesson_work_judge(file, lesson, cases, options, variant, pool);
	else if (code == EXIT_FOUND)
		variant->story = find_story(variant);
	return code == EXIT_FOUND ? EXIT_CLEAN : code;
}

int lesson_explore(const struct lesson_file *file, const struct lesson *lesson,
		   const struct cases *cases, const struct options *options,
		   struct variant *variants, size_t *count, struct pool *pool)
{
	int code = 0;

	*count = 0;
	for (size_t i = 0; i < lesson->broken_count && code == 0; i++) {
		struct variant *variant = &variants[(*count)++];

		*variant = (struct variant){ .lesson = lesson->broken[i],
					     .name = strrchr(lesson->broken[i]->id, '/') + 1 };
		code = explore_variant(file, lesson, cases, options, variant, pool);
	}
	return code;
}

enum lesson_grade lesson_grade_of(const struct variant *variants, size_t count)
{
	enum lesson_grade worst = GRADE_FIXED;

	for (size_t i = 0; i < count; i++)
		if (variants[i].grade > worst)
			worst = variants[i].grade;
	return worst;
}
