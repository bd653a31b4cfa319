/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding whose decisions are known is replayed from them. A schedule that killed its process too
 * suddenly to leave decisions is run again by its number: same seed, same strategy, same learned
 * values, so the same schedule.
 */
#include "campaign/verify.h"

#include <string.h>

#include "base/hash.h"
#include "jostle/say.h"
#include "record/place.h"

#define RUNS_INEXACT      5
#define STEPS_CREATED_MAX 32
#define STEPS_LAST_MAX    128

int verifier_open(struct verifier *verifier, struct launch *launch, const struct plan *plan,
		  const struct gather *gather)
{
	*verifier = (struct verifier){ .launch = launch, .plan = plan };
	verifier->learned_steps_max = gather->learned_steps_max;
	verifier->learned_threads_max = gather->learned_threads_max;
	return worker_open(&verifier->worker, 0);
}

void verifier_close(struct verifier *verifier)
{
	worker_close(&verifier->worker);
}

static bool replays_by_number(const struct found *found)
{
	return found->decisions.choice_count == 0;
}

static void ask_for_step(struct board_config *config, uint32_t step)
{
	if (config->dump_step_count == BOARD_DUMP_STEPS_MAX)
		return;
	for (uint32_t i = 0; i < config->dump_step_count; i++)
		if (config->dump_steps[i] == step)
			return;
	config->dump_steps[config->dump_step_count++] = step;
}

/* The steps whose stacks the report wants: those at which the sites of the finding happened, and
 * what was found to be wanted besides. */
static void ask_for_stacks(const struct verifier *verifier, struct board_config *config,
			   const struct finding *finding)
{
	for (uint16_t i = 0; i < finding->site_count; i++)
		ask_for_step(config, finding->sites[i].step);
	for (uint32_t i = 0; i < verifier->step_count; i++)
		ask_for_step(config, verifier->steps[i]);
}

void verifier_prepare(struct verifier *verifier, const struct found *found)
{
	struct slot *slot = &verifier->worker.slot;
	struct board_config *config = &slot->board->config;

	slot_clear(slot);
	plan_configure(verifier->plan, config);
	config->until_first = 0;
	config->verify_every = 0;
	config->schedules = found->first_schedule + 1;
	config->first_batch = found->first_schedule / BOARD_BATCH;
	config->learned_steps_max = verifier->learned_steps_max;
	config->learned_threads_max = verifier->learned_threads_max;
	config->replay_schedule = found->first_schedule;
	config->replay_seed = found->seed;
	config->replay_key = verifier->rebuilt ? 0 : found->finding.key;
	ask_for_stacks(verifier, config, &found->finding);
	config->dump_access_count = verifier->access_count;
	memcpy(config->dump_accesses, verifier->accesses, sizeof(config->dump_accesses));
	config->points = slot_append(slot, found->decisions.points,
				     found->decisions.point_count * sizeof(uint64_t));
	if (replays_by_number(found)) {
		config->exec_schedule = found->first_schedule;
		return;
	}
	config->mode = MODE_REPLAY;
	config->choices = slot_append(slot, found->decisions.choices,
				      found->decisions.choice_count * sizeof(uint16_t));
	config->values = slot_append(slot, found->decisions.values,
				     found->decisions.value_count * sizeof(uint32_t));
}

static bool same_events(const struct verifier *verifier, const struct found *found)
{
	const struct board_status *status = &verifier->worker.slot.board->status;

	if (!replays_by_number(found))
		return status->replay_hash == found->event_hash;
	return status->event_hash == hash_mix(found->event_hash ^ hash_mix(found->first_schedule));
}

static bool is_same(const struct verifier *verifier, const struct finding *seen,
		    const struct finding *wanted)
{
	if (verifier->rebuilt)
		return seen->kind == wanted->kind && seen->cause == wanted->cause;
	return seen->key == wanted->key;
}

/* The replay ran to its end: is the finding among those on the board? */
static bool look_on_board(const struct verifier *verifier, const struct found *found,
			  struct verification *result)
{
	const struct board *board = verifier->worker.slot.board;

