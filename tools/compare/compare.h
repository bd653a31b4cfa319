/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process and a thread cost, measured: rows (what is done), each measured in one or more
 * ways (who does it) and, for run times, with several numbers of workers. Every measure gets one
 * sample a round, and each round takes the measures in another order, so that what changes on the
 * machine meanwhile meets all of them. measure.c fills this in; text.c, json.c and html.c show it,
 * and meaning.c says what it means.
 */
#ifndef JOSTLE_COMPARE_COMPARE_H
#define JOSTLE_COMPARE_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare/kernel.h"
#include "compare/machine.h"
#include "compare/stats.h"
#include "report/pool.h"

#define WORKER_COUNTS_MAX 16
#define WAY_COUNT         5

enum unit { UNIT_NS, UNIT_BYTES };
enum topic { TOPIC_CREATE, TOPIC_SWITCH, TOPIC_MEMORY, TOPIC_MESSAGE, TOPIC_RUN, TOPIC_COUNT };

struct row {
	enum topic topic;
	const char *id;    /* in the JSON, behind the topic */
	const char *label; /* in tables */
	kernel_run *run;
	enum unit unit;
	unsigned value;      /* which of the kernel's */
	unsigned operations; /* to begin with; 0: their number is not for us to choose */
	unsigned per;        /* a sample is the time of one operation, divided by this */
	bool process_only;
};

extern const struct row compare_rows[]; /* the last has no id; the order is that of the report */

struct measure {
	const struct row *row;
	enum way way;
	unsigned workers;
	uint64_t operations;    /* of one series; of run times: tasks of one sample */
	double *samples;        /* one a round, of one operation (of run times: of all tasks) */
	double *processor;      /* of run times: processor time, ns */
	struct summary summary; /* of samples */
	double processor_share; /* median of processor time / run time; run times only */
	const char *missing;    /* why there are no samples; NULL: there are */
};

struct comparison {
	struct pool pool;
	/* What was asked for. */
	unsigned rounds;
	bool quick;
	uint64_t seed;
	unsigned workers[WORKER_COUNTS_MAX];
	unsigned worker_count;
	/* What was done. */
	struct machine machine;
	unsigned tasks; /* of each run time */
	uint64_t hashes, wait_ns;
	unsigned rounds_done;
	bool interrupted;
	double seconds;
	struct measure *measures;
	size_t measure_count;
};

const char *topic_id(enum topic topic);
const char *way_id(enum way way);    /* "process-pool" */
const char *way_label(enum way way); /* "process pool" */

/* NULL: not part of it, or missing. workers is 0 where the number is no question. */
const struct measure *compare_find(const struct comparison *comparison, const struct row *row,
				   enum way way, unsigned workers);
/* The row of that name; the name must be right. */
const struct row *compare_row(enum topic topic, const char *id);

/*
 * Reads "1,2,4" into comparison->workers, sorted and each once; NULL is 1, 2, the number of
 * processors and twice that. Returns 0 or EXIT_USAGE, the reason having been said.
 */
int compare_read_workers(struct comparison *comparison, const char *list, unsigned processors);
/* Lists the measures; the workers are known. */
void compare_plan(struct comparison *comparison);
/* Puts the order of a round into order[0..count). */
void compare_shuffle(size_t *order, size_t count, uint64_t seed, unsigned round);
/* Measures. Returns 0, EXIT_USAGE or EXIT_UNCONTROLLED (nothing was measured), having said why. */
int compare_measure(struct comparison *comparison, bool progress);
/* Fills in what is computed from samples. */
void compare_summarise(struct comparison *comparison);
void compare_fini(struct comparison *comparison);

#endif
