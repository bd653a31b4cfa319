/* SPDX-License-Identifier: Apache-2.0 */
/* Source files as the report shows them: single lines, and paths as short as they can be told. */
#ifndef JOSTLE_REPORT_SOURCE_H
#define JOSTLE_REPORT_SOURCE_H

#include "report/pool.h"

/* The line without blanks at its ends and without a mark's comment left open, or NULL when the file
 * cannot be read. */
const char *source_line(struct pool *pool, const char *file, unsigned line);

/* The same without a comment at its end and the semicolon before it, for where room is scarce. */
const char *source_code(struct pool *pool, const char *file, unsigned line);

/* Relative to the current directory when it lies below it; file itself otherwise. NULL stays NULL.
 */
const char *source_short(const char *file);
/* The last component. */
const char *source_base(const char *file);

#endif
