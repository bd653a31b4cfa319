/* SPDX-License-Identifier: Apache-2.0 */
/* A detector as the run loop (under.c) sees it. A new one is a file with such a table and a line in
 * tools.c. */
#ifndef JOSTLE_UNDER_TOOL_H
#define JOSTLE_UNDER_TOOL_H

#include "perturb/perturb_run.h"
#include "under/claim.h"
#include "under/under.h"

/* Files in a run's folder whose names begin so are the detector's claims. */
#define UNDER_FILE "claims"

/* What is started, for one run. */
struct under_start {
	const char *folder;     /* the run's own, for what the detector writes */
	const char *executable; /* the program's path */
	struct target *target;  /* executed instead: path and argv, whose texts are in the pool */
	char **environment;     /* perturb_environment_set() */
	struct pool *pool;      /* for the start alone */
	char *const *suppressions; /* paths of files of the detector's own format */
	size_t suppression_count;
};

/* One file that the detector wrote of one process. */
struct under_file {
	const char *bytes; /* NUL-terminated */
	size_t size;
	const char *program; /* as it was started, argv[0] */
};

struct under_tool {
	const char *name;
	const char *display; /* "Helgrind" */
	const char *sees;    /* what it sees and what not, as a sentence */
	unsigned patience;   /* perturb_wrapper.patience */
	bool needs_threads;  /* a program without threads has nothing to find */
	unsigned sleepers;   /* perturb_wrapper.sleepers */
	bool always_writes;  /* a file of each process, even if it has nothing to say */
	bool runtime_inside; /* the program may hold the detector's runtime itself */
	/* NULL: always there. Returns 0 or EXIT_UNCONTROLLED, the reason having been said. */
	int (*check)(const struct target *target);
	/* NULL: the program itself. Returns 0 or an exit code, the reason having been said. */
	int (*start)(struct under_start *start);
	/* NULL: it writes nothing. Adds what a file claims; returns how many elements of it could
	 * not be read. */
	size_t (*read)(struct claims *claims, const struct under_file *file);
};

extern const struct under_tool helgrind_tool, drd_tool, memcheck_tool, tsan_tool, none_tool;

#endif
