/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One detector around runs of the perturbed level: each is started below it, and what it wrote of
 * the run becomes findings on the run's board, and stories.
 *
 *	struct below below = { .tool, .program = argv[0], .suppressions, .pool };
 *
 *	code = below_open(&below);
 *	launch.wrapper = &below.wrapper;
 *	... runs ...
 *	told = below_told(&below, key);
 *	below_close(&below);
 */
#ifndef JOSTLE_UNDER_BELOW_H
#define JOSTLE_UNDER_BELOW_H

#include <limits.h>

#include "report/story.h"
#include "report/suppress.h"
#include "under/tool.h"

/* The story of the run that says most of a finding, the earliest of those. */
struct told {
	uint64_t key, schedule;
	uint16_t sites;
	struct story *story;
	uint64_t *runs; /* that showed it */
	size_t run_count;
};

/* The first four are the caller's. */
struct below {
	const struct under_tool *tool;
	const char *program;                     /* as it was started, argv[0] */
	const struct suppressions *suppressions; /* may be NULL */
	struct pool *pool;                       /* of the stories */
	struct perturb_wrapper wrapper;
	char folder[PATH_MAX]; /* "" when the tool writes nothing */
	int folder_lock;
	struct told *told;
	size_t told_count;
	size_t damaged, lost; /* reports that could not be read, or were too many */
	size_t unwritten; /* runs of which the detector could not write all that it had to say */
};

/* Returns 0 or EXIT_USAGE, the reason having been said; below_close() in either case. */
int below_open(struct below *below);
void below_close(struct below *below);
/* NULL: no run showed it. */
struct told *below_told(const struct below *below, uint64_t key);

#endif
