/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what ThreadSanitizer's runtime (of gcc 12 and clang 14; the text has hardly changed since)
 * writes: reports between lines of equal signs, each a title, sentences and a stack below a
 * sentence. A report that was not finished is left out; whatever else stands in the file is passed
 * over.
 */
#ifndef JOSTLE_UNDER_TSAN_TEXT_H
#define JOSTLE_UNDER_TSAN_TEXT_H

#include "report/pool.h"
#include "symbols/symbols.h"

#define TSAN_SECTIONS_MAX 32

struct tsan_section {
	const char *text; /* "Write of size 8 at 0x... by thread T1"; "" for a stack without */
	const struct frame *frames;
	size_t frame_count;
};

struct tsan_report {
	const char *title; /* "data race" */
	struct tsan_section sections[TSAN_SECTIONS_MAX];
	size_t section_count;
};

/* Calls back for each report of the text, in order; report and texts live as long as the pool. */
void tsan_read(struct pool *pool, const char *bytes, size_t size,
	       void (*call)(void *context, const struct tsan_report *report), void *context);

#endif
