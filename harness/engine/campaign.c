/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The campaign: which schedule next, and how the program gets back to where it began.
 *
 * A state machine that is entered at the end of each schedule, on the engine's stack, and leaves by
 * returning main's fiber for the next one. With the snapshot reset the same process goes round and
 * round; with the fork reset this process is the template and each schedule runs in a child; with
 * the exec reset a process runs one schedule.
 *
 * Snapshot: a batch of schedules runs with only those pages restored that were ever seen dirty.
 * Then one scan tells whether some other page was written; if so the batch is thrown away and run
 * again, scanning after each schedule ("careful").
 */
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <sys/wait.h>

#include "base/fmt.h"
#include "base/insist.h"
#include "base/rng.h"
#include "base/sys.h"
#include "engine/output.h"
#include "engine/pool.h"
#include "engine/regions.h"
#include "engine/snapshot.h"
#include "engine/state.h"
#include "engine/system.h"

static struct {
	uint64_t batch;
	uint64_t number;    /* schedule that runs now */
	uint64_t batch_end; /* first number that is not in this batch */
	bool careful;       /* scan after each schedule of this batch */
	bool counted;   /* the batch goes to the board (not the learning batch of another worker) */
	bool verifying; /* the schedule runs for the second time */
	bool forks;     /* fork reset */
	bool child;
	uint64_t first_hash;
	uint64_t group_first;  /* first batch that is not committed yet */
	uint32_t group_count;  /* batches that ended since, this one not counted */
	uint64_t group_start_ns;
	bool first_run;        /* the schedule that ended was not a second run to compare */
	uint32_t batch_max;
	uint32_t careful_left; /* batches to run carefully because recent ones had to be redone */
	struct schedule_result kept; /* of the first of two runs */
} c;

void campaign_leave(enum board_state state, const char *refusal)
{
	struct board_status *s = &engine.board->status;

	if (refusal)
		fmt(s->refusal, sizeof(s->refusal), "%s", refusal);
	BOARD_STORE(s->schedule, BOARD_NO_SCHEDULE);
	BOARD_STORE(s->state, (uint32_t)state);
	sys_call1(SYS_exit_group, state == STATE_REFUSED ? BOARD_EXIT_REFUSED
				  : state == STATE_DIED  ? BOARD_EXIT_DIED
							 : 0);
	__builtin_unreachable();
}

static _Noreturn void fallback(const char *why)
{
	campaign_leave(STATE_FALLBACK, why);
}

static uint64_t seed_of(uint64_t number)
{
	return rng_derive(engine.board->config.seed, number);
}

static const struct board_death *death_at(uint64_t number)
{
	const struct board_config *config = &engine.board->config;

	for (uint32_t i = 0; i < config->death_count; i++)
		if (config->deaths[i].schedule == number)
			return &config->deaths[i];
	return NULL;
}

static bool wants_verifying(uint64_t number)
{
	const uint32_t every = engine.board->config.verify_every;

	return every && (number < 3 || number % every == every - 1);
}

static bool stop_wanted(void)
{
	const struct board_config *config = &engine.board->config;

	if (BOARD_LOAD(engine.board->stop))
		return true;
	if (!config->until_first)
		return false;
	for (uint32_t i = 0; i < engine.board->status.finding_count; i++)
		if (engine.board->findings[i].finding.severity + 1U >= config->until_first)
			return true;
	return false;
}

/* Scanning costs as much as several schedules, so a scan and the commit after it may cover some batches; not when they are slow:
 * what is not committed is lost if the target dies, and nobody sees it yet. */
#define GROUP_MAX 8
#define GROUP_NS 20000000UL
_Static_assert(GROUP_MAX * BOARD_BATCH <= BATCH_RESULTS_MAX, "a group's results are held back together");

