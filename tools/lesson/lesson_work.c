/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schedule in which each thread runs as long as it can, threads in the order in which they were
 * started: that of a replay which has but the first decision. The same for everybody who is
 * compared.
 */
#include "lesson/lesson_work.h"

#include <string.h>

#include "campaign/verify.h"
#include "event/op.h"
#include "jostle/explore.h"
#include "jostle/say.h"
#include "test/judge.h"

#define MAIN 0

/* Starting, ending and waiting for threads and processes is the runner's part, and time is nobody's
 * work. */
static bool is_work(const struct event *event)
{
	switch (op_kind_family(event->kind)) {
	case FAMILY_NONE:
	case FAMILY_THREAD:
	case FAMILY_PROCESS:
	case FAMILY_TIME:
		return false;
	default:
		return true;
	}
}

static void count(const struct board *board, struct work *work)
{
	const struct board_piece piece = board->status.events;
	const struct event *events = board_bytes(board, piece);

	for (size_t i = 0; events && i < piece.size / sizeof(*events); i++) {
		const unsigned thread = events[i].thread;

		if (thread != MAIN && thread < WORK_THREADS_MAX && thread > work->threads)
			work->threads = thread;
		if (!is_work(&events[i]))
			continue;
		work->operations++;
		if (thread < WORK_THREADS_MAX)
			work->of_thread[thread]++;
	}
}

static int run_one(struct launch *launch, const struct plan *plan, struct work *work)
{
	uint16_t choice = MAIN;
	const struct found first = { .seed = plan->seed,
				     .decisions = { .choices = &choice, .choice_count = 1 } };
	struct gather nothing = { 0 };
	struct verifier verifier;
	enum worker_end end;
	int code = verifier_open(&verifier, launch, plan, &nothing);

	if (code == 0) {
		verifier_prepare(&verifier, &first);
		code = process_start(&verifier.worker.process, launch, &verifier.worker.slot);
	}
	if (code == 0 && !worker_run_to_end(&verifier.worker, plan->hang_timeout_ns, &end))
		code = say_error(EXIT_UNCONTROLLED, "interrupted");
	else if (code == 0 && end == WORKER_DONE)
		count(verifier.worker.slot.board, work);
	verifier_close(&verifier);
	return code;
}

static int measure(const char *program, const char *id, const struct options *given,
		   struct work *work, struct pool *pool)
{
	char *argv[] = { (char *)(size_t)program, (char *)(size_t) "--run", (char *)(size_t)id,
			 NULL };
	struct options options = *given;
	const struct input input = { .fd = -1 };
	struct launch launch = { .library_fd = -1, .keep_fd = -1 };
	struct target target;
	struct plan plan;
	int code = target_open(&target, argv, 3);

	*work = (struct work){ 0 };
	options.level = LEVEL_INSTRUMENTED;
	options.jobs = 1;
	options.nasty = 0;
	if (code == 0)
		code = plan_from_options(&plan, &options, pool);
	if (code == 0)
		code = launch_prepare(&launch, &target, &input);
	if (code == 0)
		code = run_one(&launch, &plan, work);
	launch_finish(&launch);
	return code;
}

/* Of one of the bodies, "deposit" of "deposit, withdraw". */
static const char *body_name(struct pool *pool, const char *bodies, unsigned number)
{
	const char *at = bodies;

	while (--number && at)
		at = strchr(at, ',') ? strchr(at, ',') + 2 : NULL;
	return at ? pool_format(pool, "%.*s", (int)strcspn(at, ","), at) : "";
}

static unsigned body_count(const char *bodies)
{
	unsigned bodies_there = bodies[0] != '\0';

	for (const char *at = bodies; *at; at++)
		bodies_there += *at == ',';
	return bodies_there;
}

/* The least that the fixed variants do. */
static void keep_least(struct work *least, const struct work *work, bool first)
{
	if (first) {
		*least = *work;
		return;
	}
	if (work->threads < least->threads)
		least->threads = work->threads;
	if (work->operations < least->operations)
		least->operations = work->operations;
	for (unsigned i = 0; i < WORK_THREADS_MAX; i++)
		if (work->of_thread[i] < least->of_thread[i])
			least->of_thread[i] = work->of_thread[i];
}

const char *lesson_work_missing(const struct work *work, const struct work *own,
				const struct case_entry *lesson, struct pool *pool)
{
	const char *what = strcmp(lesson->runs, "processes") == 0 ? "process" : "thread";

	if (work->threads < own->threads)
		return pool_format(pool,
				   "Silent, because it does not do the lesson's work. Threads and "
				   "processes started: %u; by the lesson's own fix: %u.",
				   work->threads, own->threads);
	for (unsigned i = 1; i <= body_count(lesson->bodies) && i < WORK_THREADS_MAX; i++)
		if (own->of_thread[i] && !work->of_thread[i])
			return pool_format(pool,
					   "Silent, because it does not do the lesson's work. "
					   "Operations of the %s %s: none; in the lesson's own "
					   "fix: %u.",
					   what, body_name(pool, lesson->bodies, i),
					   own->of_thread[i]);
	if (own->operations && !work->operations)
		return pool_format(pool,
				   "Silent, because it does not do the lesson's work. Operations: "
				   "none; in the lesson's own fix: %u.",
				   own->operations);
	return NULL;
}

static const char *remark(const struct work *work, const struct work *own, struct pool *pool)
{
	return pool_format(
		pool,
		"The lesson has no outcomes, so what the work came to is not judged, "
		"only that there is some. Threads and processes started: %u, operations "
		"on locks, queues, files and atomics: %u; by the lesson's own fix: %u and "
		"%u.",
		work->threads, work->operations, own->threads, own->operations);
}

int lesson_work_judge(const struct lesson_file *file, const struct lesson *lesson,
		      const struct cases *cases, const struct options *options,
		      struct variant *variant, struct pool *pool)
{
	const size_t length = strlen(lesson->id);
	const char *id = variant->lesson->id;
	bool any = false;
	int code = 0;

	if (!cases->instrumented[0])
		return 0;
	for (size_t i = 0; i < cases->count && code == 0; i++) {
		const struct case_entry *entry = &cases->entries[i];
		struct work work;

		if (strncmp(entry->id, lesson->id, length) != 0 || entry->id[length] != '/' ||
		    strcmp(entry->expect, "pass") != 0 ||
		    strcmp(entry->runs, variant->lesson->runs) != 0)
			continue;
		code = measure(cases->instrumented, entry->id, options, &work, pool);
		keep_least(&variant->own_work, &work, !any);
		any = true;
	}
	if (code || !any)
		return code;
	for (size_t i = 0; i < file->cases.count; i++)
		if (strcmp(strrchr(file->cases.entries[i].id, '/') + 1, variant->name) == 0)
			id = file->cases.entries[i].id;
	code = measure(file->program, id, options, &variant->work, pool);
	if (code)
		return code;
	variant->compared = true;
	variant->why =
		lesson_work_missing(&variant->work, &variant->own_work, variant->lesson, pool);
	if (variant->why)
		variant->grade = GRADE_FOUND;
	else
		variant->remark = remark(&variant->work, &variant->own_work, pool);
	return 0;
}
