/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions as text for a failure file. A schedule stays with one thread for many steps, so numbers
 * are run-length encoded: pairs of (value, repetitions) as LEB128 varints, then a checksum, all of
 * it in base64url. One damaged character is detected.
 */
#ifndef JOSTLE_REPORT_DECISIONS_H
#define JOSTLE_REPORT_DECISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A NUL-terminated text, to be freed by the caller. */
char *decisions_encode(const uint32_t *numbers, size_t count);

/*
 * Fills *numbers (to be freed by the caller) with *count numbers, none above most. False when the
 * text is damaged, holds more than count_max numbers or a bigger one; then nothing is held.
 */
bool decisions_decode(const char *text, uint32_t most, size_t count_max, uint32_t **numbers,
		      size_t *count);

#endif
