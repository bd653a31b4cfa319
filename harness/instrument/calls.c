/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libc's memory and string functions, called by instrumented code: an access of what they read and
 * write, then the function itself. An instrumented object calls them through standin/calls.S, which
 * is linked into it and jumps here; calls from elsewhere never come here, so that what the engine
 * and uninstrumented libraries copy stays their own business.
 *
 * What a string function reads is what it must: up to the end of the string, or to where two
 * strings differ.
 */
#include <string.h>
#include <strings.h>

#include "instrument/tsan.h"

static void reads(const void *address, size_t size, uintptr_t pc)
{
	access_range((uintptr_t)address, size, 0, pc);
}

static void writes(const void *address, size_t size, uintptr_t pc)
{
	access_range((uintptr_t)address, size, RACE_WRITE, pc);
}

/* The string and its end, at most @most bytes. */
static size_t length_within(const char *text, size_t most)
{
	const size_t length = strnlen(text, most);

	return length < most ? length + 1 : most;
}

/* How many bytes tell whether the two are equal, at most @most. */
static size_t compared(const unsigned char *a, const unsigned char *b, size_t most, int fold)
{
	size_t i = 0;

	while (i < most) {
		const unsigned char x = a[i], y = b[i];

		i++;
		if (!x || (fold ? strncasecmp((const char *)&x, (const char *)&y, 1) != 0 : x != y))
			break;
	}
	return i;
}

TSAN void *jostle_call_memcpy(void *to, const void *from, size_t size);
void *jostle_call_memcpy(void *to, const void *from, size_t size)
{
	reads(from, size, PC);
	writes(to, size, PC);
	return memcpy(to, from, size);
}

TSAN void *jostle_call_mempcpy(void *to, const void *from, size_t size);
void *jostle_call_mempcpy(void *to, const void *from, size_t size)
{
	reads(from, size, PC);
	writes(to, size, PC);
	return (char *)memcpy(to, from, size) + size;
}

TSAN void *jostle_call_memmove(void *to, const void *from, size_t size);
void *jostle_call_memmove(void *to, const void *from, size_t size)
{
	reads(from, size, PC);
	writes(to, size, PC);
	return memmove(to, from, size);
}

TSAN void jostle_call_bcopy(const void *from, void *to, size_t size);
void jostle_call_bcopy(const void *from, void *to, size_t size)
{
	reads(from, size, PC);
	writes(to, size, PC);
	memmove(to, from, size);
}

TSAN void *jostle_call_memset(void *to, int byte, size_t size);
void *jostle_call_memset(void *to, int byte, size_t size)
{
	writes(to, size, PC);
	return memset(to, byte, size);
}

TSAN void jostle_call_bzero(void *to, size_t size);
void jostle_call_bzero(void *to, size_t size)
{
	writes(to, size, PC);
	memset(to, 0, size);
}

/* C lets memcmp read all of both. */
TSAN int jostle_call_memcmp(const void *a, const void *b, size_t size);
int jostle_call_memcmp(const void *a, const void *b, size_t size)
{
	reads(a, size, PC);
	reads(b, size, PC);
	return memcmp(a, b, size);
}

TSAN void *jostle_call_memchr(const void *from, int byte, size_t size);
void *jostle_call_memchr(const void *from, int byte, size_t size)
{
	const unsigned char *at = from;
	size_t i = 0;

	while (i < size && at[i] != (unsigned char)byte)
		i++;
	reads(from, i < size ? i + 1 : size, PC);
	return i < size ? (void *)(uintptr_t)(at + i) : NULL;
}

TSAN size_t jostle_call_strlen(const char *text);
size_t jostle_call_strlen(const char *text)
{
	const size_t length = strlen(text);

	reads(text, length + 1, PC);
	return strlen(text); /* others may have run before the access */
}

TSAN size_t jostle_call_strnlen(const char *text, size_t most);
size_t jostle_call_strnlen(const char *text, size_t most)
{
	reads(text, length_within(text, most), PC);
	return strnlen(text, most);
}

