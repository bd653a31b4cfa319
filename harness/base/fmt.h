/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A formatter that may run anywhere: no libc, no locale, no allocation, no floating point.
 *
 * Conversions: %s %c %d %i %u %x %X %p %%, with the lengths hh, h, l, ll, z, j and t, the flags '-'
 * and '0', a width, and for %s a precision; width and precision may be '*'. Anything else is copied
 * as it stands, so a mistake shows. %s of NULL prints "(null)"; %p prints 0x and hexadecimal
 * digits.
 */
#ifndef JOSTLE_BASE_FMT_H
#define JOSTLE_BASE_FMT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * Writes at most @size bytes, the final NUL included, and always terminates unless @size is 0.
 * Returns the number of characters stored, without the NUL: never more than size - 1, so that
 * `n += fmt(buf + n, size - n, ...)` appends safely and a full buffer stays as it is.
 */
size_t fmt(char *buf, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t fmt_va(char *buf, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Formats up to 1 KiB and writes it to @fd with raw calls. For messages, not for the hot path. */
void fmt_write(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
