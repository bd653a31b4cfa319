/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a list of samples says: the median, and as its spread the quartiles, between which the
 * middle half of the samples lies. Neither minds a few samples that another program spoiled.
 * Quartiles are those of type 7 in Hyndman and Fan, "Sample quantiles in statistical packages",
 * 1996 (linear interpolation; what R, NumPy and spreadsheets do by default).
 */
#ifndef JOSTLE_COMPARE_STATS_H
#define JOSTLE_COMPARE_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct summary {
	double median, first_quartile, third_quartile, least, most;
	size_t count;
};

/* samples stay as they are. None: all zero. */
struct summary stats_summary(const double *samples, size_t count);
/* share in [0, 1] of sorted samples, of which there is at least one. */
double stats_quantile(const double *sorted, size_t count, double share);
/*
 * Whether a and b are apart: the middle halves of their samples do not overlap. A rule for the eye,
 * not a test of significance.
 */
bool stats_apart(const struct summary *a, const struct summary *b);
/* Half of the distance between the quartiles, as a share of the median; 0 without a median. */
double stats_spread(const struct summary *summary);

#endif