TSAN char *jostle_call_strcpy(char *to, const char *from);
char *jostle_call_strcpy(char *to, const char *from)
{
	const size_t size = strlen(from) + 1;

	reads(from, size, PC);
	writes(to, size, PC);
	return strcpy(to, from);
}

TSAN char *jostle_call_stpcpy(char *to, const char *from);
char *jostle_call_stpcpy(char *to, const char *from)
{
	const size_t size = strlen(from) + 1;

	reads(from, size, PC);
	writes(to, size, PC);
	return strcpy(to, from) + strlen(from);
}

TSAN char *jostle_call_strncpy(char *to, const char *from, size_t size);
char *jostle_call_strncpy(char *to, const char *from, size_t size)
{
	size_t length;

	reads(from, length_within(from, size), PC);
	writes(to, size, PC);
	length = strnlen(from, size);
	memcpy(to, from, length);
	memset(to + length, 0, size - length);
	return to;
}

TSAN char *jostle_call_strcat(char *to, const char *from);
char *jostle_call_strcat(char *to, const char *from)
{
	const size_t before = strlen(to), size = strlen(from) + 1;

	reads(to, before + 1, PC);
	reads(from, size, PC);
	writes(to + before, size, PC);
	strcpy(to + strlen(to), from);
	return to;
}

TSAN char *jostle_call_strncat(char *to, const char *from, size_t size);
char *jostle_call_strncat(char *to, const char *from, size_t size)
{
	const size_t before = strlen(to);
	size_t length;
	char *end;

	reads(to, before + 1, PC);
	reads(from, length_within(from, size), PC);
	writes(to + before, strnlen(from, size) + 1, PC);
	length = strnlen(from, size);
	end = to + strlen(to);
	memcpy(end, from, length);
	end[length] = '\0';
	return to;
}

static void reads_compared(const char *a, const char *b, size_t most, int fold, uintptr_t pc)
{
	const size_t size =
		compared((const unsigned char *)a, (const unsigned char *)b, most, fold);

	reads(a, size, pc);
	reads(b, size, pc);
}

TSAN int jostle_call_strcmp(const char *a, const char *b);
int jostle_call_strcmp(const char *a, const char *b)
{
	reads_compared(a, b, SIZE_MAX, 0, PC);
	return strcmp(a, b);
}

TSAN int jostle_call_strncmp(const char *a, const char *b, size_t size);
int jostle_call_strncmp(const char *a, const char *b, size_t size)
{
	reads_compared(a, b, size, 0, PC);
	return strncmp(a, b, size);
}

TSAN int jostle_call_strcasecmp(const char *a, const char *b);
int jostle_call_strcasecmp(const char *a, const char *b)
{
	reads_compared(a, b, SIZE_MAX, 1, PC);
	return strcasecmp(a, b);
}

TSAN int jostle_call_strncasecmp(const char *a, const char *b, size_t size);
int jostle_call_strncasecmp(const char *a, const char *b, size_t size)
{
	reads_compared(a, b, size, 1, PC);
	return strncasecmp(a, b, size);
}

TSAN char *jostle_call_strchr(const char *text, int byte);
char *jostle_call_strchr(const char *text, int byte)
{
	const char *found = strchr(text, byte);

	reads(text, found ? (size_t)(found - text) + 1 : strlen(text) + 1, PC);
	return strchr(text, byte);
}

TSAN char *jostle_call_strrchr(const char *text, int byte);
char *jostle_call_strrchr(const char *text, int byte)
{
	const char *found = NULL;

	reads(text, strlen(text) + 1, PC);
	for (;; text++) {
		if (*text == (char)byte)
			found = text;
		if (!*text)
			return (char *)(uintptr_t)found;
	}
}

TSAN char *jostle_call_strstr(const char *text, const char *part);
char *jostle_call_strstr(const char *text, const char *part)
{
	const char *found = strstr(text, part);
	const size_t length = strlen(part);

	reads(part, length + 1, PC);
	reads(text, found ? (size_t)(found - text) + length : strlen(text) + 1, PC);
	return strstr(text, part);
}
