/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An array is cut into two halves, one for each thread, and needs no lock: nobody touches the
 * other's half. With "<=" where "<" was meant, both touch the cell at the cut.
 */
#include "jostle.h"

#include <stdio.h>

#define CELLS 4

struct jostle_state {
	int cells[CELLS + 1];
};

static void double_through(struct jostle_state *s, int from, int to)
{
	for (int i = from; i <= to; i++)
		s->cells[i] *= 2; /* RACE: the cell at the cut, by both */
}

static void double_below(struct jostle_state *s, int from, int to)
{
	for (int i = from; i < to; i++)
		s->cells[i] *= 2;
}

static void lower(struct jostle_state *s)
{
	double_through(s, 0, CELLS / 2);
}

static void upper(struct jostle_state *s)
{
	double_through(s, CELLS / 2, CELLS);
}

static void lower_below(struct jostle_state *s)
{
	double_below(s, 0, CELLS / 2);
}

static void upper_below(struct jostle_state *s)
{
	double_below(s, CELLS / 2, CELLS);
}

static int setup(struct jostle_state *s)
{
	for (int i = 0; i < CELLS; i++)
		s->cells[i] = 1;
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d%d%d%d", s->cells[0], s->cells[1], s->cells[2], s->cells[3]);
}

JOSTLE_CASE(broken) = {
	.title = "Two slices of an array share a cell",
	.tags = "array partition",
	.why = "The work was divided so that no lock is needed, and the division is off by one. "
	       "The shared cell is doubled twice, or once by luck.",
	.ref = "CWE-193: Off-by-one Error",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "lower half", lower }, { "upper half", upper } },
	.outcomes = { { "2222", JOSTLE_ALLOWED, "one of two doublings was lost: right by luck" },
		      { "2242", JOSTLE_FORBIDDEN, "doubled by both" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Slices from their first cell to before their last",
	.tags = "array partition",
	.why = "Different cells are different memory locations, and may be written at once even "
	       "when they lie in one cache line.",
	.ref = "C11 3.14: memory location",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "lower half", lower_below }, { "upper half", upper_below } },
	.outcomes = { { "2222", JOSTLE_ALLOWED, "each cell once" } },
};
