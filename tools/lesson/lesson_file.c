/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A student may change the functions under test, the state and setup, and what the variant says of
 * itself in words. What asks the question is the lesson's: who runs, what is observed, which
 * outcomes are wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/library.h"
#include "jostle/say.h"
#include "lesson/lesson.h"
#include "symbols/source_text.h"

#define RUNNER_LIBRARY "libjostle_case_main.a"

/* In a build tree the header lies with the sources. */
static const char *find_include(struct pool *pool)
{
	char library[PATH_MAX];
	const char *folder = NULL;

	if (library_find(library) == 0) {
		*strrchr(library, '/') = '\0';
		folder = pool_format(pool, "%s/../include", library);
	}
	if (folder && access(pool_format(pool, "%s/jostle.h", folder), R_OK) == 0)
		return folder;
	return JOSTLE_SOURCE_DIR "/harness/include";
}

/* As jostle cc does it, in the file's own folder, so that its name and its own headers are found.
 */
static int compile(const struct lesson_file *file, const char *folder, const char *base,
		   const char *runner, const char *include)
{
	const char *const words[] = { "-std=gnu11", "-g",    "-O1",     "-fno-omit-frame-pointer",
				      "-pthread",   "-Wall", "-Wextra", "-Wno-unused-function",
				      "-I",         include, "-o",      file->program,
				      base,         runner,  "-ldl",    NULL };
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return say_error(EXIT_USAGE, "lesson: cannot start a process: %s", strerror(errno));
	if (pid == 0) {
		if (chdir(folder) < 0)
			_exit(say_error(EXIT_USAGE, "%s: %s", folder, strerror(errno)));
		_exit(command_cc((int)(sizeof(words) / sizeof(words[0])) - 1,
				 (char **)(size_t)words));
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		return say_error(EXIT_USAGE,
				 "lesson: %s does not compile; mend what the compiler says above "
				 "and try again",
				 file->given);
	return 0;
}

static int make_folder(const char *path)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return say_error(EXIT_USAGE, "--out %s: %s", path, strerror(errno));
	return 0;
}

/*
 * Two lessons at once in one folder would explore each other's program. The folder is ours until
 * the command ends; where a file system knows no locks there is none.
 */
static void take_folder(const char *path)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return;
	say("lesson: another jostle works in %s and is waited for; --out names another folder",
	    path);
	while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
}

static int build(struct lesson_file *file, const struct lesson *lesson, const char *path,
		 const struct options *options, struct pool *pool)
{
	char folder[PATH_MAX], absolute[PATH_MAX], runner[PATH_MAX];
	const char *base;
	int code = library_standin_folder(runner);

	if (code)
		return code;
	strncat(runner, "/" RUNNER_LIBRARY, sizeof(runner) - strlen(runner) - 1);
	if (access(runner, R_OK) < 0)
		return say_error(EXIT_USAGE, "%s: %s; build or install jostle again", runner,
				 strerror(errno));
	file->out = pool_format(pool, "%s/lesson-%zu", options->out, lesson->number);
	code = make_folder(options->out);
	if (code == 0)
		code = make_folder(file->out);
	if (code)
		return code;
	if (!realpath(file->out, absolute) ||
	    snprintf(file->program, sizeof(file->program), "%s/program", absolute) >=
		    (int)sizeof(file->program))
		return say_error(EXIT_USAGE, "--out %s: the path is too long", file->out);
	take_folder(absolute);
	/* An older one must not be taken for this one's. */
	unlink(file->program);
	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	base = strrchr(path, '/') + 1;
	code = compile(file, folder[0] ? folder : "/", pool_format(pool, "./%s", base), runner,
		       find_include(pool));
	if (code)
		return code;
	return cases_read_program(&file->cases, pool, file->program, folder);
}

static const struct case_entry *find_variant(const struct cases *cases, const char *name)
{
	for (size_t i = 0; i < cases->count; i++)
		if (strcmp(strrchr(cases->entries[i].id, '/') + 1, name) == 0)
			return &cases->entries[i];
	return NULL;
}

/* Forbidden is also what a case does not list. */
static bool forbids(const struct case_entry *entry, const char *outcome)
{
	for (size_t i = 0; i < entry->outcome_count; i++)
		if (strcmp(entry->outcomes[i], outcome) == 0)
			return strcmp(entry->grades[i], "forbidden") == 0;
	return true;
}

struct comparison {
	const struct lesson *lesson;
	const struct cases *cases;
	const char *given, *name; /* the file's, the variant's */
	struct source_text lesson_text, text;
};

/* Whether every variant of the lesson's file forbids it: a fix may end in another way, too. */
static bool lesson_forbids(const struct comparison *comparison, const char *outcome)
{
	const size_t length = strlen(comparison->lesson->id);

	for (size_t i = 0; i < comparison->cases->count; i++) {
		const struct case_entry *entry = &comparison->cases->entries[i];

		if (strncmp(entry->id, comparison->lesson->id, length) == 0 &&
		    entry->id[length] == '/' && !forbids(entry, outcome))
			return false;
	}
	return true;
}

static const char *weaker_outcome(const struct comparison *comparison,
				  const struct case_entry *theirs)
{
	for (size_t i = 0; i < theirs->outcome_count; i++)
		if (!forbids(theirs, theirs->outcomes[i]) &&
		    lesson_forbids(comparison, theirs->outcomes[i]))
			return theirs->outcomes[i];
	return NULL;
}

