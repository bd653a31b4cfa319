/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a comparison: for a terminal, as JSON, as a page. */
#ifndef JOSTLE_COMPARE_SHOW_H
#define JOSTLE_COMPARE_SHOW_H

#include <jansson.h>

#include "compare/compare.h"
#include "compare/meaning.h"
#include "report/page.h"

void show_facts(struct page *page); /* the table in words; may be shown before measuring */
void show_text(const struct comparison *comparison, const struct meaning *meanings,
	       struct page *page);
/* A new reference. tools/report/schema/compare.schema.json */
json_t *show_json(const struct comparison *comparison, const struct meaning *meanings);
/* One file that needs no other. */
void show_html(const struct comparison *comparison, const struct meaning *meanings,
	       struct page *page);

#endif
