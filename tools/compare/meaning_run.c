/* SPDX-License-Identifier: Apache-2.0 */
/* What run times mean: who is fastest, whether processes and threads differ, what a pool saves,
 * what more workers than processors bring. */
#include "compare/meaning_parts.h"
#include "compare/quantity.h"

#define SHORT_OF 0.8 /* a speed-up below that share of the processors asks for a reason */
#define BUSY     0.5 /* who uses the processor for longer than that is hardly I/O-bound */

static const char *show(struct pool *pool, const struct measure *measure)
{
	return quantity_text(pool, measure->summary.median, UNIT_NS);
}

static const char *who(struct pool *pool, const struct measure *measure)
{
	static const char *const names[] = { "one process", "a process per task",
					     "a thread per task", "a pool of processes",
					     "a pool of threads" };

	return pool_format(pool, "%s with %u worker%s", names[measure->way], measure->workers,
			   measure->workers == 1 ? "" : "s");
}

/* The fastest of all ways but one process; NULL: none was measured. */
static const struct measure *fastest(const struct comparison *comparison, const struct row *row)
{
	const struct measure *best = NULL;

	for (size_t i = 0; i < comparison->measure_count; i++) {
		const struct measure *measure = &comparison->measures[i];

		if (measure->row != row || measure->missing || measure->way == WAY_ONE)
			continue;
		if (!best || measure->summary.median < best->summary.median)
			best = measure;
	}
	return best;
}

/* One worker for each processor; the most that were tried when that was not. */
static unsigned usual_workers(const struct comparison *comparison)
{
	for (unsigned i = 0; i < comparison->worker_count; i++)
		if (comparison->workers[i] == comparison->machine.processors)
			return comparison->workers[i];
	return comparison->workers[comparison->worker_count - 1];
}

static const char *about_waiting(const struct comparison *comparison, struct pool *pool,
				 const struct row *row, const struct measure *one)
{
	const double share = one->processor_share * 100;

	if (row->run == kernel_cpu)
		return "";
	if (row->run == kernel_files && one->processor_share > BUSY)
		return pool_format(pool,
				   " One process used a processor for %.0f %% of its time: in %s "
				   "(%s) files hardly wait for a disk, so this is not I/O-bound "
				   "here; set TMPDIR to a folder on a disk.",
				   share, comparison->machine.folder,
				   comparison->machine.file_system);
	return pool_format(pool,
			   " One process used a processor for %.0f %% of its time; the rest is "
			   "waiting, in which others can work.",
			   share);
}

static const char *about_fastest(const struct comparison *comparison, struct pool *pool,
				 const struct measure *one, const struct measure *best)
{
	const double gain = one->summary.median / best->summary.median;
	const unsigned processors = comparison->machine.processors;
	const char *text;

	if (!stats_apart(&one->summary, &best->summary) || gain < 1)
		return pool_format(pool,
				   "Nothing is clearly faster than one process (%s); the best of "
				   "the others is %s (%s).",
				   show(pool, one), who(pool, best), show(pool, best));
	text = pool_format(pool,
			   "The fastest is %s: %s instead of the %s of one process, %s times as "
			   "fast.",
			   who(pool, best), show(pool, best), show(pool, one),
			   quantity_number(pool, gain));
	if (best->row->run != kernel_cpu || processors < 2 || gain >= SHORT_OF * processors)
		return text;
	return pool_format(
		pool, "%s That is less than the %u processors would allow%s.", text, processors,
		comparison->machine.others >= 0.2 ? ": other programs used them as well" : "");
}

static const char *about_kinds(const struct comparison *comparison, struct pool *pool,
			       const struct row *row, unsigned workers)
{
	const struct measure *process = compare_find(comparison, row, WAY_PROCESS, workers);
	const struct measure *thread = compare_find(comparison, row, WAY_THREAD, workers);

	if (!process || !thread)
		return "";
	return pool_format(pool,
			   " With %u at once, a process per task takes %s, a thread per task %s: "
			   "%s.",
			   workers, show(pool, process), show(pool, thread),
			   meaning_pair(pool, process, thread, "long"));
}

/* "saves 12 %" or "saves nothing that shows". */
static const char *saving(struct pool *pool, const struct measure *each, const struct measure *all)
{
	const double share = 1 - all->summary.median / each->summary.median;

	if (!stats_apart(&each->summary, &all->summary))
		return "saves nothing that shows";
	return pool_format(pool, "%s %.0f %%", share > 0 ? "saves" : "costs",
			   (share > 0 ? share : -share) * 100);
}

static const char *about_pools(const struct comparison *comparison, struct pool *pool,
			       const struct row *row, unsigned workers)
{
	const struct measure *process = compare_find(comparison, row, WAY_PROCESS, workers);
	const struct measure *processes = compare_find(comparison, row, WAY_PROCESS_POOL, workers);
	const struct measure *thread = compare_find(comparison, row, WAY_THREAD, workers);
	const struct measure *threads = compare_find(comparison, row, WAY_THREAD_POOL, workers);

	if (!process || !processes || !thread || !threads)
		return "";
	if (!stats_apart(&process->summary, &processes->summary) &&
	    !stats_apart(&thread->summary, &threads->summary))
		return " Keeping the workers in a pool saves nothing that shows.";
	return pool_format(pool,
			   " Keeping the workers in a pool %s with processes and %s with threads.",
			   saving(pool, process, processes), saving(pool, thread, threads));
}

/* From as many workers as processors to the most that were tried. */
static const char *about_more(const struct comparison *comparison, struct pool *pool,
			      const struct row *row)
{
	const unsigned processors = comparison->machine.processors;
	const unsigned most = comparison->workers[comparison->worker_count - 1];
	const struct measure *enough = compare_find(comparison, row, WAY_THREAD_POOL, processors);
	const struct measure *many = compare_find(comparison, row, WAY_THREAD_POOL, most);

	if (!enough || !many || most <= processors)
		return "";
	if (!stats_apart(&enough->summary, &many->summary))
		return pool_format(pool,
				   " More threads than the %u processors show no gain: %u take %s, "
				   "%u take %s.",
				   processors, most, show(pool, many), processors,
				   show(pool, enough));
	if (many->summary.median > enough->summary.median)
		return pool_format(pool,
				   " More threads than the %u processors get in each other's way: "
				   "%u take %s, %u take %s.",
				   processors, most, show(pool, many), processors,
				   show(pool, enough));
	return pool_format(pool,
			   " More threads than the %u processors still gain: %u take %s, %u take "
			   "%s.",
			   processors, most, show(pool, many), processors, show(pool, enough));
}

const char *meaning_of_run(const struct comparison *comparison, struct pool *pool,
			   const struct row *row)
{
	const struct measure *one = compare_find(comparison, row, WAY_ONE, 1);
	const struct measure *best = fastest(comparison, row);
	const unsigned workers = usual_workers(comparison);

	if (!one || !best)
		return "";
	return pool_format(pool, "%s%s%s%s%s", about_fastest(comparison, pool, one, best),
			   about_waiting(comparison, pool, row, one),
			   about_kinds(comparison, pool, row, workers),
			   about_pools(comparison, pool, row, workers),
			   about_more(comparison, pool, row));
}
