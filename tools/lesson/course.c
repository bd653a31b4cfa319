/* SPDX-License-Identifier: Apache-2.0 */
#include "lesson/course.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/say.h"

#define COURSE_FILE "cases/course"

struct reader {
	struct course *course;
	const struct cases *cases;
	struct pool *pool;
	const char *path;
	unsigned line;
};

static bool is_of_file(const struct case_entry *entry, const char *id, size_t length)
{
	return strncmp(entry->id, id, length) == 0 && entry->id[length] == '/' &&
	       !strchr(entry->id + length + 1, '/');
}

/* Bytes of the file's name in the id of a case, or of a file; 0 when there is neither. */
static size_t file_length(const struct cases *cases, const char *id)
{
	const size_t length = strlen(id);

	for (size_t i = 0; i < cases->count; i++) {
		if (strcmp(cases->entries[i].id, id) == 0)
			return (size_t)(strrchr(id, '/') - id);
		if (is_of_file(&cases->entries[i], id, length))
			return length;
	}
	return 0;
}

static bool is_lesson(const struct course *course, const char *id, size_t length)
{
	for (size_t i = 0; i < course->count; i++)
		if (strlen(course->lessons[i].id) == length &&
		    strncmp(course->lessons[i].id, id, length) == 0)
			return true;
	return false;
}

static void lesson_init(struct reader *reader, const char *topic, const char *id, size_t length)
{
	struct lesson *lesson = &reader->course->lessons[reader->course->count];

	*lesson = (struct lesson){
		.number = reader->course->count + 1,
		.topic = topic,
		.id = pool_bytes(reader->pool, id, length),
		.broken = pool_new(reader->pool, const struct case_entry *, reader->cases->count),
	};
	for (size_t i = 0; i < reader->cases->count; i++) {
		const struct case_entry *entry = &reader->cases->entries[i];

		if (!is_of_file(entry, id, length) || entry->known_gap)
			continue;
		if (strcmp(entry->expect, "pass") == 0)
			lesson->nasty |= entry->nasty;
		else
			lesson->broken[lesson->broken_count++] = entry;
	}
	reader->course->count += lesson->broken_count > 0;
}

static int read_ids(struct reader *reader, const char *topic, char *ids)
{
	char *rest = NULL;

	for (char *id = strtok_r(ids, " \t\n", &rest); id; id = strtok_r(NULL, " \t\n", &rest)) {
		const size_t length = file_length(reader->cases, id);

		if (!length)
			return say_error(EXIT_USAGE,
					 "%s:%u: the catalogue %s has no case '%s'; build it again",
					 reader->path, reader->line, reader->cases->program, id);
		if (!is_lesson(reader->course, id, length))
			lesson_init(reader, topic, id, length);
	}
	return 0;
}

/* Ends topic at its bar, without the blanks before it. NULL: there is none. */
static char *cut_at_bar(char *text)
{
	char *bar = strchr(text, '|'), *end = bar;

	if (!bar)
		return NULL;
	while (end > text && end[-1] == ' ')
		end--;
	*end = '\0';
	return bar + 1;
}

static int read_line(struct reader *reader, char *line)
{
	char *threads = cut_at_bar(line), *processes = threads ? cut_at_bar(threads) : NULL;
	const char *topic = pool_text(reader->pool, line);
	int code;

	if (!processes)
		return say_error(EXIT_USAGE,
				 "%s:%u: is not 'topic | ids of threads | ids of processes'",
				 reader->path, reader->line);
	code = read_ids(reader, topic, threads);
	return code ? code : read_ids(reader, topic, processes);
}

int course_read(struct course *course, const struct cases *cases, struct pool *pool)
{
	struct reader reader = { .course = course,
				 .cases = cases,
				 .pool = pool,
				 .path = cases_file(cases, COURSE_FILE, pool) };
	FILE *in = reader.path ? fopen(reader.path, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	int code = 0;

	if (!in)
		return say_error(EXIT_USAGE, "lesson: " COURSE_FILE " is not beside %s: %s",
				 cases->program, strerror(reader.path ? errno : ENOENT));
	*course = (struct course){ .lessons = pool_new(pool, struct lesson, cases->count + 1) };
	while (code == 0 && getline(&line, &size, in) > 0) {
		reader.line++;
		if (line[0] != '#' && line[0] != '\n')
			code = read_line(&reader, line);
	}
	free(line);
	fclose(in);
	return code;
}
