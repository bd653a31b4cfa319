/* SPDX-License-Identifier: Apache-2.0 */
/* Costs: creating, switching, memory, messages, and the machine. Run times are in meaning_run.c. */
#include "compare/meaning.h"

#include <string.h>

#include "compare/meaning_parts.h"
#include "compare/quantity.h"
#include "report/page.h"

#define OVERHEAD_SHARE 9 /* work that is nine times the overhead makes it a tenth of the whole */
#define GIB            (1024.0 * 1024 * 1024)
#define LOUD           0.25 /* and that share of them makes the figures theirs */
#define QUIET          0.1  /* processors that others may use without being mentioned */
#define MUCH           1.25 /* a ratio that is more than a detail */

const char *meaning_pair(struct pool *pool, const struct measure *a, const struct measure *b,
			 const char *more)
{
	const double ratio = a->summary.median / b->summary.median;

	if (!stats_apart(&a->summary, &b->summary))
		return "no difference that shows, since the middle halves of their samples overlap";
	if (ratio > 1.95 || ratio < 1 / 1.95)
		return pool_format(pool, "%s times as %s",
				   quantity_number(pool, ratio > 1 ? ratio : 1 / ratio),
				   ratio > 1 ? more : "little");
	return pool_format(pool, "%.0f %% %s", (ratio > 1 ? ratio - 1 : 1 - ratio) * 100,
			   ratio > 1 ? "more" : "less");
}

static const struct measure *find(const struct comparison *comparison, enum topic topic,
				  const char *id, enum way way)
{
	return compare_find(comparison, compare_row(topic, id), way, 0);
}

static const char *show(struct pool *pool, const struct measure *measure)
{
	return quantity_text(pool, measure->summary.median, measure->row->unit);
}

static const char *about_creating(const struct comparison *comparison, struct pool *pool)
{
	const struct measure *process = find(comparison, TOPIC_CREATE, "worker", WAY_PROCESS);
	const struct measure *thread = find(comparison, TOPIC_CREATE, "worker", WAY_THREAD);
	const struct measure *program = find(comparison, TOPIC_CREATE, "program", WAY_PROCESS);
	const struct measure *size = find(comparison, TOPIC_MEMORY, "addresses", WAY_PROCESS);
	const char *text;

	if (!process || !thread)
		return "";
	text = pool_format(
		pool,
		"Creating and joining a process takes %s, a thread %s: %s. For "
		"creation to be a tenth of the whole at most, the process has to work for %s, the "
		"thread for %s.",
		show(pool, process), show(pool, thread),
		meaning_pair(pool, process, thread, "much"),
		quantity_text(pool, OVERHEAD_SHARE * process->summary.median, UNIT_NS),
		quantity_text(pool, OVERHEAD_SHARE * thread->summary.median, UNIT_NS));
	if (size)
		text = pool_format(
			pool,
			"%s What is copied is jostle, which maps %s; a smaller program is "
			"copied faster, one that has written to much memory slower.",
			text, show(pool, size));
	if (program)
		text = pool_format(pool,
				   "%s A process that becomes another program (/bin/true, loading "
				   "included) takes %s.",
				   text, show(pool, program));
	return text;
}

static const char *about_switching(const struct comparison *comparison, struct pool *pool)
{
	static const char *const ids[] = { "pipe", "futex" };
	unsigned pairs = 0, slower = 0, alike = 0;
	const char *text = "";

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct measure *process = find(comparison, TOPIC_SWITCH, ids[i], WAY_PROCESS);
		const struct measure *thread = find(comparison, TOPIC_SWITCH, ids[i], WAY_THREAD);
		double ratio;

		if (!process || !thread)
			continue;
		text = pool_format(pool,
				   "%s%sOn one processor, handing over by a %s takes %s between "
				   "processes and %s between threads: %s.",
				   text, text[0] ? " " : "", ids[i], show(pool, process),
				   show(pool, thread), meaning_pair(pool, process, thread, "much"));
		ratio = process->summary.median / thread->summary.median;
		pairs++;
		slower += ratio >= MUCH && stats_apart(&process->summary, &thread->summary);
		alike += ratio < MUCH;
	}
	if (pairs && slower == pairs)
		return pool_format(pool, "%s Going to another address space makes the difference.",
				   text);
	if (pairs && alike == pairs)
		return pool_format(
			pool,
			"%s Most of it is the way through the kernel, which both go; the "
			"other address space adds little.",
			text);
	return text;
}

/* Two digits: such a figure is an estimate. */
static double rounded(double number)
{
	double step = 1;

	while (number / step >= 100)
		step *= 10;
	return (double)(uint64_t)(number / step) * step;
}

