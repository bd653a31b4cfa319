/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of `jostle test --under`: case by detector. A cell says "ok" when the detector says
 * what the case declares; else "miss", or what it reports instead, and the letters of the classes
 * that explain it (disagree.h).
 */
#ifndef JOSTLE_TOOL_TEST_TABLE_H
#define JOSTLE_TOOL_TEST_TABLE_H

#include <jansson.h>

#include "jostle/options.h"
#include "report/page.h"
#include "report/pool.h"
#include "test/judge.h"

struct test_rows {
	struct case_entry *const *entries;
	const struct case_result *results;
	size_t count;
	const struct options *options;
};

/* For people, in 80 columns: the head, the row of case number at, and sums and letters. */
void test_table_head(struct page *page, const struct options *options);
void test_table_row(struct page *page, const struct test_rows *rows, size_t at);
void test_table_end(struct page *page, const struct test_rows *rows);

/* What --table asks for. Returns 0 or EXIT_USAGE, the reason having been said. */
int test_table_write(const struct test_rows *rows);

/* "race a" */
void test_table_cell(const struct case_entry *entry, const struct tool_verdict *verdict, char *text,
		     size_t size);
/* "C11 atomics; another kind of bug", in the pool. */
const char *test_table_reason(struct pool *pool, const struct tool_verdict *verdict);
/* Of all cells: differences without a reason, and cells that could not be filled. */
size_t test_table_unexplained(const struct test_rows *rows);
/* New references: a case's "under", and the "classes" of the whole. */
json_t *test_table_json(const struct options *options, const struct case_result *result);
json_t *test_table_classes(void);

#endif
