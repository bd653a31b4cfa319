/* SPDX-License-Identifier: Apache-2.0 */
/* A growing buffer, words, columns. */
#include "report/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "jostle/beside.h"
#include "jostle/say.h"
#include "report/pool.h"

void page_init(struct page *page, bool colour)
{
	*page = (struct page){ .colour = colour, .width = PAGE_WIDTH };
}

void page_fit_terminal(struct page *page, int fd)
{
	struct winsize window;

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &window) < 0 || window.ws_col == 0)
		return;
	page->width = window.ws_col < PAGE_WIDTH_MIN   ? PAGE_WIDTH_MIN
		      : window.ws_col > PAGE_WIDTH_MAX ? PAGE_WIDTH_MAX
						       : window.ws_col;
}

void page_fini(struct page *page)
{
	free(page->text);
	*page = (struct page){ 0 };
}

static void reserve(struct page *page, size_t more)
{
	size_t size = page->size ? page->size : 4096;

	while (size - page->length <= more)
		size *= 2;
	if (size == page->size)
		return;
	page->text = realloc(page->text, size);
	if (!page->text)
		abort();
	page->size = size;
}

static void add_bytes(struct page *page, const char *bytes, size_t count)
{
	reserve(page, count);
	memcpy(page->text + page->length, bytes, count);
	page->length += count;
	page->text[page->length] = '\0';
}

void page_add(struct page *page, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length > 0) {
		reserve(page, (size_t)length);
		vsnprintf(page->text + page->length, (size_t)length + 1, format, again);
		page->length += (size_t)length;
	}
	va_end(again);
}

void page_style(struct page *page, enum page_style style)
{
	static const char *const escapes[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_BAD] = "\033[1;31m", [STYLE_WARN] = "\033[33m",
		[STYLE_GOOD] = "\033[32m", [STYLE_TITLE] = "\033[1m",  [STYLE_DIM] = "\033[2m",
	};

	if (page->colour)
		add_bytes(page, escapes[style], strlen(escapes[style]));
}

size_t text_columns(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t bytes = 0;

	while (text[bytes]) {
		if (((unsigned char)text[bytes] & 0xc0) != 0x80 && columns-- == 0)
			break;
		bytes++;
	}
	return bytes;
}

/* Behind the last of the characters in text[least..fit); 0: there is none. */
static size_t cut_behind(const char *text, size_t least, size_t fit, const char *characters)
{
	while (fit > least && !strchr(characters, text[fit - 1]))
		fit--;
	return fit > least ? fit : 0;
}

size_t text_fit_words(const char *text, size_t columns)
{
	size_t fit = text_fit(text, columns), cut;

	if (!text[fit] || text[fit] == ' ')
		return fit;
	/* A cut that leaves half of the line empty is worse than one inside an expression. */
	cut = cut_behind(text, fit / 2, fit, " ");
	if (!cut)
		cut = cut_behind(text, fit / 2, fit, "(),;>/");
	if (!cut)
		cut = fit;
	while (cut > 1 && text[cut - 1] == ' ')
		cut--;
	return cut;
}

/* Columns used on the line that is being composed; escapes take none. */
static size_t line_columns(const struct page *page)
{
	size_t start = page->length, columns = 0;

	while (start > 0 && page->text[start - 1] != '\n')
		start--;
	for (size_t i = start; i < page->length; i++) {
		if (page->text[i] == '\033') {
			while (i < page->length && page->text[i] != 'm')
				i++;
			continue;
		}
		columns += ((unsigned char)page->text[i] & 0xc0) != 0x80;
	}
	return columns;
}

void page_wrap(struct page *page, size_t indent, const char *text)
{
	size_t column = line_columns(page);
	bool fresh = true; /* no word of ours on this line yet */

	while (*(text += strspn(text, " \n"))) {
		size_t length = strcspn(text, " \n");
		char word[1024];
		size_t columns;

		snprintf(word, sizeof(word), "%.*s", (int)length, text);
		columns = text_columns(word);
		if (!fresh && column + 1 + columns > page->width) {
			page_add(page, "\n%*s", (int)indent, "");
			column = indent;
			fresh = true;
		}
		if (!fresh) {
			page_add(page, " ");
			column++;
		}
		page_add(page, "%s", word);
		column += columns;
		text += length;
		fresh = false;
	}
	page_add(page, "\n");
}

void page_output(struct page *page, const char *prefix, const char *bytes, size_t size)
{
	bool line_start = true;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (line_start)
			page_add(page, "%s", prefix);
		line_start = byte == '\n';
		if (byte == '\n' || byte == '\t' || (byte >= ' ' && byte != 0x7f))
			add_bytes(page, (const char *)&byte, 1);
		else
			page_add(page, "\\x%02x", byte);
	}
	if (!line_start)
		page_add(page, "\n");
}

int page_write(const struct page *page, int fd)
{
	int error = write_all(fd, page->text, page->length);

	if (error == 0 || error == EPIPE)
		return 0;
	return say_error(EXIT_USAGE, "cannot write the report: %s",
			 error == EBADF ? "standard output is closed" : strerror(error));
}

int page_write_file(const struct page *page, const char *file)
{
	struct beside beside;

	if (strcmp(file, "-") == 0)
		return page_write(page, STDOUT_FILENO);
	beside_open(&beside, file);
	beside_write(&beside, page->text, page->length);
	if (beside_close(&beside) == 0 || beside.error == EPIPE)
		return 0;
	return say_error(EXIT_USAGE, "cannot write %s: %s", file, strerror(beside.error));
}

void format_count(char *text, size_t size, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	size_t at = 0;

	for (int i = 0; i < length && at + 2 < size; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	if (size)
		text[at] = '\0';
}

const char *count_text(struct pool *pool, uint64_t number)
{
	char text[32];

	format_count(text, sizeof(text), number);
	return pool_text(pool, text);
}