static uint64_t real_now(void)
{
	struct timespec t;

	sys_call2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void begin_group(void)
{
	c.group_first = c.batch;
	c.group_count = 0;
	c.group_start_ns = real_now();
	batch_begin(c.batch);
}

static void enter_batch(void)
{
	const struct board_config *config = &engine.board->config;

	c.number = c.batch * BOARD_BATCH;
	c.batch_end = c.number + BOARD_BATCH;
	if (c.batch_end > config->schedules)
		c.batch_end = config->schedules;
	c.counted = c.batch % config->workers == config->worker;
}

static uint64_t batch_after(uint64_t batch)
{
	const struct board_config *config = &engine.board->config;

	batch = batch == 0 && config->worker ? config->worker : batch + config->workers;
	return batch < config->first_batch ? config->first_batch : batch;
}

/* Sets up the next batch of this worker as a new group, or leaves when there is none. */
static void next_group(bool first)
{
	const struct board_config *config = &engine.board->config;

	if (!first) {
		if (stop_wanted())
			campaign_leave(BOARD_LOAD(engine.board->stop) ? STATE_STOPPED : STATE_DONE, NULL);
		c.batch = batch_after(c.batch);
	}
	if (c.batch * BOARD_BATCH >= config->schedules)
		campaign_leave(STATE_DONE, NULL);
	enter_batch();
	c.careful = c.batch_max == 1 || c.batch == 0 || first;
	if (c.careful_left) {
		c.careful = true;
		c.careful_left--;
	}
	begin_group();
}

static void redo_group(void)
{
	engine.board->status.batches_redone += c.group_count + 1;
	batch_discard();
	c.batch = c.group_first;
	enter_batch();
	begin_group();
	c.careful = true;
	c.careful_left = 4;
	c.verifying = false;
}

static void learn(void)
{
	/* What the learning batch taught holds for the rest of the campaign, in every worker. */
	engine.learned_steps = engine.batch_steps_max;
	engine.learned_threads = engine.batch_threads_max;
	engine.board->status.learned_steps_max = engine.learned_steps;
	engine.board->status.learned_threads_max = engine.learned_threads;
}

/* May the batch that just ended wait for the next one before it is scanned and committed? */
static bool group_goes_on(void)
{
	const struct board_config *config = &engine.board->config;

	return !c.careful && !c.forks && c.group_count + 1 < GROUP_MAX && !config->until_first &&
	       batch_after(c.batch) * BOARD_BATCH < config->schedules && !BOARD_LOAD(engine.board->stop) &&
	       real_now() - c.group_start_ns < GROUP_NS;
}

/* The kernel's answer: how many pages were written that are not restored yet. */
static long scan(void)
{
	const long fresh = snapshot_scan();

	if (fresh < 0)
		fallback("the kernel could not tell which pages were written");
	return fresh;
}

/* The batch ran to its end; memory is as at the start. */
static void finish_batch(void)
{
	if (group_goes_on()) {
		c.group_count++;
		c.batch = batch_after(c.batch);
		enter_batch();
		return;
	}
	if (!c.forks && !c.careful && scan() > 0) {
		snapshot_restore();
		redo_group();
		return;
	}
	if (c.batch == 0 && engine.learned_steps == 0)
		learn();
	if (!c.forks) {
		const struct snapshot_counters *counters = snapshot_counters();

		engine.board->status.pages_saved = counters->pages_saved;
		engine.board->status.pages_dirty = counters->pages_dirty;
	}
	if (c.counted)
		batch_commit();
	else
		batch_discard();
	next_group(false);
}

/* A schedule that killed an earlier target of this board: its result is what is known of the death.
 */
static void add_death(const struct board_death *death)
{
	struct schedule_result *r = engine.result;
	struct finding f = { .kind = FINDING_CRASH,
			     .cause = CAUSE_KILLED,
			     .severity = SEVERITY_ERROR };
	const struct board_death_detail *detail = NULL;

	for (uint32_t i = 0; i < engine.board->death_detail_count; i++)
		if (engine.board->death_details[i].schedule == death->schedule)
			detail = &engine.board->death_details[i];
	f.thread = THREAD_NONE;
	f.signal = death->signal;
	f.status = death->status;
	if (death->hang) {
		f.kind = FINDING_HANG;
		f.cause = CAUSE_NO_SCHEDULING_POINT;
		f.signal = 0;
	}
	r->number = death->schedule;
	r->seed = seed_of(death->schedule);
	r->event_hash = detail ? detail->event_hash : 0;
	r->steps = detail ? detail->steps : 0;
	r->threads = 0;
	r->switches = 0;
	r->controlled = 0;
	r->outcome[0] = '\0';
	r->finding_count = 0;
	r->inexact = 0;
	*engine.choice_count = 0;
	*engine.value_count = 0;
	if (detail) {
		const struct board *b = engine.board;

		__builtin_memcpy(engine.choices, b->blob + detail->choices.offset,
				 detail->choices.size);
		__builtin_memcpy(engine.values, b->blob + detail->values.offset,
				 detail->values.size);
		*engine.choice_count = (uint32_t)(detail->choices.size / sizeof(uint16_t));
		*engine.value_count = (uint32_t)(detail->values.size / sizeof(uint32_t));
		r->controlled = *engine.choice_count;
	}
	report_add(detail && detail->known ? &detail->finding : &f);
	batch_add(r);
}

/* Begins schedule c.number, stepping over those that are known to kill; may go on to later batches.
 */
static struct fiber *begin(void)
{
	for (;;) {
		const struct board_death *death;

		if (c.number >= c.batch_end) {
			finish_batch();
			continue;
		}
		death = death_at(c.number);
		if (!death)
			break;
		add_death(death);
		c.number++;
	}
	schedule_begin(c.number, seed_of(c.number));
	return &engine_fibers[0];
}

/* Takes back everything that the schedule did to the process. */
static void reset(void)
{
	int error = 0;

	output_reset(engine.result->number, c.counted && c.first_run);
	if (system_dirty.irreversible && !c.forks && engine.board->config.mode == MODE_CAMPAIGN)
		fallback("the program changed something that a process cannot take back (user, "
			 "limits, root or filter)");
	if (system_dirty.mappings)
		error = regions_undo_mappings();
	if (error)
		fallback("a mapping that the program gave back cannot be restored");
	pool_reset_guards();
	system_reset();
	snapshot_restore();
}

static void grow_pool(uint32_t wanted)
{
	uint32_t count = pool_size() * 2;
	const bool armed = sud_armed();

	if (count < wanted)
		count = wanted;
	sud_disarm();
	fiber_set_fs(engine_fibers[0].fs);
	if (!c.forks)
		snapshot_forget();
	if (pool_grow(count) != 0 && pool_size() < wanted)
		campaign_leave(STATE_REFUSED, "not enough memory or threads for the program's "
					      "threads; see --max-threads and ulimit -u");
	if (!c.forks) {
		const int error = regions_take();

		if (error)
			fallback("the program's memory could not be saved");
	}
	if (armed)
		sud_arm();
}

/* Compares the second run of a schedule with the first. False: the group has to start over before anything can be said. */
static bool verify(void)
{
	const uint64_t second = engine.result->event_hash;

	c.verifying = false;
	if (second == c.kept.event_hash) {
		engine.board->status.verified++;
		return true;
	}
	/* A page that is not restored yet explains it. */
	if (!c.forks && !c.careful && scan() > 0)
		return false;
	engine.board->status.mismatched++;
	fallback("a schedule ran differently the second time: the reset does not undo everything, or the program has an "
		 "input that is not controlled");
}

/* Takes the result of the schedule that ended. False: the group has to start over. */
static bool settle(void)
{
	/* Memory was as at the start when this schedule began; only the next one needs what is found now. */
	if (c.careful && !c.forks)
		scan();
	c.first_run = !c.verifying;
	if (c.verifying) {
		c.number++;
		return verify();
	}
	batch_add(engine.result);
	if (wants_verifying(c.number) && engine.result->inexact == 0) {
		c.kept = *engine.result;
		c.verifying = true;
	} else {
		c.number++;
	}
	return true;
}

static _Noreturn void finish_replay(void)
{
	struct board_status *s = &engine.board->status;
	const struct schedule_result *r = engine.result;

	s->replay_hash = r->event_hash;
	s->replay_diverged = sched_replay_diverged(engine.strategy_state);
	s->exited = r->exited;
	s->exit_status = r->exit_status;
	dump_all();
	batch_begin(r->number / BOARD_BATCH);
	batch_add(r);
	batch_commit();
	campaign_leave(STATE_DONE, NULL);
}

static _Noreturn void finish_single(void)
{
	batch_begin(c.number / BOARD_BATCH);
	batch_add(engine.result);
	batch_commit();
	campaign_leave(STATE_DONE, NULL);
}

struct fiber *campaign_next(void)
{
	if (c.child) {
		sys_call1(SYS_exit_group, 0);
		__builtin_unreachable();
	}
	engine.phase = PHASE_SETTLING;
	if (engine.result->need_slots) {
		const uint32_t wanted = engine.result->need_slots;

		/* What was dirtied must be known before the snapshot is dropped. */
		if (scan() > 0 && !c.careful && engine.board->config.mode == MODE_CAMPAIGN)
			redo_group();
		reset();
		grow_pool(wanted);
		if (engine.board->config.mode == MODE_REPLAY ||
		    engine.board->config.exec_schedule != BOARD_NO_SCHEDULE) {
			schedule_begin(engine.result->number, engine.result->seed);
			return &engine_fibers[0];
		}
		return begin();
	}
	if (engine.board->config.mode == MODE_REPLAY)
		finish_replay();
	if (engine.board->config.exec_schedule != BOARD_NO_SCHEDULE)
		finish_single();
	if (settle()) {
		reset();
	} else {
		reset();
		redo_group();
	}
	return begin();
}

/* ---- fork reset ---- */

static void fork_crashed(int status)
{
	struct schedule_result *r = engine.result;
	struct finding f = { .kind = FINDING_CRASH,
			     .cause = CAUSE_KILLED,
			     .severity = SEVERITY_ERROR };

	if (WIFEXITED(status) && WEXITSTATUS(status) == BOARD_EXIT_DIED)
		return; /* the child reported it itself */
	f.thread = THREAD_NONE;
	f.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	f.status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	r->event_hash = 0;
	report_add(&f);
}

/* Runs schedule c.number in a child; its result is in shared memory afterwards. */
static void fork_run(void)
{
	struct schedule_result *r = engine.result;
	int status = 0;
	long pid;

	r->ended = 0;
	r->need_slots = 0;
	r->finding_count = 0;
	pid = sys_call5(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid < 0)
		campaign_leave(STATE_REFUSED,
			       "fork failed: too many processes or not enough memory");
	if (pid == 0) {
		c.child = true;
		engine.forked_schedule = true;
		sys_call5(SYS_prctl, 1 /* PR_SET_PDEATHSIG */, SIGKILL, 0, 0, 0);
		sud_rearm_after_fork();
		schedule_begin(c.number, seed_of(c.number));
		fiber_enter(&engine_fibers[0]);
	}
	BOARD_STORE(engine.board->status.schedule, c.number);
	while (sys_call4(SYS_wait4, pid, (long)&status, 0, 0) == -EINTR)
		continue;
	if (!r->ended) {
		r->number = c.number;
		r->seed = seed_of(c.number);
		if (!r->need_slots)
			fork_crashed(status);
	}
}

static _Noreturn void fork_campaign(void)
{
	for (;;) {
		const struct board_death *death;

		if (c.number >= c.batch_end) {
			finish_batch();
			continue;
		}
		death = death_at(c.number);
		if (death) {
			add_death(death);
			c.number++;
			continue;
		}
		fork_run();
		output_touched = true; /* in the child, whose copy of the flag is gone */
		if (engine.result->need_slots) {
			output_reset(c.number, false);
			grow_pool(engine.result->need_slots);
			continue;
		}
		settle();
		output_reset(engine.result->number, c.counted && c.first_run);
	}
}

void campaign_run(void)
{
	const struct board_config *config = &engine.board->config;
	struct board_status *s = &engine.board->status;
	int error;

	engine.learned_steps =
		s->learned_steps_max ? s->learned_steps_max : config->learned_steps_max;
	engine.learned_threads =
		s->learned_threads_max ? s->learned_threads_max : config->learned_threads_max;
	c.forks = config->reset == RESET_FORK && config->mode == MODE_CAMPAIGN &&
		  config->exec_schedule == BOARD_NO_SCHEDULE;
	BOARD_STORE(s->reset,
		    config->reset == RESET_AUTO ? (uint32_t)RESET_SNAPSHOT : config->reset);
	BOARD_STORE(s->state, STATE_RUNNING);
	/* Constructors are over: what killed an earlier target may be recorded before the first
	 * schedule. */
	engine.phase = PHASE_SETTLING;
	c.batch_max = BOARD_BATCH;
	if (!c.forks) {
		/* A replay and a single schedule need it, too: they start over when the pool turns
		 * out too small. */
		error = regions_take();
		if (error)
			fallback("the program's memory could not be saved");
		c.batch_max = snapshot_batch_max();
		fmt(s->snapshot_method, sizeof(s->snapshot_method), "%s", snapshot_method_name());
	}
	if (config->mode == MODE_CAMPAIGN && config->exec_schedule != BOARD_NO_SCHEDULE &&
	    death_at(config->exec_schedule)) {
		batch_begin(config->exec_schedule / BOARD_BATCH);
		add_death(death_at(config->exec_schedule));
		batch_commit();
		campaign_leave(STATE_DONE, NULL);
	}
	if (config->mode == MODE_REPLAY || config->exec_schedule != BOARD_NO_SCHEDULE) {
		c.number = config->mode == MODE_REPLAY ? config->replay_schedule
						       : config->exec_schedule;
		schedule_begin(c.number, config->mode == MODE_REPLAY ? config->replay_seed
								     : seed_of(c.number));
		fiber_enter(&engine_fibers[0]);
	}
	c.batch = engine.learned_steps ? config->first_batch : 0;
	if (c.batch % config->workers != config->worker && c.batch != 0)
		c.batch += (config->worker + config->workers - c.batch % config->workers) %
			   config->workers;
	next_group(true);
	if (c.forks)
		fork_campaign();
	fiber_enter(begin());
}
