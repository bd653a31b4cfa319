/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots as SVG within the page of html.c, whose style sheet gives them their colours. They are
 * drawn 360 units wide, so that on a telephone a unit is about a pixel and letters keep their size.
 */
#ifndef JOSTLE_COMPARE_PLOT_H
#define JOSTLE_COMPARE_PLOT_H

#include "compare/compare.h"
#include "report/page.h"

#define PLOT_WIDTH 360

/* Bars for each row of the topic, process and thread, from zero, with the quartiles. */
void plot_costs(const struct comparison *comparison, enum topic topic, struct page *page);
/* Lines over the number of workers, one for each way. */
void plot_run(const struct comparison *comparison, const struct row *row, struct page *page);

/* The top of a scale: above all medians; above a third quartile, too, unless that is so far off
 * that it would press all others together. */
double plot_top(double median_most, double quartile_most);
/* A round distance (1, 2 or 5 times a power of ten) of which at most so many fit below top. */
double plot_step(double top, unsigned most);

/* Text for HTML: escaped; a number stays on one line with its unit, and "us" gets its letter. */
void html_text(struct page *page, const char *text);

#endif
