/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds marks by reading the source, since a comment leaves nothing in the object file. __FILE__
 * says where the source is: as compiled or relative to the current directory, or to the one that
 * the build names, or, once installed, to the program's own.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "marks.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef JOSTLE_CASES_SOURCE_DIR
#define JOSTLE_CASES_SOURCE_DIR "."
#endif

static FILE *open_below(const char *folder, const char *file)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", folder, file);

	if (length < (int)sizeof(path))
		return fopen(path, "r");
	errno = ENAMETOOLONG;
	return NULL;
}

/* NULL and errno when the source is nowhere. A compiler cache may have made __FILE__ relative to
 * the build's directory: the path from cases/ on is good in all of them. */
static FILE *source_open(const struct entry *entry)
{
	FILE *source = fopen(entry->registration->file, "r");
	char own[PATH_MAX];
	ssize_t length;

	if (!source)
		source = open_below(JOSTLE_CASES_SOURCE_DIR, entry->path);
	if (source)
		return source;
	length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	if (length <= 0)
		return NULL;
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	return open_below(own, entry->path);
}

/* Copies [from, to) without blanks at its ends; false when it does not fit. */
static int copy_trimmed(char *out, size_t size, const char *from, const char *to)
{
	while (from < to && isspace((unsigned char)*from))
		from++;
	while (to > from && isspace((unsigned char)to[-1]))
		to--;
	if ((size_t)(to - from) >= size)
		return 0;
	memcpy(out, from, (size_t)(to - from));
	out[to - from] = '\0';
	return 1;
}

/* One comment, begin behind its opening and end at its closing: true when WORD[(VARIANT)]: TEXT. */
static int mark_parse(struct mark *mark, const char *begin, const char *end)
{
	const char *word = begin + strspn(begin, " \t");
	const char *after = word + strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
	const char *close;

	if (after == word || !copy_trimmed(mark->word, sizeof(mark->word), word, after))
		return 0;
	mark->variant[0] = '\0';
	if (*after == '(') {
		close = memchr(after, ')', (size_t)(end - after));
		if (!close || !copy_trimmed(mark->variant, sizeof(mark->variant), after + 1, close))
			return 0;
		after = close + 1;
	}
	return *after == ':' && copy_trimmed(mark->text, sizeof(mark->text), after + 1, end);
}

int marks_read(struct marks *marks, const struct entry *entry)
{
	FILE *source = source_open(entry);
	char text[512];
	int line = 0, status = 0;

	marks->count = 0;
	if (!source)
		return -errno;
	while (fgets(text, sizeof(text), source)) {
		char *begin = strstr(text, "/*");
		char *end = begin ? strstr(begin, "*/") : NULL;

		line++;
		if (!end)
			continue;
		if (marks->count == MARKS_MAX) {
			status = -E2BIG;
			break;
		}
		if (mark_parse(&marks->marks[marks->count], begin + 2, end))
			marks->marks[marks->count++].line = line;
	}
	fclose(source);
	return status;
}

/* The kind that the word spells, LOCK-ORDER for lock-order; JOSTLE_UNDECLARED for none. */
static enum jostle_kind mark_kind(const struct mark *mark)
{
	for (int kind = JOSTLE_UNDECLARED + 1; kind < JOSTLE_PASS; kind++) {
		const char *name = kind_name((enum jostle_kind)kind);
		size_t i = 0;

		while (name[i] && toupper((unsigned char)name[i]) == mark->word[i])
			i++;
		if (!name[i] && !mark->word[i])
			return (enum jostle_kind)kind;
	}
	return JOSTLE_UNDECLARED;
}

static int mark_is_see(const struct mark *mark)
{
	return strcmp(mark->word, "SEE") == 0;
}

int mark_is_known(const struct mark *mark)
{
	return mark_is_see(mark) || mark_kind(mark) != JOSTLE_UNDECLARED;
}

/* Whether the mark is of a kind that may show beside the expected one. */
static int mark_is_also(const struct mark *mark, const struct entry *entry)
{
	return (entry->declared->also & JOSTLE_ALSO(mark_kind(mark))) != 0;
}

int mark_applies(const struct mark *mark, const struct entry *entry)
{
	enum jostle_kind expect = entry->declared->expect;

	if (expect == JOSTLE_PASS || expect == JOSTLE_UNDECLARED)
		return 0;
	if (mark->variant[0] && strcmp(mark->variant, entry->registration->name) != 0)
		return 0;
	return mark_is_see(mark) || mark_kind(mark) == expect || mark_is_also(mark, entry);
}

int mark_is_strict(const struct mark *mark, const struct entry *entry)
{
	return mark_kind(mark) == entry->declared->expect;
}

/* An outcome is the sum of what happened and has no place: no finding can be held to the mark. */
const char *mark_kind_name(const struct mark *mark, const struct entry *entry)
{
	enum jostle_kind expect = entry->declared->expect;

	return mark_kind(mark) != expect || expect == JOSTLE_OUTCOME ? "see" : kind_name(expect);
}
