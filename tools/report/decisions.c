/* SPDX-License-Identifier: Apache-2.0 */
/* Varints, runs, a hash over the numbers and their count, base64url without padding (RFC 4648,
 * section 5). */
#include "report/decisions.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define CHECKSUM_BYTES 8
#define VARINT_MAX     10 /* bytes of a 64-bit varint */

struct bytes {
	uint8_t *data;
	size_t count, size;
};

static void add_byte(struct bytes *bytes, uint8_t byte)
{
	if (bytes->count == bytes->size) {
		bytes->size = bytes->size ? bytes->size * 2 : 256;
		bytes->data = realloc(bytes->data, bytes->size);
		if (!bytes->data)
			abort();
	}
	bytes->data[bytes->count++] = byte;
}

static void add_varint(struct bytes *bytes, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		add_byte(bytes, (uint8_t)(number | 0x80));
	add_byte(bytes, (uint8_t)number);
}

static uint64_t checksum(const uint32_t *numbers, size_t count)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < count; i++)
		hash = hash_fold(hash, numbers[i]);
	return hash_fold(hash, count);
}

static char *to_base64(const struct bytes *bytes)
{
	char *text = malloc(bytes->count * 4 / 3 + 4), *at = text;
	uint32_t bits = 0, kept = 0;

	if (!text)
		abort();
	for (size_t i = 0; i < bytes->count; i++) {
		bits = bits << 8 | bytes->data[i];
		for (kept += 8; kept >= 6; kept -= 6)
			*at++ = digits[bits >> (kept - 6) & 63];
	}
	if (kept)
		*at++ = digits[bits << (6 - kept) & 63];
	*at = '\0';
	return text;
}

char *decisions_encode(const uint32_t *numbers, size_t count)
{
	struct bytes bytes = { 0 };
	uint64_t sum = checksum(numbers, count);
	char *text;

	for (size_t i = 0, run; i < count; i += run) {
		for (run = 1; i + run < count && numbers[i + run] == numbers[i];)
			run++;
		add_varint(&bytes, numbers[i]);
		add_varint(&bytes, run);
	}
	for (unsigned i = 0; i < CHECKSUM_BYTES; i++)
		add_byte(&bytes, (uint8_t)(sum >> 8 * i));
	text = to_base64(&bytes);
	free(bytes.data);
	return text;
}

static bool from_base64(const char *text, struct bytes *bytes)
{
	uint32_t bits = 0, kept = 0;

	for (; *text; text++) {
		const char *digit = strchr(digits, *text);

		if (!digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		kept += 6;
		if (kept >= 8) {
			kept -= 8;
			add_byte(bytes, (uint8_t)(bits >> kept));
		}
	}
	/* What is left over is less than a digit, and zero: else a character was lost or changed.
	 */
	return kept < 6 && (bits & ((1U << kept) - 1)) == 0;
}

static bool read_varint(const struct bytes *bytes, size_t end, size_t *at, uint64_t *number)
{
	*number = 0;
	for (unsigned i = 0; i < VARINT_MAX && *at < end; i++) {
		uint8_t byte = bytes->data[(*at)++];

		*number |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* The runs, without the checksum behind them. */
static bool expand(const struct bytes *bytes, uint32_t most, size_t count_max, struct bytes *out)
{
	const size_t end = bytes->count - CHECKSUM_BYTES;
	uint64_t number, run;

	for (size_t at = 0; at < end;) {
		if (!read_varint(bytes, end, &at, &number) || !read_varint(bytes, end, &at, &run))
			return false;
		if (number > most || run == 0 || run > count_max - out->count / sizeof(uint32_t))
			return false;
		for (uint64_t i = 0; i < run; i++)
			for (unsigned k = 0; k < sizeof(uint32_t); k++)
				add_byte(out, (uint8_t)(number >> 8 * k));
	}
	return true;
}

bool decisions_decode(const char *text, uint32_t most, size_t count_max, uint32_t **numbers,
		      size_t *count)
{
	struct bytes bytes = { 0 }, out = { 0 };
	uint64_t sum = 0;
	bool good = from_base64(text, &bytes) && bytes.count >= CHECKSUM_BYTES &&
		    expand(&bytes, most, count_max, &out);

	*count = out.count / sizeof(uint32_t);
	*numbers = (uint32_t *)(void *)out.data;
	for (unsigned i = 0; good && i < CHECKSUM_BYTES; i++)
		sum |= (uint64_t)bytes.data[bytes.count - CHECKSUM_BYTES + i] << 8 * i;
	free(bytes.data);
	if (good && sum == checksum(*numbers, *count))
		return true;
	free(out.data);
	*numbers = NULL;
	*count = 0;
	return false;
}
