/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/stats.h"

#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b)
{
	const double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double stats_quantile(const double *sorted, size_t count, double share)
{
	const double place = share * (double)(count - 1);
	const size_t below = (size_t)place;
	const double rest = place - (double)below;

	if (below + 1 >= count)
		return sorted[count - 1];
	return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

struct summary stats_summary(const double *samples, size_t count)
{
	struct summary summary = { .count = count };
	double *sorted;

	if (count == 0)
		return summary;
	sorted = malloc(count * sizeof(*sorted));
	if (!sorted)
		abort();
	memcpy(sorted, samples, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), ascending);
	summary.median = stats_quantile(sorted, count, 0.5);
	summary.first_quartile = stats_quantile(sorted, count, 0.25);
	summary.third_quartile = stats_quantile(sorted, count, 0.75);
	summary.least = sorted[0];
	summary.most = sorted[count - 1];
	free(sorted);
	return summary;
}

bool stats_apart(const struct summary *a, const struct summary *b)
{
	return a->third_quartile < b->first_quartile || b->third_quartile < a->first_quartile;
}

double stats_spread(const struct summary *summary)
{
	if (summary->median == 0)
		return 0;
	return (summary->third_quartile - summary->first_quartile) / 2 / summary->median;
}
