/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of files and arguments may be any bytes, and JSON holds characters alone. Where a text is
 * no UTF-8 its bytes stand beside it in hexadecimal, and are what a replay takes.
 */
#include "report/failure_bytes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/json_parts.h"
#include "report/suite.h"

#define KEY_MAX 64

static bool is_utf8(const char *text)
{
	for (size_t size = strlen(text), length; size; text += length, size -= length) {
		length = text_utf8_length(text, size);
		if (!length)
			return false;
	}
	return true;
}

static json_t *hexadecimal(const char *text)
{
	char *digits = malloc(2 * strlen(text) + 1);
	json_t *string;

	if (!digits)
		abort();
	digits[0] = '\0';
	for (size_t i = 0; text[i]; i++)
		sprintf(digits + 2 * i, "%02x", (unsigned char)text[i]);
	string = json_string(digits);
	free(digits);
	return string;
}

/* NULL: it is none. */
static char *from_hexadecimal(struct pool *pool, const char *digits)
{
	const size_t size = digits ? strlen(digits) / 2 : 0;
	char *text;

	if (!digits || strlen(digits) != 2 * size)
		return NULL;
	text = pool_alloc(pool, size + 1);
	for (size_t i = 0; i < size; i++) {
		const char pair[] = { digits[2 * i], digits[2 * i + 1], '\0' };

		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]) ||
		    strcmp(pair, "00") == 0)
			return NULL;
		text[i] = (char)strtoul(pair, NULL, 16);
	}
	text[size] = '\0';
	return text;
}

static const char *key_of_bytes(char *buffer, const char *key)
{
	snprintf(buffer, KEY_MAX, "%s_bytes", key);
	return buffer;
}

void failure_set_text(json_t *object, const char *key, const char *text)
{
	char buffer[KEY_MAX];

	json_object_set_new(object, key, json_words(text));
	if (text && !is_utf8(text))
		json_object_set_new(object, key_of_bytes(buffer, key), hexadecimal(text));
}

void failure_set_texts(json_t *object, const char *key, char *const *texts, size_t count)
{
	json_t *words = json_array(), *bytes = json_array();
	char buffer[KEY_MAX];
	bool all_utf8 = true;

	for (size_t i = 0; i < count; i++) {
		all_utf8 &= is_utf8(texts[i]);
		json_array_append_new(words, json_words(texts[i]));
		json_array_append_new(bytes, hexadecimal(texts[i]));
	}
	json_object_set_new(object, key, words);
	if (all_utf8)
		json_decref(bytes);
	else
		json_object_set_new(object, key_of_bytes(buffer, key), bytes);
}

char *failure_text(struct pool *pool, const json_t *object, const char *key)
{
	char buffer[KEY_MAX];
	const json_t *bytes = json_object_get(object, key_of_bytes(buffer, key));

	if (bytes)
		return from_hexadecimal(pool, json_string_value(bytes));
	return pool_text(pool, json_string_value(json_object_get(object, key)));
}

char **failure_texts(struct pool *pool, const json_t *object, const char *key, size_t *count)
{
	char buffer[KEY_MAX];
	const json_t *bytes = json_object_get(object, key_of_bytes(buffer, key));
	const json_t *array = bytes ? bytes : json_object_get(object, key);
	char **texts;

	*count = json_array_size(array);
	texts = pool_new(pool, char *, *count + 1);
	for (size_t i = 0; i < *count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		texts[i] = bytes ? from_hexadecimal(pool, text) : pool_text(pool, text);
		if (!texts[i])
			return NULL;
	}
	return texts;
}
