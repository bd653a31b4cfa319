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
