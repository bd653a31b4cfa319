/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few string functions that the inside needs. libc's own are chosen at load time by the CPU's
 * features and may not be resolved yet when we run first; these are plain loops for short strings.
 */
#ifndef JOSTLE_BASE_STR_H
#define JOSTLE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>

static inline size_t str_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

/* Reads at most @max bytes of @text, which then needs no NUL. */
static inline size_t str_length_max(const char *text, size_t max)
{
	size_t length = 0;

	while (length < max && text[length])
		length++;
	return length;
}

/* <0, 0, >0 by unsigned bytes, as strcmp. */
static inline int str_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (int)(unsigned char)*a - (int)(unsigned char)*b;
}

static inline bool str_equal(const char *a, const char *b)
{
	return str_compare(a, b) == 0;
}

static inline bool str_starts_with(const char *text, const char *prefix)
{
	while (*prefix)
		if (*text++ != *prefix++)
			return false;
	return true;
}

/*
 * Copies with truncation into @size bytes, always terminated unless @size is 0. Returns the number
 * of characters stored.
 */
static inline size_t str_copy(char *to, size_t size, const char *from)
{
	size_t length = 0;

	if (size == 0)
		return 0;
	while (length + 1 < size && from[length]) {
		to[length] = from[length];
		length++;
	}
	to[length] = '\0';
	return length;
}

#endif
