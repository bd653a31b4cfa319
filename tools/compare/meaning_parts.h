/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files that find the words. */
#ifndef JOSTLE_COMPARE_MEANING_PARTS_H
#define JOSTLE_COMPARE_MEANING_PARTS_H

#include "compare/compare.h"

/* What a is compared with b: "5.3 times as much" (the last word is more), "12 % less", or that it
 * is no difference. */
const char *meaning_pair(struct pool *pool, const struct measure *a, const struct measure *b,
			 const char *more);
/* The sentences about one kind of task. */
const char *meaning_of_run(const struct comparison *comparison, struct pool *pool,
			   const struct row *row);

#endif