	result->elsewise = board->status.finding_count;
	for (uint32_t i = 0; i < board->status.finding_count && i < BOARD_FINDINGS_MAX; i++)
		if (is_same(verifier, &board->findings[i].finding, &found->finding)) {
			result->finding = board->findings[i].finding;
			return true;
		}
	return false;
}

/* What hang_capture() saw is where it happens. */
static void add_hang_site(const struct worker *worker, struct finding *finding)
{
	const struct board *board = worker->slot.board;
	const uint32_t count = board->status.stack_count;

	if (finding->site_count || count == 0 || count > BOARD_STACKS_MAX ||
	    board->stacks[count - 1].step != UINT32_MAX)
		return;
	finding->sites[finding->site_count++] = (struct finding_site){
		.pc = board->stacks[count - 1].rip,
		.thread = board->stacks[count - 1].thread,
		.step = UINT32_MAX,
		.role = SITE_AT,
	};
}

/* The replaying process died: of the same thing? */
static bool look_at_death(const struct verifier *verifier, const struct found *found,
			  struct verification *result, bool *exact)
{
	const struct worker *worker = &verifier->worker;
	const struct board *board = worker->slot.board;
	const struct finding *finding = &found->finding;

	/* The engine saw it coming and left word. */
	if (BOARD_LOAD(board->status.state) == STATE_DIED && board->status.finding_count) {
		result->event_hash = board->status.replay_hash;
		*exact = result->event_hash == found->event_hash;
		return look_on_board(verifier, found, result);
	}
	if (worker->newest.hang) {
		*exact = true;
		add_hang_site(worker, &result->finding);
		return finding->kind == FINDING_HANG;
	}
	for (uint32_t i = 0; i < board->death_detail_count && i < BOARD_DEATHS_MAX; i++)
		if (board->death_details[i].known &&
		    board->death_details[i].finding.key == finding->key) {
			result->finding = board->death_details[i].finding;
			result->event_hash = board->death_details[i].event_hash;
			*exact = result->event_hash == found->event_hash;
			return true;
		}
	*exact = found->event_hash == 0;
	return finding->kind == FINDING_CRASH && finding->signal == worker->newest.signal &&
	       (finding->signal || finding->status == worker->newest.status);
}

static void run_once(struct verifier *verifier, const struct found *found,
		     struct verification *result)
{
	struct worker *worker = &verifier->worker;
	enum worker_end end;
	bool shown, exact = false;

	verifier_prepare(verifier, found);
	if (worker_configure_folder(worker) ||
	    process_start(&worker->process, verifier->launch, &worker->slot)) {
		result->verdict = VERDICT_FAILED;
		return;
	}
	if (!worker_run_to_end(worker, verifier->plan->hang_timeout_ns, &end)) {
		result->verdict = VERDICT_INTERRUPTED;
		return;
	}
	result->runs++;
	if (end == WORKER_REFUSED || end == WORKER_FALLBACK) {
		say("the replay was refused: %s", worker->slot.board->status.refusal);
		result->verdict = VERDICT_FAILED;
		return;
	}
	result->finding = found->finding;
	result->event_hash = 0;
	if (end == WORKER_SPOILED)
		slot_clear(&worker->slot);
	result->diverged = worker->slot.board->config.mode == MODE_REPLAY
				   ? worker->slot.board->status.replay_diverged
				   : UINT32_MAX;
	if (end == WORKER_DONE) {
		shown = look_on_board(verifier, found, result);
		result->event_hash = worker->slot.board->status.replay_hash;
		exact = same_events(verifier, found);
	} else {
		shown = look_at_death(verifier, found, result, &exact);
		if (!shown && !result->elsewise)
			result->elsewise = 1;
	}
	result->shown += shown;
	result->on_board = shown;
	if (!result->shown)
		result->verdict = VERDICT_NOT_SHOWN;
	else
		result->verdict = exact && !found->finding.inexact && result->shown == result->runs
					  ? VERDICT_EXACT
					  : VERDICT_INEXACT;
}

/* What is no step: an access of memory, its allocation and its end. */
static bool has_stack_of_its_own(const struct finding_site *site)
{
	const bool is_access =
		(site->op_kind >= OP_READ && site->op_kind <= OP_FENCE) || site->op_kind == OP_FREE;

	return site->role == SITE_ACCESS || site->role == SITE_ALLOCATED ||
	       (is_access && (site->role == SITE_AT || site->role == SITE_FIRST));
}

