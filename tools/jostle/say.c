/* SPDX-License-Identifier: Apache-2.0 */
/* One sentence, one write, so that lines of several processes never mix. */
#include "jostle/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SENTENCE_MAX 2048

static char *kept;
static size_t kept_size;

void say_into(char *text, size_t size)
{
	kept = text;
	kept_size = size;
}

static void say_va(const char *format, va_list args)
{
	char text[SENTENCE_MAX];
	int length = snprintf(text, sizeof(text), "jostle: ");
	int more = vsnprintf(text + length, sizeof(text) - (size_t)length - 1, format, args);

	if (kept) {
		snprintf(kept, kept_size, "%s", text + length);
		return;
	}
	length += more < 0 ? 0 : more;
	if (length > SENTENCE_MAX - 2)
		length = SENTENCE_MAX - 2;
	text[length++] = '\n';
	fflush(stdout);
	if (write(STDERR_FILENO, text, (size_t)length) < 0)
		return; /* nobody listens: there is nothing left to say it to */
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_va(format, args);
	va_end(args);
}

int say_error(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_va(format, args);
	va_end(args);
	return code;
}

bool colour_wanted(int fd)
{
	const char *term = getenv("TERM");
	const char *no_colour = getenv("NO_COLOR");

	if (no_colour && no_colour[0])
		return false;
	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}
