/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, globs, titles. */
#include "report/suppress.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/nearest.h"
#include "jostle/say.h"
#include "report/source.h"

/* ThreadSanitizer's kinds beside "race". */
#define TSAN_TOP     "race_top"
#define TSAN_LIBRARY "called_from_lib"

static void *grow(void *array, size_t count, size_t size)
{
	void *bigger = reallocarray(array, count + 1, size);

	if (!bigger)
		abort();
	return bigger;
}

static char *copy(const char *text, size_t length)
{
	char *result = strndup(text, length);

	if (!result)
		abort();
	return result;
}

static bool is_one_of(const char *kind, const char *const *kinds)
{
	for (; *kinds; kinds++)
		if (strcmp(kind, *kinds) == 0)
			return true;
	return false;
}

static bool is_tsan_only(const char *kind)
{
	static const char *const kinds[] = { "thread", "mutex", "signal", NULL };

	return is_one_of(kind, kinds);
}

static bool is_tsan_kind(const char *kind)
{
	static const char *const kinds[] = { "race", TSAN_TOP, TSAN_LIBRARY, "deadlock", NULL };

	return is_tsan_only(kind) || is_one_of(kind, kinds);
}

static int check_kind(const char *file, unsigned line, const char *kind)
{
	struct nearest nearest;

	if (strcmp(kind, "*") == 0 || finding_kind_from_name(kind) > 0 || is_tsan_kind(kind))
		return 0;
	nearest_init(&nearest, kind);
	for (unsigned i = 1; i < FINDING_KIND_COUNT; i++)
		nearest_offer(&nearest, finding_kind_name(i));
	if (nearest.best)
		return say_error(EXIT_USAGE, "%s:%u: there is no kind '%s'; did you mean %s?", file,
				 line, kind, nearest.best);
	return say_error(EXIT_USAGE, "%s:%u: there is no kind '%s'", file, line, kind);
}

static int add_rule(struct suppressions *suppressions, const char *file, unsigned line,
		    const char *text)
{
	const char *start = text + strspn(text, " \t");
	size_t length = strcspn(start, "\n");
	const char *colon = memchr(start, ':', length);
	struct suppression *rule;

	while (length &&
	       (start[length - 1] == ' ' || start[length - 1] == '\t' || start[length - 1] == '\r'))
		length--;
	if (length == 0 || start[0] == '#')
		return 0;
	if (!colon || colon >= start + length - 1)
		return say_error(EXIT_USAGE, "%s:%u: is not KIND:GLOB", file, line);
	suppressions->rules =
		grow(suppressions->rules, suppressions->rule_count, sizeof(*suppressions->rules));
	rule = &suppressions->rules[suppressions->rule_count++];
	rule->rule = copy(start, length);
	rule->kind = copy(start, (size_t)(colon - start));
	rule->glob = copy(colon + 1, length - (size_t)(colon - start) - 1);
	if (is_tsan_only(rule->kind) && !suppressions->tsan_only &&
	    asprintf(&suppressions->tsan_only, "%s:%u: %s", file, line, rule->rule) < 0)
		abort();
	return check_kind(file, line, rule->kind);
}

static void add_path(char ***paths, size_t *count, const char *path)
{
	*paths = grow(*paths, *count, sizeof(char *));
	(*paths)[(*count)++] = copy(path, strlen(path));
}

/* Valgrind's suppressions stand in braces, each on a line of its own. */
static bool begins_braces(const char *line)
{
	return line[strspn(line, " \t")] == '{';
}

static bool are_tsan_rules(const struct suppressions *suppressions, size_t first)
{
	for (size_t i = first; i < suppressions->rule_count; i++)
		if (!is_tsan_kind(suppressions->rules[i].kind))
			return false;
	return suppressions->rule_count > first;
}

static int read_rules(struct suppressions *suppressions, const char *file)
{
	const size_t first = suppressions->rule_count;
	FILE *in = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;
	unsigned number = 0;
	bool braces = false;
	int code = 0;

	if (!in)
		return say_error(EXIT_USAGE, "--suppressions %s: %s", file, strerror(errno));
	while (code == 0 && !braces && getline(&line, &size, in) > 0) {
		braces = suppressions->rule_count == first && begins_braces(line);
		code = braces ? 0 : add_rule(suppressions, file, ++number, line);
	}
	if (code == 0 && ferror(in))
		code = say_error(EXIT_USAGE, "--suppressions %s: %s", file, strerror(errno));
	if (code == 0 && braces)
		add_path(&suppressions->valgrind_files, &suppressions->valgrind_count, file);
	else if (code == 0 && are_tsan_rules(suppressions, first))
		add_path(&suppressions->tsan_files, &suppressions->tsan_count, file);
	free(line);
	fclose(in);
	return code;
}

static int read_baseline(struct suppressions *suppressions, const char *file)
{
	json_error_t error;
	json_t *object = json_load_file(file, 0, &error),
	       *findings = json_object_get(object, "findings"), *finding;
	size_t index;

	if (!object)
		return say_error(EXIT_USAGE, "--baseline %s: %s", file, error.text);
	if (!json_is_array(findings)) {
		json_decref(object);
		return say_error(EXIT_USAGE, "--baseline %s: is not the --json of a run", file);
	}
	json_array_foreach(findings, index, finding)
	{
		const char *title = json_string_value(json_object_get(finding, "title"));

		if (!title)
			continue;
		suppressions->baseline =
			grow(suppressions->baseline, suppressions->baseline_count, sizeof(char *));
		suppressions->baseline[suppressions->baseline_count++] = copy(title, strlen(title));
	}
	json_decref(object);
	return 0;
}

