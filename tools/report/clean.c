/* SPDX-License-Identifier: Apache-2.0 */
/* Text from the program under test, made fit for formats that cannot hold all bytes. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "report/suite.h"

/* The first byte says how long; the ranges of the second keep out what is too long, surrogates and
 * what lies beyond Unicode (The Unicode Standard, table 3-7). */
static const struct {
	unsigned char first, last, second_least, second_most, length;
} forms[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t text_utf8_length(const char *bytes, size_t size)
{
	const unsigned char *at = (const unsigned char *)bytes;

	for (size_t i = 0; size && i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (at[0] < forms[i].first || at[0] > forms[i].last)
			continue;
		if (forms[i].length > size)
			return 0;
		if (forms[i].length > 1 &&
		    (at[1] < forms[i].second_least || at[1] > forms[i].second_most))
			return 0;
		for (size_t j = 2; j < forms[i].length; j++)
			if ((at[j] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* Control characters of both ranges, and the two code points that XML leaves out. */
static bool is_plain(const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;

	if (length == 1)
		return at[0] == '\n' || at[0] == '\t' || (at[0] >= ' ' && at[0] != 0x7f);
	if (length == 2)
		return at[0] != 0xc2 || at[1] >= 0xa0;
	return length != 3 || at[0] != 0xef || at[1] != 0xbf || at[2] < 0xbe;
}

char *text_clean(struct pool *pool, const char *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *clean = pool_alloc(pool, 4 * size + 1), *to = clean;

	for (size_t i = 0; i < size;) {
		size_t length = text_utf8_length(bytes + i, size - i);
		bool plain = length && is_plain(bytes + i, length);

		for (length += !length; length; length--, i++) {
			if (plain) {
				*to++ = bytes[i];
				continue;
			}
			*to++ = '\\';
			*to++ = 'x';
			*to++ = digits[(unsigned char)bytes[i] >> 4];
			*to++ = digits[(unsigned char)bytes[i] & 15];
		}
	}
	*to = '\0';
	return clean;
}

char *text_line(struct pool *pool, const char *text)
{
	char *line = text_clean(pool, text, strlen(text));

	for (char *at = line; *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return line;
}
