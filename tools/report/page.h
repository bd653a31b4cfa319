/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page: text that is composed in memory and written once, so that a report is never torn and
 * never mixes with the output of others. Colour is a property of the page; composing functions say
 * what a piece means, not which escape it is.
 */
#ifndef JOSTLE_REPORT_PAGE_H
#define JOSTLE_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_WIDTH     80 /* of files and pipes, and of terminals that do not say */
#define PAGE_WIDTH_MIN 40
#define PAGE_WIDTH_MAX 120

enum page_style { STYLE_PLAIN, STYLE_BAD, STYLE_WARN, STYLE_GOOD, STYLE_TITLE, STYLE_DIM };

struct page {
	char *text;
	size_t length, size;
	size_t width; /* columns of a line */
	bool colour;
};

void page_init(struct page *page, bool colour);
void page_fini(struct page *page);
/* As wide as the terminal that fd is, within reason; unchanged when it is none. */
void page_fit_terminal(struct page *page, int fd);

void page_add(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_style(struct page *page, enum page_style style); /* STYLE_PLAIN ends a style */
/* Fills words into lines of the page's width, the first behind what stands on the line already,
 * others indented. */
void page_wrap(struct page *page, size_t indent, const char *text);
/* Bytes of a program's output: control characters are made visible, each line gets prefix. */
void page_output(struct page *page, const char *prefix, const char *bytes, size_t size);

/* Writes all to fd. Returns 0 or EXIT_USAGE, the reason having been said; a closed pipe is no
 * error. */
int page_write(const struct page *page, int fd);

/* Writes all to the file; - is standard output. Beside it first, so that no reader sees half of it.
 * Returns as page_write(). */
int page_write_file(const struct page *page, const char *file);

/* Columns that UTF-8 text takes, counting each code point as one. */
size_t text_columns(const char *text);
/* Bytes of text that fit into so many columns. */
size_t text_fit(const char *text, size_t columns);
/* Bytes of text for one line of so many columns, cut between words, or else behind punctuation.
 * Spaces at the cut belong to neither line. */
size_t text_fit_words(const char *text, size_t columns);
/* 1,234,567 */
void format_count(char *text, size_t size, uint64_t number);
/* The same, in the pool. */
struct pool;
const char *count_text(struct pool *pool, uint64_t number);

#endif
