/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file line by line each time; a report shows some dozens of lines. */
#include "report/source.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 512

const char *source_line(struct pool *pool, const char *file, unsigned line)
{
	char text[LINE_SIZE] = "", *start = text;
	FILE *source = file && line ? fopen(file, "re") : NULL;
	size_t length;

	if (!source)
		return NULL;
	while (line && fgets(text, sizeof(text), source))
		if (strchr(text, '\n') || feof(source))
			line--;
	fclose(source);
	if (line)
		return NULL;
	while (isspace((unsigned char)*start))
		start++;
	length = strlen(start);
	while (length && isspace((unsigned char)start[length - 1]))
		length--;
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)start[i]))
			start[i] = ' ';
	return pool_bytes(pool, start, length);
}

/* Where the comment that ends the line begins; its length when there is none. What may be inside of
 * a string is left alone. */
static size_t code_length(const char *line)
{
	const size_t length = strlen(line);

	for (size_t i = 1; i < length; i++) {
		if (line[i] == '"')
			return length;
		if (line[i] != '/' || line[i - 1] != ' ')
			continue;
		if (line[i + 1] == '/')
			return i;
		if (line[i + 1] == '*') {
			const char *end = strstr(line + i, "*/");

			if (!end || !end[2])
				return i;
		}
	}
	return length;
}

const char *source_code(struct pool *pool, const char *file, unsigned line)
{
	const char *text = source_line(pool, file, line);
	size_t length = text ? code_length(text) : 0;

	while (length && (text[length - 1] == ' ' || text[length - 1] == ';'))
		length--;
	/* A line of nothing but a comment or a semicolon is shown as it is. */
	return length ? pool_bytes(pool, text, length) : text;
}

const char *source_short(const char *file)
{
	static char cwd[PATH_MAX];
	static size_t length;

	if (!length) {
		if (!getcwd(cwd, sizeof(cwd)))
			cwd[0] = '\0';
		length = strlen(cwd);
	}
	if (file && length > 1 && strncmp(file, cwd, length) == 0 && file[length] == '/')
		return file + length + 1;
	return file;
}

const char *source_base(const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	return slash ? slash + 1 : file;
}
