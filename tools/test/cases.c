/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the catalogue program and reads what it prints. */
#include "test/cases.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jostle/say.h"

/* Its name is that of the catalogue with this behind it, and it lies beside it. */
#define INSTRUMENTED_SUFFIX "-instrumented"
#define TSAN_SUFFIX         "-tsan"

/*
 * What the variable names, or what lies beside the catalogue. A catalogue that was named has no
 * other unless that is named as well, or lies beside it.
 */
static int find_twin(const struct cases *cases, const char *variable, const char *suffix,
		     char twin[PATH_MAX])
{
	const char *given = getenv(variable);
	char candidate[PATH_MAX + sizeof(INSTRUMENTED_SUFFIX)];

	twin[0] = '\0';
	if (given && given[0])
		return realpath(given, twin) ? 0
					     : say_error(EXIT_USAGE, "%s=%s: %s", variable, given,
							 strerror(errno));
	snprintf(candidate, sizeof(candidate), "%s%s", cases->program, suffix);
	if (access(candidate, X_OK) != 0 || !realpath(candidate, twin))
		twin[0] = '\0';
	return 0;
}

/* In a build tree beside the command's folder, installed in libexec. */
static int find_program(char *path)
{
	static const char *const places[] = { "/../cases/jostle-cases",
					      "/../libexec/jostle/jostle-cases" };
	const char *given = getenv("JOSTLE_CASES");
	char own[PATH_MAX], candidate[PATH_MAX + 64];
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (given && given[0])
		return realpath(given, path) ? 0
					     : say_error(EXIT_USAGE, "JOSTLE_CASES=%s: %s", given,
							 strerror(errno));
	if (length <= 0)
		return say_error(EXIT_USAGE, "cannot find the command's own place by /proc: %s",
				 strerror(errno));
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(candidate, sizeof(candidate), "%s%s", own, places[i]);
		if (access(candidate, X_OK) == 0 && realpath(candidate, path))
			return 0;
	}
	return say_error(EXIT_USAGE, "the catalogue (cases/jostle-cases) is not built; build it, "
				     "or name it in JOSTLE_CASES");
}