/*
 * The accesses of the finding, as the replay on the board saw them. Addresses are those of its
 * process; places are the same in all.
 */
static void note_accesses(struct verifier *verifier, const struct finding *finding)
{
	verifier->access_count = 0;
	for (uint16_t i = 0; i < finding->site_count && verifier->access_count < BOARD_ACCESSES_MAX;
	     i++) {
		const struct finding_site *site = &finding->sites[i];

		if (!site->pc || !has_stack_of_its_own(site))
			continue;
		verifier->accesses[verifier->access_count++] = (struct board_access){
			.object = site->object,
			.place = place_of(verifier->worker.slot.board, site->pc),
			.thread = site->thread,
			.step = site->step,
			.size = site->size,
		};
	}
}

/*
 * Calls that a library makes for the program, and inline functions of the C++ library that the
 * compiler left as functions, say by their own place nothing of the program's: their stacks do.
 */
static bool calls_through_libraries(const struct board *board, const struct event *events,
				    size_t count)
{
	const uint32_t modules = board->status.module_count;

	for (uint32_t i = 0; i < modules && i < BOARD_MODULES_MAX; i++)
		if (strstr(board->modules[i].path, "/libstdc++.so") ||
		    strstr(board->modules[i].path, "/libc++.so"))
			return true;
	for (size_t i = 0; i < count; i++)
		if (events[i].site && modules &&
		    (events[i].site < board->modules[0].start ||
		     events[i].site >= board->modules[0].end))
			return true;
	return false;
}

/* The last steps before the finding, which the report may show, and all that created threads. */
static void note_steps(struct verifier *verifier, const struct finding *finding)
{
	const struct board *board = verifier->worker.slot.board;
	const struct event *events = board_bytes(board, board->status.events);
	size_t count = events ? board->status.events.size / sizeof(*events) : 0;
	uint32_t created = 0;

	verifier->step_count = 0;
	while (count > 0 && events[count - 1].step > finding->step)
		count--;
	if (!calls_through_libraries(board, events, count))
		return;
	for (size_t i = 0; i < count && created < STEPS_CREATED_MAX; i++)
		if (events[i].kind == OP_THREAD_CREATE)
			verifier->steps[created++] = events[i].step;
	verifier->step_count = created;
	for (size_t i = count; i-- > 0 && verifier->step_count < created + STEPS_LAST_MAX;)
		verifier->steps[verifier->step_count++] = events[i].step;
}

/* What the verdict is stays what it was. */
static void run_for_stacks(struct verifier *verifier, const struct found *found,
			   struct verification *result)
{
	struct verification again = *result;

	note_accesses(verifier, &result->finding);
	note_steps(verifier, &result->finding);
	if (!verifier->access_count && !verifier->step_count)
		return;
	run_once(verifier, found, &again);
	verifier->access_count = 0;
	verifier->step_count = 0;
	if (again.verdict == VERDICT_FAILED || again.verdict == VERDICT_INTERRUPTED)
		result->verdict = again.verdict;
	else if (again.on_board)
		result->finding = again.finding;
}

struct verification verify(struct verifier *verifier, const struct found *found)
{
	struct verification result = { .verdict = VERDICT_NOT_SHOWN, .diverged = UINT32_MAX };
	unsigned runs_most = found->finding.inexact ? RUNS_INEXACT : 1;

	do {
		run_once(verifier, found, &result);
		if (result.verdict == VERDICT_FAILED || result.verdict == VERDICT_INTERRUPTED)
			break;
		/* The report is about the replay on the board, so the last one should show what it
		 * says. */
		if (result.runs == runs_most && result.shown && !result.on_board &&
		    runs_most < 2 * RUNS_INEXACT)
			runs_most++;
	} while (result.runs < runs_most);
	if (result.shown && result.on_board &&
	    (result.verdict == VERDICT_EXACT || result.verdict == VERDICT_INEXACT))
		run_for_stacks(verifier, found, &result);
	return result;
}
