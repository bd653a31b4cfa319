/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "compare/plot.h"
#include "compare/quantity.h"

#define LEFT   38.0 /* for the scale's numbers */
#define RIGHT  350.0
#define TOP    14.0
#define BOTTOM 196.0
#define HEIGHT 252
#define DODGE  6.0 /* lines are drawn beside each other, so that their quartiles do not overlap */

struct frame {
	double top; /* ns */
	unsigned columns;
};

static double place_x(const struct frame *frame, unsigned column, enum way way)
{
	const double width = (RIGHT - LEFT) / frame->columns;

	return LEFT + width * (column + 0.5) + DODGE * ((double)way - 2.5);
}

static double place_y(const struct frame *frame, double ns)
{
	return BOTTOM - (BOTTOM - TOP) * fmin(ns, frame->top) / frame->top;
}

static struct frame frame_of(const struct comparison *comparison, const struct row *row)
{
	double median = 0, quartile = 0;

	for (size_t i = 0; i < comparison->measure_count; i++) {
		const struct measure *measure = &comparison->measures[i];

		if (measure->row != row || measure->missing)
			continue;
		median = fmax(median, measure->summary.median);
		quartile = fmax(quartile, measure->summary.third_quartile);
	}
	return (struct frame){ plot_top(median, quartile) * 1.02, comparison->worker_count };
}

static void scale(struct page *page, const struct comparison *comparison, const struct frame *frame)
{
	const double step = plot_step(frame->top, 5);

	for (double ns = 0; ns <= frame->top; ns += step) {
		const double y = place_y(frame, ns);

		page_add(page, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, y, RIGHT);
		page_add(page,
			 "<text class=\"tick\" text-anchor=\"end\" x=\"%.1f\" "
			 "y=\"%.1f\">%g</text>\n",
			 LEFT - 5, y + 4, ns / 1e6);
	}
	page_add(page, "<text class=\"tick\" x=\"0\" y=\"%.1f\">ms</text>\n", TOP - 3);
	for (unsigned i = 0; i < frame->columns; i++)
		page_add(page,
			 "<text class=\"tick\" text-anchor=\"middle\" x=\"%.1f\" "
			 "y=\"%.1f\">%u%s</text>\n",
			 place_x(frame, i, WAY_THREAD) + DODGE / 2, BOTTOM + 16,
			 comparison->workers[i],
			 i > 0                         ? ""
			 : comparison->workers[0] == 1 ? " worker"
						       : " workers");
}

static void baseline(struct page *page, const struct frame *frame, const struct measure *one)
{
	const double y = place_y(frame, one->summary.median);

	page_add(page,
		 "<rect class=\"band\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
		 LEFT, place_y(frame, one->summary.third_quartile), RIGHT - LEFT,
		 place_y(frame, one->summary.first_quartile) -
			 place_y(frame, one->summary.third_quartile));
	page_add(page, "<path class=\"baseline\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, y, RIGHT);
}

static void line(struct page *page, struct pool *pool, const struct comparison *comparison,
		 const struct frame *frame, const struct row *row, enum way way)
{
	const char *path = "";

	page_add(page, "<g class=\"%s\">\n", way_id(way));
	for (unsigned i = 0; i < frame->columns; i++) {
		const struct measure *measure =
			compare_find(comparison, row, way, comparison->workers[i]);
		const double x = place_x(frame, i, way);
		double y;

		if (!measure)
			continue;
		y = place_y(frame, measure->summary.median);
		path = pool_format(pool, "%s%s%.1f %.1f", path, path[0] ? "L" : "M", x, y);
		page_add(page, "<path class=\"quartiles\" d=\"M%.1f %.1fV%.1f\"/>\n", x,
			 place_y(frame, measure->summary.first_quartile),
			 place_y(frame, measure->summary.third_quartile));
		page_add(
			page,
			"<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"><title>%s, %u: ",
			x, y, way_label(way), measure->workers);
		html_text(page, quantity_text(pool, measure->summary.median, UNIT_NS));
		page_add(page, ", quartiles %s</title></circle>\n",
			 quantity_range(pool, &measure->summary, UNIT_NS));
	}
	if (path[0])
		page_add(page, "<path class=\"line\" d=\"%s\"/>\n", path);
	page_add(page, "</g>\n");
}

static void legend(struct page *page)
{
	for (enum way way = WAY_ONE; way < WAY_COUNT; way++) {
		const double x = way == WAY_ONE ? 6 : way % 2 ? 112 : 240;
		const double y = way == WAY_PROCESS_POOL || way == WAY_THREAD_POOL ? HEIGHT - 6
										   : HEIGHT - 24;

		page_add(page, "<g class=\"%s\"><path class=\"%s\" d=\"M%.1f %.1fh18\"/>",
			 way_id(way), way == WAY_ONE ? "baseline" : "line", x, y - 4);
		if (way != WAY_ONE)
			page_add(page,
				 "<circle class=\"point\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"/>",
				 x + 9, y - 4);
		page_add(page, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\">%s</text></g>\n", x + 23,
			 y, way_label(way));
	}
}

void plot_run(const struct comparison *comparison, const struct row *row, struct page *page)
{
	const struct frame frame = frame_of(comparison, row);
	const struct measure *one = compare_find(comparison, row, WAY_ONE, 1);
	struct pool pool = { NULL };

	if (frame.top <= 0)
		return;
	page_add(page,
		 "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>Run time of %s work over the "
		 "number of workers: medians, and lines from quartile to quartile</title>\n",
		 PLOT_WIDTH, HEIGHT, row->label);
	scale(page, comparison, &frame);
	if (one)
		baseline(page, &frame, one);
	for (enum way way = WAY_PROCESS; way < WAY_COUNT; way++)
		line(page, &pool, comparison, &frame, row, way);
	legend(page);
	page_add(page, "</svg>\n");
	pool_fini(&pool);
}