/* The JSON that the program prints in that folder, or NULL. */
static json_t *ask(const char *program, const char *folder)
{
	json_t *object = NULL;
	json_error_t error;
	int out[2], status = 0;
	pid_t pid;
	FILE *in;

	if (pipe2(out, O_CLOEXEC) < 0)
		return NULL;
	pid = fork();
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		if (folder && chdir(folder) < 0)
			_exit(127);
		execl(program, program, "--list", "--json", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	in = fdopen(out[0], "r");
	if (pid > 0 && in)
		object = json_loadf(in, 0, &error);
	if (in)
		fclose(in);
	else
		close(out[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (object && status == 0)
		return object;
	json_decref(object);
	return NULL;
}

static const char *text_of(struct pool *pool, const json_t *object, const char *key)
{
	return pool_text(pool, json_string_value(json_object_get(object, key)));
}

static const char *text_or_empty(struct pool *pool, const json_t *object, const char *key)
{
	const char *text = text_of(pool, object, key);

	return text ? text : "";
}

/* An array of strings, or a string, as one text. */
static const char *joined_of(struct pool *pool, const json_t *object, const char *key,
			     const char *separator)
{
	const json_t *array = json_object_get(object, key);
	const char *words = "";

	if (json_is_string(array))
		return pool_text(pool, json_string_value(array));
	for (size_t i = 0; i < json_array_size(array); i++)
		words = pool_format(pool, "%s%s%s", words, i ? separator : "",
				    json_string_value(json_array_get(array, i)));
	return words;
}

static const char *words_of(struct pool *pool, const json_t *object, const char *key)
{
	return joined_of(pool, object, key, " ");
}

bool case_has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static unsigned nasty_of(const char *words)
{
	static const char *const names[] = { "spurious", "eintr",         "short-io",
					     "eagain",   "alloc-failure", "kill" };
	unsigned bits = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (case_has_word(words, names[i]))
			bits |= 1U << i;
	return bits;
}

static void read_marks(struct pool *pool, const json_t *array, struct case_entry *entry)
{
	struct case_mark *marks = pool_new(pool, struct case_mark, json_array_size(array));

	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *mark = json_array_get(array, i);
		const char *kind = json_string_value(json_object_get(mark, "kind"));

		marks[i].line = (unsigned)json_integer_value(json_object_get(mark, "line"));
		marks[i].must = !kind || strcmp(kind, "see") != 0;
		marks[i].text = text_or_empty(pool, mark, "text");
	}
	entry->marks = marks;
	entry->mark_count = json_array_size(array);
}

static void read_outcomes(struct pool *pool, const json_t *array, struct case_entry *entry)
{
	const char **texts = pool_new(pool, const char *, json_array_size(array));
	const char **grades = pool_new(pool, const char *, json_array_size(array));

	for (size_t i = 0; i < json_array_size(array); i++) {
		texts[i] = text_or_empty(pool, json_array_get(array, i), "text");
		grades[i] = text_or_empty(pool, json_array_get(array, i), "grade");
	}
	entry->outcomes = texts;
	entry->grades = grades;
	entry->outcome_count = json_array_size(array);
}

static bool read_entry(struct pool *pool, const json_t *object, struct case_entry *entry)
{
	entry->id = text_of(pool, object, "id");
	entry->expect = text_of(pool, object, "expect");
	entry->file = text_of(pool, object, "file");
	entry->title = text_or_empty(pool, object, "title");
	entry->why = text_or_empty(pool, object, "why");
	entry->ref = text_or_empty(pool, object, "ref");
	entry->tags = words_of(pool, object, "tags");
	entry->cause = text_of(pool, object, "cause");
	entry->known_gap = text_of(pool, object, "known_gap");
	entry->line = (unsigned)json_integer_value(json_object_get(object, "line"));
	entry->schedules = (unsigned)json_integer_value(json_object_get(object, "schedules"));
	entry->needs_accesses = case_has_word(words_of(pool, object, "needs"), "accesses");
	entry->also = words_of(pool, object, "also");
	entry->nasty = nasty_of(words_of(pool, object, "opt_in"));
	entry->runs = text_or_empty(pool, object, "runs");
	entry->bodies = joined_of(pool, object, "bodies", ", ");
	entry->checks = words_of(pool, object, "checks");
	read_outcomes(pool, json_object_get(object, "outcomes"), entry);
	read_marks(pool, json_object_get(object, "marks"), entry);
	return entry->id && entry->expect && entry->file;
}

static int read_all(struct cases *cases, struct pool *pool, const char *folder)
{
	json_t *object = ask(cases->program, folder);
	const json_t *array;
	int code = 0;

	if (!object && access(cases->program, X_OK) < 0)
		return say_error(EXIT_USAGE,
				 "%s: %s; is it on a file system that is mounted noexec?",
				 cases->program, strerror(errno));
	array = json_object_get(object, "cases");
	if (!json_is_array(array)) {
		json_decref(object);
		return say_error(EXIT_USAGE, "%s --list --json: did not print the catalogue",
				 cases->program);
	}
	cases->entries = pool_new(pool, struct case_entry, json_array_size(array) + 1);
	cases->count = 0;
	for (size_t i = 0; i < json_array_size(array) && code == 0; i++)
		if (!read_entry(pool, json_array_get(array, i), &cases->entries[cases->count++]))
			code = say_error(EXIT_USAGE,
					 "%s --list --json: a case lacks id, expect or file",
					 cases->program);
	json_decref(object);
	return code;
}

int cases_read(struct cases *cases, struct pool *pool)
{
	int code = find_program(cases->program);

	if (code == 0)
		code = find_twin(cases, "JOSTLE_CASES_INSTRUMENTED", INSTRUMENTED_SUFFIX,
				 cases->instrumented);
	if (code == 0)
		code = find_twin(cases, "JOSTLE_CASES_TSAN", TSAN_SUFFIX, cases->tsan);
	return code ? code : read_all(cases, pool, NULL);
}

int cases_read_program(struct cases *cases, struct pool *pool, const char *program,
		       const char *folder)
{
	snprintf(cases->program, sizeof(cases->program), "%s", program);
	cases->instrumented[0] = '\0';
	return read_all(cases, pool, folder);
}

static bool matches_one(const struct case_entry *entry, const char *pattern)
{
	size_t length = strlen(pattern);

	if (fnmatch(pattern, entry->id, 0) == 0 || case_has_word(entry->tags, pattern))
		return true;
	while (length && pattern[length - 1] == '/')
		length--;
	return length && strncmp(entry->id, pattern, length) == 0 && entry->id[length] == '/';
}

bool case_matches(const struct case_entry *entry, char *const *patterns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches_one(entry, patterns[i]))
			return true;
	return count == 0;
}

const char *cases_file(const struct cases *cases, const char *file, struct pool *pool)
{
	char folder[PATH_MAX];
	const char *path;
	char *slash;

	/* From the catalogue's own place upwards: the build folder usually lies in the source tree.
	 */
	snprintf(folder, sizeof(folder), "%s", cases->program);
	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		path = pool_format(pool, "%s/%s", folder, file);
		if (access(path, R_OK) == 0)
			return path;
	}
	path = pool_format(pool, "%s/%s", JOSTLE_SOURCE_DIR, file);
	return access(path, R_OK) == 0 ? path : NULL;
}

const char *case_source(const struct cases *cases, const struct case_entry *entry,
			struct pool *pool)
{
	return cases_file(cases, entry->file, pool);
}
