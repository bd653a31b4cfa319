/* SPDX-License-Identifier: Apache-2.0 */
#include "symbols/source_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS_DEEP_MAX 16 /* recursion is cut here: by then everything was compared */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Behind blanks and comments. */
static const char *skip_blanks(const char *at)
{
	for (;;) {
		const char *end;

		at += strspn(at, " \t\r\n\f\v");
		if (at[0] == '/' && at[1] == '/') {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			end = strstr(at + 2, "*/");
			at = end ? end + 2 : at + strlen(at);
		} else {
			return at;
		}
	}
}

/* Bytes of the word that begins here: at least one. */
static size_t word_length(const char *at)
{
	size_t length = 1;

	if (is_name(at[0])) {
		while (is_name(at[length]))
			length++;
		return length;
	}
	if (at[0] != '"' && at[0] != '\'')
		return 1;
	while (at[length] && at[length] != at[0] && at[length] != '\n')
		length += at[length] == '\\' && at[length + 1] ? 2 : 1;
	return at[length] == at[0] ? length + 1 : length;
}

void source_text_parse(struct source_text *source, const char *text, struct pool *pool)
{
	*source = (struct source_text){ .words = pool_new(pool, const char *, strlen(text) + 1) };
	for (const char *at = skip_blanks(text); *at; at = skip_blanks(at)) {
		const size_t length = word_length(at);

		source->words[source->count++] = pool_bytes(pool, at, length);
		at += length;
	}
}

int source_text_read(struct source_text *source, const char *path, struct pool *pool)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t length;

	if (!in)
		return -errno;
	errno = 0;
	length = getdelim(&text, &size, '\0', in);
	fclose(in);
	if (length < 0 && errno) {
		length = -errno;
		free(text);
		return (int)length;
	}
	source_text_parse(source, length > 0 ? text : "", pool);
	free(text);
	return 0;
}

static bool is_word(const struct source_text *source, size_t at, const char *word)
{
	return at < source->count && strcmp(source->words[at], word) == 0;
}

/* The place behind the bracket that closes the one at at. */
static size_t behind(const struct source_text *source, size_t at)
{
	size_t depth = 0;

	for (; at < source->count; at++) {
		const char c = source->words[at][0];

		if (c == '(' || c == '{' || c == '[')
			depth++;
		else if ((c == ')' || c == '}' || c == ']') && --depth == 0)
			return at + 1;
	}
	return at;
}

const char *source_text_member(const struct source_text *source, const char *name,
			       const char *member)
{
	size_t at = 0, end;

	while (at < source->count &&
	       !(is_word(source, at, "JOSTLE_CASE") && is_word(source, at + 2, name) &&
		 is_word(source, at + 5, "{")))
		at++;
	end = at < source->count ? behind(source, at + 5) : at;
	for (at += 6; at + 3 < end; at++) {
		if (is_word(source, at, "{") || is_word(source, at, "("))
			at = behind(source, at) - 1;
		else if (is_word(source, at, ".") && is_word(source, at + 1, member) &&
			 is_word(source, at + 2, "="))
			return source->words[at + 3];
	}
	return NULL;
}

/* Where the definition of function has its parameters; count when there is none. */
static size_t find_function(const struct source_text *source, const char *function)
{
	for (size_t at = 0; at < source->count; at++) {
		if (is_word(source, at, "{"))
			at = behind(source, at) - 1;
		else if (is_word(source, at, function) && is_word(source, at + 1, "(") &&
			 is_word(source, behind(source, at + 1), "{"))
			return at + 1;
	}
	return source->count;
}

static bool same_function(const struct source_text *source, const char *function,
			  const struct source_text *other, const char *other_function,
			  unsigned deep)
{
	size_t at = find_function(source, function), there = find_function(other, other_function);
	size_t end;

	if (at == source->count || there == other->count)
		return false;
	end = behind(source, behind(source, at));
	if (end - at != behind(other, behind(other, there)) - there)
		return false;
	for (; at < end; at++, there++) {
		const char *word = source->words[at];

		if (strcmp(word, other->words[there]) != 0)
			return false;
		if (deep < CALLS_DEEP_MAX && is_word(source, at + 1, "(") &&
		    strcmp(word, function) != 0 && find_function(source, word) < source->count &&
		    !same_function(source, word, other, word, deep + 1))
			return false;
	}
	return true;
}

bool source_text_same_function(const struct source_text *source, const char *function,
			       const struct source_text *other, const char *other_function)
{
	return same_function(source, function, other, other_function, 0);
}
