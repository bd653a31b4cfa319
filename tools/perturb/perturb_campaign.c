/* SPDX-License-Identifier: Apache-2.0 */
/* One loop: start runs while there is work, wait for ends, look at those that take long. */
#include "perturb/perturb_campaign.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/interrupt.h"
#include "jostle/progress.h"
#include "jostle/say.h"
#include "perturb/perturb_words.h"

#define TICK_MS        20
#define STUCK_MAX      3 /* runs beyond the limit: each costs many times of it */
#define RERUNS         10
#define RERUNS_LEAST   3
#define RERUNS_MOST_NS 10000000000ULL

struct perturbed {
	struct campaign *campaign;
	struct perturb_run *runs;
	uint32_t run_count;
	struct perturb_learned learned;
	uint64_t next, started_ns;
	uint32_t strategy; /* PERTURB_STRATEGY_COUNT: the portfolio */
	unsigned stuck;
	bool closing;
};

static void close_campaign(struct perturbed *p, enum campaign_ending ending)
{
	if (!p->closing)
		p->campaign->ending = ending;
	p->closing = true;
}

static bool any_running(const struct perturbed *p)
{
	for (uint32_t i = 0; i < p->run_count; i++)
		if (p->runs[i].process.pid > 0)
			return true;
	return false;
}

static void start_idle(struct perturbed *p)
{
	const struct plan *plan = &p->campaign->plan;

	for (uint32_t i = 0; i < p->run_count && !p->closing && p->next < plan->schedules; i++) {
		struct perturb_config config;

		if (p->runs[i].process.pid > 0)
			continue;
		/* The first runs alone: all others depend on what it took. */
		if (p->next == 1 && any_running(p))
			return;
		config = p->strategy == PERTURB_STRATEGY_COUNT || p->next == 0
				 ? perturb_plan(plan->seed, p->next, &p->learned)
				 : perturb_plan_with(plan->seed, p->next, &p->learned, p->strategy);
		if (perturb_run_start(&p->runs[i], p->campaign->launch, p->next, &config, NULL)) {
			close_campaign(p, ENDED_FAILED);
			return;
		}
		p->next++;
	}
}

static bool shows_enough(const struct perturbed *p, const struct board *board)
{
	const uint32_t until_first = p->campaign->plan.until_first;

	for (uint32_t i = 0; until_first && i < board->status.finding_count; i++)
		if (board->findings[i].finding.severity + 1U >= until_first)
			return true;
	return false;
}

/* A program that the library was not loaded into (set-uid, or it cleared its environment before it
 * executed itself) is not perturbed, and must not pass for one. */
static void refuse(struct perturbed *p, const char *why)
{
	snprintf(p->campaign->refusal, sizeof(p->campaign->refusal), "%s", why);
	close_campaign(p, ENDED_REFUSED);
	p->campaign->ending = ENDED_REFUSED;
}

static void handle_end(struct perturbed *p, struct perturb_run *run)
{
	const bool attached = run->perturb.board->main_pid != 0;
	const char *refusal = NULL;

	perturb_run_judge(run, &p->campaign->plan, &p->learned);
	if (run->wrapper)
		refusal = run->wrapper->ended(run->wrapper->context, run);
	if (!refusal && !attached)
		refusal = "the preloaded library was not loaded into the program, so its threads "
			  "cannot be held up";
	if (refusal) {
		refuse(p, refusal);
		return;
	}
	gather_add(&p->campaign->gather, &run->slot);
	if (shows_enough(p, run->slot.board))
		close_campaign(p, ENDED_FIRST);
	if (run->hung == WATCH_STUCK && ++p->stuck >= STUCK_MAX)
		close_campaign(p, ENDED_HANGS);
}

static void wait_for_ends(struct perturbed *p)
{
	struct pollfd polled[JOBS_MAX + 1];
	struct perturb_run *running[JOBS_MAX];
	nfds_t count = 0;

	for (uint32_t i = 0; i < p->run_count; i++) {
		if (p->runs[i].process.pid <= 0)
			continue;
		running[count] = &p->runs[i];
		polled[count++] =
			(struct pollfd){ .fd = p->runs[i].process.pidfd, .events = POLLIN };
	}
	polled[count] = (struct pollfd){ .fd = interrupt_fd(), .events = POLLIN };
	if (poll(polled, count + 1, TICK_MS) <= 0)
		return;
	for (nfds_t i = 0; i < count; i++)
		if (polled[i].revents)
			handle_end(p, running[i]);
}

static void look_after(struct perturbed *p)
{
	struct campaign *campaign = p->campaign;
	const uint64_t now_ns = clock_now_ns();

	if (interrupt_count())
		close_campaign(p, ENDED_INTERRUPTED);
	if (now_ns - p->started_ns >= campaign->plan.time_ns)
		close_campaign(p, ENDED_TIME);
	for (uint32_t i = 0; i < p->run_count; i++)
		perturb_run_watch(&p->runs[i], &campaign->plan, &p->learned);
}

/* What has not ended when the campaign has: unless it takes but a moment more, it is not counted.
 */
static bool is_left_behind(const struct perturbed *p, uint64_t closed_ns)
{
	if (!p->closing)
		return false;
	return p->campaign->ending != ENDED_TIME || clock_now_ns() - closed_ns > 1000000000ULL;
}

