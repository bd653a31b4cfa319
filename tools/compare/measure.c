/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rounds. The first one is the warm-up: it finds how many operations a series needs to be long
 * against the clock and short enough to wait for, it fills caches, and its figures are thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare/compare.h"
#include "compare/probe.h"
#include "jostle/progress.h"
#include "jostle/say.h"

#define SERIES_NS       1000000.0 /* a series takes about so long */
#define SERIES_QUICK_NS 250000.0
#define TASK_NS         2000000.0 /* a CPU-bound task, and the reply that another waits for */
#define TASK_QUICK_NS   500000.0
#define TASKS_LEAST     16
#define TASKS_QUICK     8
#define CROWD           8 /* workers among which memory is measured */
#define HASHES_FIRST    10000

struct run {
	struct comparison *comparison;
	struct kernel_call *call;
	struct progress progress;
	bool show_progress;
	int queue_error;                /* why there are no POSIX message queues */
	uint64_t checksums[TASK_COUNT]; /* of the first way that did these tasks; 0: none did */
	size_t done, all;               /* samples */
};

/* Named for an instant: unlinked before anything is measured. */
static int open_queue(unsigned side)
{
	struct mq_attr attributes = { .mq_maxmsg = QUEUE_ROOM, .mq_msgsize = MESSAGE_SIZE };
	char name[64];
	mqd_t queue;

	snprintf(name, sizeof(name), "/jostle-compare.%d.%u", (int)getpid(), side);
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	if (queue != (mqd_t)-1)
		mq_unlink(name);
	return (int)queue;
}

static int open_call(struct run *run)
{
	const struct comparison *comparison = run->comparison;
	const char *folder = comparison->machine.folder;

	run->call = probe_open();
	if (!run->call)
		return say_error(EXIT_UNCONTROLLED, "compare: there is no memory to share: %s",
				 strerror(errno));
	run->call->cpu = machine_last_processor();
	run->call->wait_ns = comparison->wait_ns;
	for (unsigned side = 0; side < 2; side++) {
		run->call->queues[side] = open_queue(side);
		if (run->call->queues[side] < 0)
			run->queue_error = errno;
	}
	run->call->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (run->call->folder < 0)
		return say_error(
			EXIT_USAGE,
			"cannot make files in %s: %s; set TMPDIR to a folder that is there", folder,
			strerror(errno));
	return 0;
}

static void close_call(struct run *run)
{
	if (!run->call)
		return;
	for (unsigned side = 0; side < 2; side++)
		if (run->call->queues[side] >= 0)
			mq_close(run->call->queues[side]);
	if (run->call->folder >= 0)
		close(run->call->folder);
	probe_close(run->call);
}

/* How many hashes take as much processor time as a task should. */
static enum probe_end choose_hashes(struct run *run)
{
	struct kernel_call *call = run->call;
	const double wanted = run->comparison->quick ? TASK_QUICK_NS : TASK_NS;

	call->way = WAY_ONE;
	call->operations = 1;
	for (call->hashes = HASHES_FIRST;; call->hashes *= 4) {
		const enum probe_end end = probe_run(call, kernel_cpu);

		if (end != PROBE_DONE)
			return end;
		if (call->values[1] >= wanted)
			break;
	}
	call->hashes = (uint64_t)((double)call->hashes * wanted / call->values[1]);
	run->comparison->hashes = call->hashes;
	return PROBE_DONE;
}

/* The tasks give the same results whoever does them. */
static bool same_result(struct run *run, const struct row *row)
{
	uint64_t *checksum = &run->checksums[row - compare_row(TOPIC_RUN, "cpu")];

	if (*checksum == 0)
		*checksum = run->call->checksum;
	return *checksum == run->call->checksum;
}

static enum probe_end sample(struct run *run, struct measure *measure, double *value,
			     double *processor)
{
	struct kernel_call *call = run->call;
	const struct row *row = measure->row;
	enum probe_end end;

	call->way = measure->way;
	call->workers = row->topic == TOPIC_MEMORY ? CROWD : measure->workers;
	call->operations = measure->operations;
	if (row->run == kernel_message_queue && (call->queues[0] < 0 || call->queues[1] < 0) &&
	    call->way == WAY_PROCESS) {
		measure->missing = pool_format(&run->comparison->pool, "POSIX message queues: %s",
					       strerror(run->queue_error));
		return PROBE_FAILED;
	}
	end = probe_run(call, row->run);
	if (end == PROBE_FAILED)
		measure->missing = pool_text(&run->comparison->pool, call->error);
	if (end == PROBE_DONE && row->topic == TOPIC_RUN && !same_result(run, row)) {
		measure->missing = "its results differ from those of the other ways";
		end = PROBE_FAILED;
	}
	*value = call->values[row->value];
	if (row->operations)
		*value /= (double)(measure->operations * row->per);
	*processor = row->topic == TOPIC_RUN ? call->values[1] : 0;
	return end;
}