static const char *about_memory(const struct comparison *comparison, struct pool *pool)
{
	const struct measure *process = find(comparison, TOPIC_MEMORY, "private", WAY_PROCESS);
	const struct measure *thread = find(comparison, TOPIC_MEMORY, "private", WAY_THREAD);
	const struct measure *tables[] = {
		find(comparison, TOPIC_MEMORY, "page-tables", WAY_PROCESS),
		find(comparison, TOPIC_MEMORY, "page-tables", WAY_THREAD)
	};
	const struct measure *addresses = find(comparison, TOPIC_MEMORY, "addresses", WAY_THREAD);
	double sum[2];
	const char *text;

	if (!process || !thread || !tables[0] || !tables[1])
		return "";
	sum[0] = process->summary.median + tables[0]->summary.median;
	sum[1] = thread->summary.median + tables[1]->summary.median;
	text = pool_format(pool,
			   "A process that waits has %s of its own and %s of page tables, a thread "
			   "%s and %s.",
			   show(pool, process), show(pool, tables[0]), show(pool, thread),
			   show(pool, tables[1]));
	if (sum[0] > 0 && sum[1] > 0)
		text = pool_format(pool,
				   "%s One GiB holds about %s such processes or %s such threads; "
				   "what the kernel keeps for each (its stack, its description) "
				   "comes on top.",
				   text, count_text(pool, (uint64_t)rounded(GIB / sum[0])),
				   count_text(pool, (uint64_t)rounded(GIB / sum[1])));
	if (addresses)
		text = pool_format(pool,
				   "%s The %s of a thread's stack are addresses that are kept "
				   "free, not memory.",
				   text, show(pool, addresses));
	return text;
}

static const char *about_messages_between(const struct comparison *comparison, struct pool *pool,
					  enum way way, const char *who)
{
	static const struct {
		const char *id, *name;
	} means[] = { { "pipe", "a pipe" },
		      { "queue", "a queue" },
		      { "shared-memory", "shared memory" } };
	const struct measure *best = NULL, *worst = NULL;
	const char *best_name = "", *worst_name = "";

	for (size_t i = 0; i < sizeof(means) / sizeof(means[0]); i++) {
		const struct measure *measure = find(comparison, TOPIC_MESSAGE, means[i].id, way);

		if (measure && (!best || measure->summary.median < best->summary.median)) {
			best = measure;
			best_name = means[i].name;
		}
		if (measure && (!worst || measure->summary.median > worst->summary.median)) {
			worst = measure;
			worst_name = means[i].name;
		}
	}
	if (!best || best == worst)
		return "";
	if (!stats_apart(&best->summary, &worst->summary))
		return pool_format(pool,
				   "Between %s it does not show which way a message of %d bytes "
				   "goes: it is there and the answer back in about %s.",
				   who, MESSAGE_SIZE, show(pool, best));
	return pool_format(pool,
			   "Between %s a message of %d bytes and its answer are fastest through %s "
			   "(%s) and slowest through %s (%s).",
			   who, MESSAGE_SIZE, best_name, show(pool, best), worst_name,
			   show(pool, worst));
}

static const char *about_messages(const struct comparison *comparison, struct pool *pool)
{
	const char *processes = about_messages_between(comparison, pool, WAY_PROCESS, "processes");
	const char *threads = about_messages_between(comparison, pool, WAY_THREAD, "threads");

	if (!processes[0] && !threads[0])
		return "";
	return pool_format(pool,
			   "%s%s%s At this size the copying is nothing and the waking of the other "
			   "side is all; sharing memory pays when messages are large.",
			   processes, processes[0] && threads[0] ? " " : "", threads);
}

static const char *about_machine(const struct comparison *comparison, struct pool *pool)
{
	const struct machine *machine = &comparison->machine;
	const char *text;

	if (machine->others >= LOUD * machine->online)
		text = pool_format(
			pool,
			"Other programs used %.1f of the %u processor%s meanwhile: these "
			"figures tell of them as much as of processes and threads. Measure "
			"again when the machine is quiet.",
			machine->others, machine->online, machine->online == 1 ? "" : "s");
	else if (machine->others >= QUIET)
		text = pool_format(pool,
				   "Other programs used %.1f of the %u processor%s meanwhile: run "
				   "times with several workers are longer than on a quiet machine, "
				   "and spreads wider.",
				   machine->others, machine->online,
				   machine->online == 1 ? "" : "s");
	else
		text = "Other programs used next to nothing of the processors meanwhile.";
	if (machine->stolen >= QUIET)
		text = pool_format(pool,
				   "%s The hypervisor gave the time of %.1f processors to other "
				   "machines.",
				   text, machine->stolen);
	if (machine->quota > 0 && machine->quota < machine->processors)
		text = pool_format(pool,
				   "%s This container may use %.1f processors at a time, however "
				   "many it sees.",
				   text, machine->quota);
	if (comparison->interrupted)
		text = pool_format(pool,
				   "%s It was interrupted: %u of %u rounds are in the "
				   "figures.",
				   text, comparison->rounds_done, comparison->rounds);
	else if (comparison->rounds_done < 5)
		text = pool_format(pool, "%s %u round%s say little about the spread.", text,
				   comparison->rounds_done,
				   comparison->rounds_done == 1 ? "" : "s");
	return text;
}

void meaning_of(const struct comparison *comparison, struct pool *pool,
		struct meaning meanings[MEANINGS])
{
	size_t count = 0;

	meanings[count++] = (struct meaning){ "machine", about_machine(comparison, pool) };
	meanings[count++] = (struct meaning){ "create", about_creating(comparison, pool) };
	meanings[count++] = (struct meaning){ "switch", about_switching(comparison, pool) };
	meanings[count++] = (struct meaning){ "message", about_messages(comparison, pool) };
	meanings[count++] = (struct meaning){ "memory", about_memory(comparison, pool) };
	for (const struct row *row = compare_rows; row->id; row++)
		if (row->topic == TOPIC_RUN)
			meanings[count++] =
				(struct meaning){ row->id, meaning_of_run(comparison, pool, row) };
}

const char *meaning_about(const struct meaning *meanings, const char *about)
{
	for (size_t i = 0; i < MEANINGS; i++)
		if (strcmp(meanings[i].about, about) == 0)
			return meanings[i].text;
	return "";
}
