/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured: the table of rows, the ways and numbers of workers that each is measured with,
 * and the order in a round. */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "compare/compare.h"
#include "jostle/say.h"

const struct row compare_rows[] = {
	{ TOPIC_CREATE, "worker", "create and join", kernel_create, UNIT_NS, 0, 4, 1, false },
	{ TOPIC_CREATE, "program", "the same, new program", kernel_program, UNIT_NS, 0, 2, 1,
	  true },
	{ TOPIC_SWITCH, "pipe", "switch, by a pipe", kernel_switch_pipe, UNIT_NS, 0, 64, 2, false },
	{ TOPIC_SWITCH, "futex", "switch, by a futex", kernel_switch_futex, UNIT_NS, 0, 64, 2,
	  false },
	{ TOPIC_MESSAGE, "pipe", "message, pipe", kernel_message_pipe, UNIT_NS, 0, 64, 1, false },
	{ TOPIC_MESSAGE, "queue", "message, queue", kernel_message_queue, UNIT_NS, 0, 64, 1,
	  false },
	{ TOPIC_MESSAGE, "shared-memory", "message, shared memory", kernel_message_shared, UNIT_NS,
	  0, 64, 1, false },
	{ TOPIC_MEMORY, "private", "memory of its own", kernel_memory, UNIT_BYTES, MEMORY_PRIVATE,
	  0, 1, false },
	{ TOPIC_MEMORY, "proportional", "with its part of shared", kernel_memory, UNIT_BYTES,
	  MEMORY_PROPORTIONAL, 0, 1, false },
	{ TOPIC_MEMORY, "page-tables", "page tables", kernel_memory, UNIT_BYTES, MEMORY_TABLES, 0,
	  1, false },
	{ TOPIC_MEMORY, "addresses", "addresses reserved", kernel_memory, UNIT_BYTES,
	  MEMORY_ADDRESSES, 0, 1, false },
	{ TOPIC_RUN, "cpu", "CPU-bound", kernel_cpu, UNIT_NS, 0, 0, 1, false },
	{ TOPIC_RUN, "files", "I/O files", kernel_files, UNIT_NS, 0, 0, 1, false },
	{ TOPIC_RUN, "waits", "I/O waits", kernel_waits, UNIT_NS, 0, 0, 1, false },
	{ TOPIC_RUN, "mixed", "Mixed", kernel_mixed, UNIT_NS, 0, 0, 1, false },
	{ .id = NULL },
};

const char *topic_id(enum topic topic)
{
	static const char *const names[] = { "create", "switch", "memory", "message", "run" };

	return names[topic];
}

const char *way_id(enum way way)
{
	static const char *const names[] = { "one", "process", "thread", "process-pool",
					     "thread-pool" };

	return names[way];
}

const char *way_label(enum way way)
{
	static const char *const names[] = { "one process", "process per task", "thread per task",
					     "process pool", "thread pool" };

	return names[way];
}

const struct row *compare_row(enum topic topic, const char *id)
{
	const struct row *row = compare_rows;

	while (row->id && (row->topic != topic || strcmp(row->id, id) != 0))
		row++;
	assert(row->id);
	return row;
}

const struct measure *compare_find(const struct comparison *comparison, const struct row *row,
				   enum way way, unsigned workers)
{
	for (size_t i = 0; i < comparison->measure_count; i++) {
		const struct measure *measure = &comparison->measures[i];

		if (measure->row == row && measure->way == way && measure->workers == workers)
			return measure->missing ? NULL : measure;
	}
	return NULL;
}

static void add_workers(struct comparison *comparison, unsigned number)
{
	unsigned at = 0;

	while (at < comparison->worker_count && comparison->workers[at] < number)
		at++;
	if (at < comparison->worker_count && comparison->workers[at] == number)
		return;
	memmove(&comparison->workers[at + 1], &comparison->workers[at],
		(comparison->worker_count - at) * sizeof(comparison->workers[0]));
	comparison->workers[at] = number;
	comparison->worker_count++;
}

static int bad_workers(const char *list)
{
	return say_error(EXIT_USAGE,
			 "--workers: '%s' is not a list of at most %d numbers from 1 to %d; for "
			 "instance --workers 1,2,4",
			 list, WORKER_COUNTS_MAX, KERNEL_WORKERS);
}

int compare_read_workers(struct comparison *comparison, const char *list, unsigned processors)
{
	const unsigned usual[] = { 1, 2, processors, 2 * processors };
	const char *text = list;

	comparison->worker_count = 0;
	for (size_t i = 0; !list && i < sizeof(usual) / sizeof(usual[0]); i++)
		add_workers(comparison, usual[i] < KERNEL_WORKERS ? usual[i] : KERNEL_WORKERS);
	while (text) {
		char *end;
		unsigned long number;

		if (!isdigit((unsigned char)*text))
			return bad_workers(list);
		number = strtoul(text, &end, 10);
		if (number < 1 || number > KERNEL_WORKERS ||
		    comparison->worker_count == WORKER_COUNTS_MAX || (*end && *end != ','))
			return bad_workers(list);
		add_workers(comparison, (unsigned)number);
		text = *end ? end + 1 : NULL;
	}
	return 0;
}

static void add_measure(struct comparison *comparison, const struct row *row, enum way way,
			unsigned workers)
{
	struct measure *measure = &comparison->measures[comparison->measure_count++];

	*measure = (struct measure){ .row = row, .way = way, .workers = workers };
	measure->samples = pool_new(&comparison->pool, double, comparison->rounds);
	measure->processor = pool_new(&comparison->pool, double, comparison->rounds);
}

void compare_plan(struct comparison *comparison)
{
	size_t rows = 0;

	while (compare_rows[rows].id)
		rows++;
	comparison->measures = pool_new(&comparison->pool, struct measure,
					rows * (WAY_COUNT * comparison->worker_count + 2));
	for (const struct row *row = compare_rows; row->id; row++) {
		if (row->topic != TOPIC_RUN) {
			add_measure(comparison, row, WAY_PROCESS, 0);
			if (!row->process_only)
				add_measure(comparison, row, WAY_THREAD, 0);
			continue;
		}
		add_measure(comparison, row, WAY_ONE, 1);
		for (enum way way = WAY_PROCESS; way < WAY_COUNT; way++)
			for (unsigned i = 0; i < comparison->worker_count; i++)
				add_measure(comparison, row, way, comparison->workers[i]);
	}
}

/* Fisher and Yates, as in Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2 P. */
void compare_shuffle(size_t *order, size_t count, uint64_t seed, unsigned round)
{
	struct rng rng;

	rng_seed(&rng, rng_derive(seed, round));
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		const size_t other = rng_below(&rng, (uint32_t)i);
		const size_t kept = order[i - 1];

		order[i - 1] = order[other];
		order[other] = kept;
	}
}

void compare_summarise(struct comparison *comparison)
{
	double *shares = pool_new(&comparison->pool, double, comparison->rounds);

	for (size_t i = 0; i < comparison->measure_count; i++) {
		struct measure *measure = &comparison->measures[i];

		if (measure->missing)
			continue;
		measure->summary = stats_summary(measure->samples, comparison->rounds_done);
		for (unsigned j = 0; j < comparison->rounds_done; j++)
			shares[j] = measure->samples[j] > 0
					    ? measure->processor[j] / measure->samples[j]
					    : 0;
		measure->processor_share = stats_summary(shares, comparison->rounds_done).median;
	}
}

void compare_fini(struct comparison *comparison)
{
	pool_fini(&comparison->pool);
	*comparison = (struct comparison){ .rounds = 0 };
}
