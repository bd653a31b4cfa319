/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of failure files that may be any bytes: key, and key_bytes where it is no UTF-8. */
#ifndef JOSTLE_REPORT_FAILURE_BYTES_H
#define JOSTLE_REPORT_FAILURE_BYTES_H

#include <jansson.h>
#include <stddef.h>

#include "report/pool.h"

/* text may be NULL. */
void failure_set_text(json_t *object, const char *key, const char *text);
void failure_set_texts(json_t *object, const char *key, char *const *texts, size_t count);

/* In the pool. NULL: it is not there, or no text. */
char *failure_text(struct pool *pool, const json_t *object, const char *key);
/* Ends with a NULL that *count does not count; NULL: one of them is no text. */
char **failure_texts(struct pool *pool, const json_t *object, const char *key, size_t *count);

#endif