int suppressions_read(struct suppressions *suppressions, const char *const *rules_files,
		      size_t file_count, const char *baseline_file)
{
	int code = 0;

	*suppressions = (struct suppressions){ 0 };
	for (size_t i = 0; code == 0 && i < file_count; i++)
		code = read_rules(suppressions, rules_files[i]);
	if (code == 0 && baseline_file)
		code = read_baseline(suppressions, baseline_file);
	if (code)
		suppressions_fini(suppressions);
	return code;
}

int suppressions_check_own(const struct suppressions *suppressions)
{
	if (suppressions->valgrind_count)
		return say_error(EXIT_USAGE,
				 "--suppressions %s: is in Valgrind's format, which jostle under "
				 "passes on; here a line is KIND:GLOB",
				 suppressions->valgrind_files[0]);
	if (suppressions->tsan_only)
		return say_error(EXIT_USAGE,
				 "%s: only ThreadSanitizer knows this kind; see jostle under",
				 suppressions->tsan_only);
	return 0;
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void suppressions_fini(struct suppressions *suppressions)
{
	for (size_t i = 0; i < suppressions->rule_count; i++) {
		free(suppressions->rules[i].kind);
		free(suppressions->rules[i].glob);
		free(suppressions->rules[i].rule);
	}
	free(suppressions->rules);
	free_texts(suppressions->baseline, suppressions->baseline_count);
	free_texts(suppressions->valgrind_files, suppressions->valgrind_count);
	free_texts(suppressions->tsan_files, suppressions->tsan_count);
	free(suppressions->tsan_only);
	*suppressions = (struct suppressions){ 0 };
}

static bool matches(const char *glob, const char *text)
{
	return text && fnmatch(glob, text, 0) == 0;
}

static bool frame_matches(const struct suppression *rule, const struct frame *frame)
{
	return matches(rule->glob, frame->function) || matches(rule->glob, frame->file) ||
	       matches(rule->glob, source_base(frame->file));
}

/* ThreadSanitizer's patterns match anywhere, unless ^ or $ holds an end. */
static bool matches_anywhere(const char *pattern, const char *text)
{
	const bool from_start = pattern[0] == '^';
	const size_t length = strlen(pattern + from_start);
	const bool to_end = length && pattern[from_start + length - 1] == '$';
	char *glob;
	bool matched;

	if (!text)
		return false;
	if (asprintf(&glob, "%s%.*s%s", from_start ? "" : "*", (int)(length - to_end),
		     pattern + from_start, to_end ? "" : "*") < 0)
		abort();
	matched = matches(glob, text);
	free(glob);
	return matched;
}

static bool tsan_frame_matches(const struct suppression *rule, const struct frame *frame)
{
	return matches_anywhere(rule->glob, frame->function) ||
	       matches_anywhere(rule->glob, frame->file) ||
	       matches_anywhere(rule->glob, frame->module);
}

/* One side of a race: race looks at its stack and variable, race_top at the innermost frame,
 * called_from_lib at the module that made the access. */
static bool tsan_site_matches(const struct suppression *rule, const struct story_site *site)
{
	const size_t frames = strcmp(rule->kind, TSAN_TOP) == 0 ? 1 : site->frame_count;

	if (strcmp(rule->kind, TSAN_LIBRARY) == 0)
		return matches_anywhere(rule->glob, site->place.module);
	for (size_t i = 0; i < frames && i < site->frame_count; i++)
		if (tsan_frame_matches(rule, &site->frames[i]))
			return true;
	return strcmp(rule->kind, TSAN_TOP) != 0 && matches_anywhere(rule->glob, site->object);
}

static bool tsan_matches(const struct suppression *rule, const struct story *story)
{
	if (strcmp(story->kind, "race") != 0 ||
	    (strcmp(rule->kind, "race") != 0 && strcmp(rule->kind, TSAN_TOP) != 0 &&
	     strcmp(rule->kind, TSAN_LIBRARY) != 0))
		return false;
	for (size_t i = 0; i < story->site_count; i++)
		if (story->sites[i].role == SITE_ACCESS &&
		    tsan_site_matches(rule, &story->sites[i]))
			return true;
	return false;
}

static bool rule_matches(const struct suppression *rule, const struct story *story)
{
	if (tsan_matches(rule, story))
		return true;
	if (strcmp(rule->kind, "*") != 0 && strcmp(rule->kind, story->kind) != 0)
		return false;
	if (matches(rule->glob, story->title))
		return true;
	for (size_t i = 0; i < story->site_count; i++)
		for (size_t k = 0; k < story->sites[i].frame_count; k++)
			if (frame_matches(rule, &story->sites[i].frames[k]))
				return true;
	return false;
}

const char *suppressions_match(const struct suppressions *suppressions, const struct story *story)
{
	for (size_t i = 0; i < suppressions->rule_count; i++)
		if (rule_matches(&suppressions->rules[i], story))
			return suppressions->rules[i].rule;
	return NULL;
}

bool suppressions_in_baseline(const struct suppressions *suppressions, const struct story *story)
{
	for (size_t i = 0; i < suppressions->baseline_count; i++)
		if (strcmp(suppressions->baseline[i], story->title) == 0)
			return true;
	return false;
}
