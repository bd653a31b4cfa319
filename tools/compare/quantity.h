/* SPDX-License-Identifier: Apache-2.0 */
/* Times and sizes as people read them: three digits and a unit. */
#ifndef JOSTLE_COMPARE_QUANTITY_H
#define JOSTLE_COMPARE_QUANTITY_H

#include "compare/compare.h"

/* "118 us", "2.07 ms", "16.0 KiB" */
char *quantity_text(struct pool *pool, double value, enum unit unit);
/* The quartiles in the unit of the median, without it: "116-121" */
char *quantity_range(struct pool *pool, const struct summary *summary, enum unit unit);
/* The unit that value is shown in, and by what it is divided for that. */
const char *quantity_unit(double value, enum unit unit, double *divisor);
/* Three digits, no unit: "118", "2.07" */
char *quantity_number(struct pool *pool, double value);

#endif
