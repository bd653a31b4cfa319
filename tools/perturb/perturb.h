/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting a program so that libjostle-perturb.so holds up its threads: one struct perturb for each
 * program that runs at a time, used for one run after another. Works below Valgrind's tools and
 * with TSan builds as it does natively: all that it needs is in the environment.
 *
 *	struct perturb perturb;
 *	struct perturb_learned learned = { 0 };
 *
 *	perturb_open(&perturb);
 *	for each run r:
 *		perturb_configure(&perturb, seed, r, &learned);
 *		environment = perturb_environment(&perturb, environ);
 *		... start, wait ...
 *		perturb_learn(&learned, &perturb, elapsed_ns);
 */
#ifndef JOSTLE_TOOL_PERTURB_H
#define JOSTLE_TOOL_PERTURB_H

#include <limits.h>
#include <stdint.h>

#include "record/perturb.h"

struct perturb {
	int fd;         /* of the board */
	int library_fd; /* -1, or how LD_PRELOAD names a library below a path with blanks */
	struct perturb_board *board;
	uint64_t configured_ns; /* when the board was made ready for the run */
	char library[PATH_MAX];
};

/* What earlier runs taught; all zero in the beginning. Run 0 is never perturbed, so that there is
 * something to compare with. */
struct perturb_learned {
	uint64_t native_ns;    /* how long the unperturbed run took, its loading apart */
	uint64_t perturbed_ns; /* moving mean of the others */
	uint32_t points;       /* that the busiest thread passed in one run, at most */
	uint32_t halvings;     /* delays are so many times halved, since runs took too long */
};

/* Returns 0 or EXIT_USAGE, the reason having been said (the library is missing). Afterwards
 * perturb_close() in either case. */
int perturb_open(struct perturb *perturb);
void perturb_close(struct perturb *perturb);

/* What run number `run` of a campaign does: a function of its arguments alone. */
struct perturb_config perturb_plan(uint64_t seed, uint64_t run,
				   const struct perturb_learned *learned);
/* The same with the strategy given, for --strategy. */
struct perturb_config perturb_plan_with(uint64_t seed, uint64_t run,
					const struct perturb_learned *learned, uint32_t strategy);

/* Makes the board fresh for one run. No earlier one may be using it. */
void perturb_configure(struct perturb *perturb, uint64_t seed, uint64_t run,
		       const struct perturb_learned *learned);
void perturb_configure_as(struct perturb *perturb, const struct perturb_config *config);

/* A copy of base with the library first in LD_PRELOAD and the board's path; for
 * perturb_environment_free(). */
char **perturb_environment(const struct perturb *perturb, char *const *base);
/* Sets an entry of such a copy, which has room for one more. */
void perturb_environment_set(char **environment, const char *name, const char *value);
void perturb_environment_free(char **environment);

/* The run on the board ended by itself, elapsed_ns after perturb_configure(). */
void perturb_learn(struct perturb_learned *learned, const struct perturb *perturb,
		   uint64_t elapsed_ns);

const char *perturb_strategy_name(uint32_t strategy);
/* PERTURB_STRATEGY_COUNT: no such strategy. */
uint32_t perturb_strategy_find(const char *name);

#endif