/* More operations until a series takes long enough, and then as many as fit. */
static enum probe_end warm_up(struct run *run, struct measure *measure)
{
	const double wanted = run->comparison->quick ? SERIES_QUICK_NS : SERIES_NS;
	double value, processor;
	enum probe_end end;

	measure->operations = measure->row->topic == TOPIC_RUN ? run->comparison->tasks
							       : measure->row->operations;
	for (;;) {
		end = sample(run, measure, &value, &processor);
		if (end != PROBE_DONE || !measure->row->operations ||
		    run->call->values[0] >= wanted / 4)
			break;
		measure->operations *= 4;
	}
	if (end == PROBE_DONE && measure->row->operations) {
		const double fit = (double)measure->operations * wanted / run->call->values[0];

		measure->operations = fit < 1 ? 1 : (uint64_t)fit;
	}
	return end;
}

static void show(struct run *run, const struct measure *measure, unsigned round)
{
	const double elapsed = (double)(kernel_now_ns() - run->progress.started_ns) / 1e9;
	char line[160], left[48] = "";

	if (!run->show_progress)
		return;
	if (round > 0)
		snprintf(left, sizeof(left), ", about %.0f s left",
			 elapsed * (double)(run->all - run->done) / (double)(run->done + 1));
	snprintf(line, sizeof(line), "%.0f s  %s %u of %u%s  %s %s %s", elapsed,
		 round ? "round" : "warm-up, then round", round ? round : 1,
		 run->comparison->rounds, left, topic_id(measure->row->topic), measure->row->id,
		 way_id(measure->way));
	progress_line(&run->progress, line, kernel_now_ns());
}

/* Round 0 is the warm-up. False: it was interrupted. */
static bool do_round(struct run *run, size_t *order, unsigned round)
{
	struct comparison *comparison = run->comparison;

	compare_shuffle(order, comparison->measure_count, comparison->seed, round);
	for (size_t i = 0; i < comparison->measure_count; i++, run->done++) {
		struct measure *measure = &comparison->measures[order[i]];
		enum probe_end end;

		if (measure->missing)
			continue;
		show(run, measure, round);
		end = round == 0 ? warm_up(run, measure)
				 : sample(run, measure, &measure->samples[round - 1],
					  &measure->processor[round - 1]);
		if (end == PROBE_INTERRUPTED)
			return false;
	}
	return true;
}

static int verdict(const struct comparison *comparison)
{
	const char *why = NULL;

	if (comparison->interrupted && comparison->rounds_done == 0)
		return say_error(EXIT_UNCONTROLLED,
				 "interrupted before the first round was complete: there are no "
				 "figures; --quick takes seconds");
	for (size_t i = 0; i < comparison->measure_count; i++) {
		if (!comparison->measures[i].missing)
			return 0;
		why = comparison->measures[i].missing;
	}
	return say_error(EXIT_UNCONTROLLED, "compare: nothing can be measured here: %s",
			 why ? why : "nothing to measure");
}

static int do_rounds(struct run *run)
{
	struct comparison *comparison = run->comparison;
	size_t *order = pool_new(&comparison->pool, size_t, comparison->measure_count);
	const enum probe_end end = choose_hashes(run);

	if (end == PROBE_FAILED)
		return say_error(EXIT_UNCONTROLLED, "compare: nothing can be measured here: %s",
				 run->call->error);
	run->all = comparison->measure_count * (comparison->rounds + 1);
	comparison->interrupted = end == PROBE_INTERRUPTED || !do_round(run, order, 0);
	while (!comparison->interrupted && comparison->rounds_done < comparison->rounds) {
		if (do_round(run, order, comparison->rounds_done + 1))
			comparison->rounds_done++;
		else
			comparison->interrupted = true;
	}
	return verdict(comparison);
}

int compare_measure(struct comparison *comparison, bool progress)
{
	const unsigned most = comparison->workers[comparison->worker_count - 1];
	struct run run = { .comparison = comparison, .show_progress = progress };
	struct machine_clock clock;
	int code;

	comparison->tasks = comparison->quick ? TASKS_QUICK : TASKS_LEAST;
	if (comparison->tasks < 2 * most)
		comparison->tasks = 2 * most;
	comparison->wait_ns = (uint64_t)(comparison->quick ? TASK_QUICK_NS : TASK_NS);
	machine_read(&comparison->machine, machine_folder());
	machine_start(&clock);
	progress_init(&run.progress, kernel_now_ns());
	code = open_call(&run);
	if (code == 0)
		code = do_rounds(&run);
	progress_erase(&run.progress);
	close_call(&run);
	machine_stop(&comparison->machine, &clock);
	comparison->seconds = (double)(kernel_now_ns() - run.progress.started_ns) / 1e9;
	if (code == 0)
		compare_summarise(comparison);
	return code;
}
