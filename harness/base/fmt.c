/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formatter is a cursor that stops at the end of the buffer, and a parser that fills one
 * `struct conversion` for each % and hands it to the piece that prints it.
 */
#include "base/fmt.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/sys.h"

struct cursor {
	char *next;
	char *end; /* the place of the final NUL */
};

struct conversion {
	bool left, zero;
	int width;
	int precision; /* -1: none given */
	int size;      /* bytes of an integer argument */
};

static void put(struct cursor *out, char c)
{
	if (out->next < out->end)
		*out->next++ = c;
}

static void put_padding(struct cursor *out, char c, long count)
{
	while (count-- > 0)
		put(out, c);
}

static void put_text(struct cursor *out, const struct conversion *how, const char *text,
		     size_t length)
{
	const long padding = how->width - (long)length;

	if (!how->left)
		put_padding(out, ' ', padding);
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	if (how->left)
		put_padding(out, ' ', padding);
}

/* @prefix is "-", "0x" or "": what stands before the digits and before zero padding. */
static void put_number(struct cursor *out, const struct conversion *how, uint64_t value,
		       unsigned int radix, const char *digits, const char *prefix)
{
	char reversed[20]; /* 2^64 has 20 decimal digits */
	int count = 0;
	long padding;

	do {
		reversed[count++] = digits[value % radix];
		value /= radix;
	} while (value != 0);

	padding = how->width - count - (long)str_length(prefix);
	if (!how->left && !how->zero)
		put_padding(out, ' ', padding);
	while (*prefix)
		put(out, *prefix++);
	if (!how->left && how->zero)
		put_padding(out, '0', padding);
	while (count > 0)
		put(out, reversed[--count]);
	if (how->left)
		put_padding(out, ' ', padding);
}

static const char *parse_number(const char *at, int *number)
{
	*number = 0;
	while (*at >= '0' && *at <= '9')
		*number = *number * 10 + (*at++ - '0');
	return at;
}

static const char *parse_length(const char *at, struct conversion *how)
{
	how->size = sizeof(int);
	if (at[0] == 'h' && at[1] == 'h') {
		how->size = sizeof(char);
		return at + 2;
	}
	if (at[0] == 'l' && at[1] == 'l') {
		how->size = sizeof(long long);
		return at + 2;
	}
	if (*at == 'h')
		how->size = sizeof(short);
	else if (*at == 'l' || *at == 'z' || *at == 'j' || *at == 't')
		how->size = sizeof(long);
	else
		return at;
	return at + 1;
}

static uint64_t unsigned_of_size(uint64_t value, int size)
{
	return size >= 8 ? value : value & ((1ull << (size * 8)) - 1);
}

static int64_t signed_of_size(uint64_t value, int size)
{
	const int unused = 64 - size * 8;

	return (int64_t)(value << unused) >> unused;
}

/* A va_list that can be passed by address: as a parameter it may have decayed to a pointer. */
struct arguments {
	va_list list;
};

static uint64_t next_integer(struct arguments *arguments, int size)
{
	return size > 4 ? va_arg(arguments->list, unsigned long)
			: (uint64_t)va_arg(arguments->list, unsigned int);
}

static const char *parse_conversion(const char *at, struct conversion *how,
				    struct arguments *arguments)
{
	*how = (struct conversion){ .precision = -1 };
	for (; *at == '-' || *at == '0'; at++) {
		how->left |= *at == '-';
		how->zero |= *at == '0';
	}
	if (*at == '*') {
		how->width = va_arg(arguments->list, int);
		at++;
		if (how->width < 0) {
			how->left = true;
			how->width = -how->width;
		}
	} else {
		at = parse_number(at, &how->width);
	}
	if (*at == '.') {
		at++;
		if (*at == '*') {
			how->precision = va_arg(arguments->list, int);
			at++;
		} else {
			at = parse_number(at, &how->precision);
		}
	}
	return parse_length(at, how);
}

/* Prints one conversion, @at being its letter. Returns false when the letter is unknown. */
static bool put_conversion(struct cursor *out, const struct conversion *how, char letter,
			   struct arguments *arguments)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	const char *text;
	int64_t number;
	char c;

	switch (letter) {
	case 'd':
	case 'i':
		number = signed_of_size(next_integer(arguments, how->size), how->size);
		put_number(out, how, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10,
			   lower, number < 0 ? "-" : "");
		return true;
	case 'u':
		put_number(out, how,
			   unsigned_of_size(next_integer(arguments, how->size), how->size), 10,
			   lower, "");
		return true;
	case 'x':
	case 'X':
		put_number(out, how,
			   unsigned_of_size(next_integer(arguments, how->size), how->size), 16,
			   letter == 'x' ? lower : upper, "");
		return true;
	case 'p':
		put_number(out, how, (uintptr_t)va_arg(arguments->list, void *), 16, lower, "0x");
		return true;
	case 'c':
		c = (char)va_arg(arguments->list, int);
		put_text(out, how, &c, 1);
		return true;
	case 's':
		text = va_arg(arguments->list, const char *);
		if (!text)
			text = "(null)";
		put_text(out, how, text,
			 how->precision >= 0 ? str_length_max(text, (size_t)how->precision)
					     : str_length(text));
		return true;
	case '%':
		put(out, '%');
		return true;
	default:
		return false;
	}
}

size_t fmt_va(char *buf, size_t size, const char *format, va_list args)
{
	struct cursor out = { buf, buf + size - 1 };
	struct arguments arguments;

	if (size == 0)
		return 0;
	va_copy(arguments.list, args);
	while (*format) {
		struct conversion how;
		const char *letter;

		if (*format != '%') {
			put(&out, *format++);
			continue;
		}
		letter = parse_conversion(format + 1, &how, &arguments);
		if (*letter && put_conversion(&out, &how, *letter, &arguments)) {
			format = letter + 1;
			continue;
		}
		while (format < letter || (format == letter && *format))
			put(&out, *format++);
	}
	va_end(arguments.list);
	*out.next = '\0';
	return (size_t)(out.next - buf);
}

size_t fmt(char *buf, size_t size, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = fmt_va(buf, size, format, args);
	va_end(args);
	return length;
}

void fmt_write(int fd, const char *format, ...)
{
	char buf[1024];
	va_list args;
	size_t length;

	va_start(args, format);
	length = fmt_va(buf, sizeof(buf), format, args);
	va_end(args);
	/* A message that cannot be written has no one to complain to. */
	(void)sys_write_all(fd, buf, length);
}
