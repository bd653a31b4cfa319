/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/plot.h"

#include <math.h>

#include "compare/quantity.h"

#define BARS_WIDTH 236.0 /* the rest is for what the bar says */
#define LABEL_ROOM 18.0
#define BAR_HEIGHT 13.0
#define BAR_GAP    3.0
#define ROW_GAP    12.0
#define FAR_OFF    1.6 /* quartiles this many times above the highest median are cut */

double plot_top(double median_most, double quartile_most)
{
	const double most = median_most * FAR_OFF;

	if (quartile_most < median_most)
		return median_most;
	return quartile_most < most ? quartile_most : most;
}

double plot_step(double top, unsigned most)
{
	double step;

	if (top <= 0)
		return 1;
	step = pow(10, floor(log10(top / most)));
	if (top / step <= most)
		return step;
	if (top / (2 * step) <= most)
		return 2 * step;
	return top / (5 * step) <= most ? 5 * step : 10 * step;
}

/* Reserved addresses are thousands of times what is used: they are in the table only. */
static bool is_drawn(const struct row *row, enum topic topic)
{
	return row->topic == topic && row->value != MEMORY_ADDRESSES;
}

static void bar(struct page *page, struct pool *pool, const struct measure *measure, double y,
		double top)
{
	const struct summary *summary = &measure->summary;
	const double unit = BARS_WIDTH / top, middle = y + BAR_HEIGHT / 2;
	const double width = fmin(summary->median, top) * unit;
	const double from = fmin(summary->first_quartile, top) * unit;
	const double to = fmin(summary->third_quartile, top) * unit;
	const bool is_cut = summary->third_quartile > top;
	const char *kind = way_id(measure->way);

	page_add(page, "<g class=\"%s\"><title>%s: ", kind, kind);
	html_text(page, quantity_text(pool, summary->median, measure->row->unit));
	page_add(page, ", quartiles %s</title>\n",
		 quantity_range(pool, summary, measure->row->unit));
	page_add(page,
		 "<rect class=\"fill\" x=\"0\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		 "rx=\"2\"/>\n",
		 y, fmax(width, 1.5), BAR_HEIGHT);
	if (to - from > 1)
		page_add(
			page,
			"<path class=\"whisker\" d=\"M%.1f %.1fH%.1fM%.1f %.1fv6M%.1f %.1f%s\"/>\n",
			from, middle, to, from, middle - 3, is_cut ? to - 4 : to, middle - 3,
			is_cut ? "l4 3l-4 3" : "v6");
	page_add(page, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">", fmax(width, to) + 7,
		 y + BAR_HEIGHT - 2.5);
	html_text(page, quantity_text(pool, summary->median, measure->row->unit));
	page_add(page, " %s</text></g>\n", kind);
}

void plot_costs(const struct comparison *comparison, enum topic topic, struct page *page)
{
	double median = 0, quartile = 0, y = 0, height = 0;
	struct pool pool = { NULL };

	for (size_t i = 0; i < comparison->measure_count; i++) {
		const struct measure *measure = &comparison->measures[i];

		if (!is_drawn(measure->row, topic) || measure->missing)
			continue;
		median = fmax(median, measure->summary.median);
		quartile = fmax(quartile, measure->summary.third_quartile);
		height += BAR_HEIGHT + BAR_GAP;
	}
	for (const struct row *row = compare_rows; row->id; row++)
		if (is_drawn(row, topic))
			height += LABEL_ROOM + ROW_GAP;
	if (median <= 0)
		return;
	page_add(page,
		 "<svg viewBox=\"0 0 %d %.0f\" role=\"img\"><title>%s: bars of the medians, "
		 "lines from quartile to quartile</title>\n",
		 PLOT_WIDTH, height, topic_id(topic));
	for (const struct row *row = compare_rows; row->id; row++) {
		if (!is_drawn(row, topic))
			continue;
		page_add(page, "<text class=\"label\" x=\"0\" y=\"%.1f\">", y + 12);
		html_text(page, row->label);
		page_add(page, "</text>\n");
		y += LABEL_ROOM;
		for (enum way way = WAY_PROCESS; way <= WAY_THREAD; way++) {
			const struct measure *measure = compare_find(comparison, row, way, 0);

			if (!measure)
				continue;
			bar(page, &pool, measure, y, plot_top(median, quartile));
			y += BAR_HEIGHT + BAR_GAP;
		}
		y += ROW_GAP;
	}
	page_add(page, "</svg>\n");
	pool_fini(&pool);
}
