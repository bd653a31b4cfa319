/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads write neighbouring bytes. They share a word and a cache line, which makes it slow,
 * and no memory location, which makes it no race. A detector that rounds addresses up to words
 * reports it.
 */
#include "jostle.h"

#include <stdio.h>
#include <string.h>

struct jostle_state {
	char bytes[8];
	struct {
		unsigned left : 4;
		unsigned : 0;
		unsigned right : 4;
	} fields;
};

static void write_even(struct jostle_state *s)
{
	for (int i = 0; i < 8; i += 2)
		s->bytes[i] = 'a';
}

static void write_odd(struct jostle_state *s)
{
	for (int i = 1; i < 8; i += 2)
		s->bytes[i] = 'b';
}

static void write_front(struct jostle_state *s)
{
	memset(s->bytes, 'a', 3);
}

static void write_back(struct jostle_state *s)
{
	memset(s->bytes + 3, 'b', 5);
}

static void write_left(struct jostle_state *s)
{
	s->fields.left = 5;
}

static void write_right(struct jostle_state *s)
{
	s->fields.right = 6;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%.8s", s->bytes);
}

static void observe_fields(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%u %u", s->fields.left, s->fields.right);
}

JOSTLE_CASE(bytes) = {
	.title = "Two threads write every other byte",
	.tags = "clean false-sharing",
	.why = "Since C11 each byte is a location of its own, and compilers may not write "
	       "neighbours along.",
	.ref = "C11 3.14: memory location",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "even", write_even }, { "odd", write_odd } },
	.outcomes = { { "abababab", JOSTLE_ALLOWED, "nobody in nobody's way" } },
};

JOSTLE_CASE(ranges) = {
	.title = "Two threads fill two parts of an array, not at a word's border",
	.tags = "clean false-sharing libc",
	.why = "Where a range ends is a matter of bytes.",
	.ref = "C11 3.14: memory location",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "front", write_front }, { "back", write_back } },
	.outcomes = { { "aaabbbbb", JOSTLE_ALLOWED, "nobody in nobody's way" } },
};

JOSTLE_CASE(fields) = {
	.title = "Two threads write bit-fields with a border between them",
	.tags = "clean bit-field",
	.why = "A field of width 0 begins a new memory location.",
	.ref = "C11 3.14: memory location",
	.expect = JOSTLE_PASS,
	.observe = observe_fields,
	.threads = { { "left", write_left }, { "right", write_right } },
	.outcomes = { { "5 6", JOSTLE_ALLOWED, "nobody in nobody's way" } },
};