/* A fix may be observed in another way: the catalogue's own fixed variants show which are right. */
static bool is_lesson_check(const struct comparison *comparison, const char *member,
			    const char *function)
{
	const size_t length = strlen(comparison->lesson->id);

	for (size_t i = 0; i < comparison->cases->count; i++) {
		const char *id = comparison->cases->entries[i].id, *expected;

		if (strncmp(id, comparison->lesson->id, length) != 0 || id[length] != '/')
			continue;
		expected = source_text_member(&comparison->lesson_text, id + length + 1, member);
		if (expected && source_text_same_function(&comparison->lesson_text, expected,
							  &comparison->text, function))
			return true;
	}
	return false;
}

static int compare_checks(const struct comparison *comparison, const struct case_entry *theirs,
			  const struct case_entry *lesson)
{
	static const char *const members[] = { "observe", "invariant", "guarded_by", "always" };

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *function = NULL;

		if (!case_has_word(lesson->checks, members[i]))
			continue;
		if (!case_has_word(theirs->checks, members[i]))
			return say_error(EXIT_USAGE,
					 "lesson %zu: %s: the variant %s says no .%s, by which the "
					 "lesson judges it; put it back",
					 comparison->lesson->number, comparison->given,
					 comparison->name, members[i]);
		function = source_text_member(&comparison->text, comparison->name, members[i]);
		if (!function || !is_lesson_check(comparison, members[i], function))
			return say_error(EXIT_USAGE,
					 "lesson %zu: %s: .%s of the variant %s is not the "
					 "lesson's own function; it judges your answer and stays "
					 "as it is",
					 comparison->lesson->number, comparison->given, members[i],
					 comparison->name);
	}
	return 0;
}

static int compare_variant(const struct comparison *comparison, const struct case_entry *theirs,
			   const struct case_entry *lesson)
{
	const char *given = comparison->given, *name = comparison->name, *outcome;
	const size_t number = comparison->lesson->number;

	if (strcmp(theirs->title, lesson->title) != 0)
		return say_error(EXIT_USAGE,
				 "lesson %zu: %s: its variant %s is titled '%s', the lesson's "
				 "'%s'; is it another lesson's file?",
				 number, given, name, theirs->title, lesson->title);
	if (strcmp(theirs->runs, lesson->runs) != 0 || strcmp(theirs->bodies, lesson->bodies) != 0)
		return say_error(EXIT_USAGE,
				 "lesson %zu: %s: the variant %s has %s %s, the lesson %s %s; all "
				 "of them must run",
				 number, given, name, theirs->runs, theirs->bodies, lesson->runs,
				 lesson->bodies);
	outcome = weaker_outcome(comparison, theirs);
	if (outcome)
		return say_error(EXIT_USAGE,
				 "lesson %zu: %s: the variant %s allows the outcome '%s', which "
				 "the lesson forbids",
				 number, given, name, outcome);
	return compare_checks(comparison, theirs, lesson);
}

static int compare(const struct lesson_file *file, const struct lesson *lesson,
		   const struct cases *cases, const char *path, struct pool *pool)
{
	struct comparison comparison = { .lesson = lesson, .cases = cases, .given = file->given };
	const char *source = case_source(cases, lesson->broken[0], pool);
	int code = 0;

	if (!source || source_text_read(&comparison.lesson_text, source, pool))
		return say_error(EXIT_USAGE,
				 "lesson %zu: its source %s is not here; install jostle "
				 "again",
				 lesson->number, lesson->broken[0]->file);
	if (source_text_read(&comparison.text, path, pool))
		return say_error(EXIT_USAGE, "%s: cannot be read", file->given);
	for (size_t i = 0; code == 0 && i < lesson->broken_count; i++) {
		const struct case_entry *theirs;

		comparison.name = strrchr(lesson->broken[i]->id, '/') + 1;
		theirs = find_variant(&file->cases, comparison.name);
		if (theirs)
			code = compare_variant(&comparison, theirs, lesson->broken[i]);
		else
			code = say_error(
				EXIT_USAGE,
				"lesson %zu: %s has no JOSTLE_CASE(%s), which is what the "
				"lesson asks you to mend; jostle lesson %zu shows the file",
				lesson->number, file->given, comparison.name, lesson->number);
	}
	return code;
}

int lesson_file_open(struct lesson_file *file, const struct lesson *lesson,
		     const struct cases *cases, const struct options *options, struct pool *pool)
{
	const char *given = options->operands[1];
	const size_t length = strlen(given);
	char path[PATH_MAX];
	struct stat status;
	int code;

	file->given = given;
	if (!realpath(given, path) || stat(path, &status) < 0)
		return say_error(EXIT_USAGE, "lesson: %s: %s; jostle lesson %zu shows what to copy",
				 given, strerror(errno), lesson->number);
	if (!S_ISREG(status.st_mode) || length < 3 || strcmp(given + length - 2, ".c") != 0)
		return say_error(EXIT_USAGE,
				 "lesson: %s: is no C file; jostle lesson %zu shows what to copy",
				 given, lesson->number);
	code = build(file, lesson, path, options, pool);
	return code ? code : compare(file, lesson, cases, path, pool);
}
