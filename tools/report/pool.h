/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of a report: many small texts and arrays that live exactly as long as the report does and
 * are freed together. Running out of memory ends the command; there is nothing useful a report
 * could do then.
 */
#ifndef JOSTLE_REPORT_POOL_H
#define JOSTLE_REPORT_POOL_H

#include <stddef.h>

struct pool {
	struct pool_block *blocks;
};

/* All zero is an empty pool. Memory is zeroed and aligned to 16. */
void *pool_alloc(struct pool *pool, size_t size);
char *pool_text(struct pool *pool, const char *text);                /* NULL stays NULL */
char *pool_bytes(struct pool *pool, const char *bytes, size_t size); /* NUL-terminated copy */
char *pool_format(struct pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* All that is in from belongs to pool now; from is empty. */
void pool_take(struct pool *pool, struct pool *from);
void pool_fini(struct pool *pool);

#define pool_new(pool, type, count) ((type *)pool_alloc((pool), sizeof(type) * (count)))

#endif