static void run_all(struct perturbed *p)
{
	struct campaign *campaign = p->campaign;
	struct progress progress;
	uint64_t closed_ns = 0;

	progress_init(&progress, p->started_ns);
	for (;;) {
		start_idle(p);
		if (!any_running(p))
			break;
		wait_for_ends(p);
		look_after(p);
		if (p->closing && !closed_ns)
			closed_ns = clock_now_ns();
		if (is_left_behind(p, closed_ns))
			break;
		if (campaign->plan.progress)
			progress_show_runs(&progress, &campaign->gather, campaign->plan.schedules,
					   clock_now_ns());
	}
	if (campaign->plan.progress)
		progress_erase(&progress);
}

void perturb_campaign_run(struct campaign *campaign, const struct plan *plan, struct launch *launch)
{
	struct perturbed p = { .campaign = campaign,
			       .started_ns = clock_now_ns(),
			       .strategy = perturb_strategy_find(plan->strategy) };

	*campaign = (struct campaign){ .plan = *plan, .launch = launch };
	campaign->ending = ENDED_SCHEDULES;
	p.runs = calloc(plan->jobs, sizeof(*p.runs));
	if (!p.runs)
		abort();
	while (p.run_count < plan->jobs && !p.closing)
		if (perturb_run_open(&p.runs[p.run_count++]))
			close_campaign(&p, ENDED_FAILED);
	run_all(&p);
	for (uint32_t i = 0; i < p.run_count; i++)
		perturb_run_close(&p.runs[i]);
	free(p.runs);
	campaign->seconds = (double)(clock_now_ns() - p.started_ns) / 1e9;
	campaign->gather.reset = RESET_EXEC;
	gather_finish(&campaign->gather);
	process_sweep();
}

/* What the detector says of the run, if there is one. Returns whether the program was run. */
static bool hear(struct perturb_run *run)
{
	const char *refusal = run->wrapper ? run->wrapper->ended(run->wrapper->context, run) : NULL;

	if (refusal)
		say("%s", refusal);
	return !refusal;
}

/* False: interrupted. */
static bool run_to_end(struct perturb_run *run, const struct plan *plan)
{
	const struct perturb_learned unknown = { 0 };
	const unsigned interrupts = interrupt_count();

	for (;;) {
		struct pollfd polled[] = { { .fd = run->process.pidfd, .events = POLLIN },
					   { .fd = interrupt_fd(), .events = POLLIN } };

		poll(polled, 2, TICK_MS);
		if (polled[0].revents)
			break;
		if (interrupt_count() > interrupts) {
			process_kill(&run->process, NULL);
			return false;
		}
		perturb_run_watch(run, plan, &unknown);
	}
	perturb_run_judge(run, plan, NULL);
	return true;
}

static bool is_same(const struct finding *seen, const struct finding *wanted, bool rebuilt)
{
	if (rebuilt)
		return seen->kind == wanted->kind && seen->cause == wanted->cause;
	return seen->key == wanted->key;
}

static bool shows(const struct perturb_run *run, const struct found *found, bool rebuilt,
		  struct verification *result)
{
	const struct board *board = run->slot.board;

	for (uint32_t i = 0; i < board->status.finding_count; i++) {
		if (!is_same(&board->findings[i].finding, &found->finding, rebuilt))
			continue;
		result->finding = board->findings[i].finding;
		return true;
	}
	result->elsewise = board->status.finding_count;
	return false;
}

struct verification perturb_verify(struct perturb_run *run, struct launch *launch,
				   const struct plan *plan, const struct found *found, bool rebuilt)
{
	/* A run that is only too long costs the whole limit each time. */
	const unsigned most = found->finding.cause == CAUSE_NO_PROGRESS ? 2 : RERUNS;
	struct verification result = { .verdict = VERDICT_NOT_SHOWN, .diverged = UINT32_MAX };
	const uint64_t started_ns = clock_now_ns();
	static struct perturb_guide guide;
	struct perturb_config config;

	result.finding = found->finding;
	if (!perturb_from_words(&config, &guide, found->decisions.values,
				found->decisions.value_count)) {
		result.verdict = VERDICT_FAILED;
		return result;
	}
	while (result.runs < most) {
		if (result.runs >= RERUNS_LEAST && clock_now_ns() - started_ns > RERUNS_MOST_NS)
			break;
		if (perturb_run_start(run, launch, found->first_schedule, &config, &guide)) {
			result.verdict = VERDICT_FAILED;
			return result;
		}
		if (!run_to_end(run, plan)) {
			result.verdict = VERDICT_INTERRUPTED;
			return result;
		}
		if (!hear(run)) {
			result.verdict = VERDICT_FAILED;
			return result;
		}
		result.runs++;
		result.shown += shows(run, found, rebuilt, &result);
	}
	result.verdict = result.shown ? VERDICT_INEXACT : VERDICT_NOT_SHOWN;
	return result;
}

int perturb_check_options(const struct options *options)
{
	const char *given = options->reset           ? "--reset"
			    : options->workdir       ? "--workdir"
			    : options->nasty         ? "--nasty"
			    : options->kill          ? "--kill"
			    : options->with          ? "--with"
			    : options->keep_output   ? "--keep-output"
			    : options->step_bound    ? "--step-bound"
			    : options->threads_limit ? "--threads-limit"
			    : options->memory_limit  ? "--memory-limit"
						     : NULL;

	if (given)
		return say_error(EXIT_USAGE,
				 "%s: needs a controlled program; leave it out, or leave out "
				 "--level perturbed",
				 given);
	if (strcmp(options->strategy, "auto") != 0 &&
	    perturb_strategy_find(options->strategy) == PERTURB_STRATEGY_COUNT)
		return say_error(EXIT_USAGE,
				 "--strategy %s: --level perturbed has auto, delays, point, pct, "
				 "place, start, core, sleeps and native",
				 options->strategy);
	return 0;
}
