/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/quantity.h"

/* Below the next unit by more than its rounding, so that nothing is shown as 1000. */
#define BELOW 0.9995

const char *quantity_unit(double value, enum unit unit, double *divisor)
{
	static const char *const names[2][4] = { { "ns", "us", "ms", "s" },
						 { "B", "KiB", "MiB", "GiB" } };
	const double step = unit == UNIT_NS ? 1000 : 1024;
	unsigned i = 0;

	for (*divisor = 1; i < 3 && value / *divisor >= (unit == UNIT_NS ? 1000 * BELOW : 1000);
	     i++)
		*divisor *= step;
	return names[unit][i];
}

char *quantity_number(struct pool *pool, double value)
{
	const double size = value < 0 ? -value : value;

	if (size == 0)
		return pool_text(pool, "0");
	return pool_format(pool, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, value);
}

char *quantity_text(struct pool *pool, double value, enum unit unit)
{
	double divisor;
	const char *name = quantity_unit(value, unit, &divisor);

	return pool_format(pool, "%s %s", quantity_number(pool, value / divisor), name);
}

char *quantity_range(struct pool *pool, const struct summary *summary, enum unit unit)
{
	double divisor;

	quantity_unit(summary->median, unit, &divisor);
	return pool_format(pool, "%s-%s", quantity_number(pool, summary->first_quartile / divisor),
			   quantity_number(pool, summary->third_quartile / divisor));
}
