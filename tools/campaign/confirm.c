/* SPDX-License-Identifier: Apache-2.0 */
#include "campaign/confirm.h"

#include <stdlib.h>
#include <string.h>

#include "jostle/interrupt.h"
#include "jostle/say.h"
#include "record/place.h"
#include "report/confirmation.h"
#include "report/failure.h"

#define SHARE_OF_CAMPAIGN 4 /* a race may cost so much of the campaign's schedules, one part in */
#define SCHEDULES_LEAST   8
#define RESULTS_MAX       8 /* told of one order */

void confirm_begin(struct confirm *confirm, const struct exploration *exploration,
		   struct report *report, struct launch *launch)
{
	const struct plan *plan = &report->campaign.plan;
	const uint64_t planned =
		plan->schedules == BOARD_NO_SCHEDULE ? UINT64_MAX : plan->schedules;
	const uint64_t share = planned / SHARE_OF_CAMPAIGN;
	const uint64_t asked = exploration->options->confirm;

	*confirm = (struct confirm){ .exploration = exploration,
				     .report = report,
				     .launch = launch,
				     .schedules = asked < share ? asked : share,
				     .deadline_ns = UINT64_MAX };
	if (confirm->schedules < SCHEDULES_LEAST)
		confirm->schedules = asked < SCHEDULES_LEAST ? asked : SCHEDULES_LEAST;
	confirm->next_batch = (report->campaign.gather.schedules + BOARD_BATCH - 1) / BOARD_BATCH;
	if (confirm->next_batch == 0)
		confirm->next_batch = 1; /* batch 0 is for learning */
	if (plan->time_ns != UINT64_MAX)
		confirm->deadline_ns = clock_now_ns() + plan->time_ns / 2;
}

/* What a race is steered with; found of the campaign knows the scheduling points. */
struct aim {
	uint64_t places[2]; /* of the sites below */
	unsigned sites[2];
	uint64_t *points;
	size_t point_count;
};

static void add_point(struct aim *aim, uint64_t place)
{
	for (size_t i = 0; i < aim->point_count; i++)
		if (aim->points[i] == place)
			return;
	aim->points[aim->point_count++] = place;
}

static bool take_aim(const struct confirm *confirm, const struct story *story,
		     const struct verification *result, const struct board *board, struct aim *aim)
{
	const struct gather *gather = &confirm->report->campaign.gather;
	size_t count = 0, most = 0;

	*aim = (struct aim){ .points = NULL };
	for (unsigned i = 0; i < result->finding.site_count && count < 2; i++)
		if (result->finding.sites[i].role == SITE_ACCESS && result->finding.sites[i].pc) {
			aim->sites[count] = i;
			aim->places[count++] = place_of(board, result->finding.sites[i].pc);
		}
	if (count < 2 || story->site_count <= aim->sites[1])
		return false;
	/* The campaign learned its points early: whoever was found last knows them all. */
	for (size_t i = 1; i < gather->found_count; i++)
		if (gather->founds[i].decisions.point_count >
		    gather->founds[most].decisions.point_count)
			most = i;
	aim->points = calloc(gather->founds[most].decisions.point_count + 2, sizeof(*aim->points));
	if (!aim->points)
		abort();
	for (size_t i = 0; i < gather->founds[most].decisions.point_count; i++)
		add_point(aim, gather->founds[most].decisions.points[i]);
	add_point(aim, aim->places[0]);
	add_point(aim, aim->places[1]);
	return true;
}

/* The small campaign for one order. */
static void steer(struct confirm *confirm, const struct aim *aim, bool other_first,
		  struct campaign *campaign)
{
	const struct gather *gather = &confirm->report->campaign.gather;
	const uint64_t now_ns = clock_now_ns();
	struct plan plan = confirm->report->campaign.plan;

	plan.strategy = other_first ? "steer:other" : "steer:one";
	plan.reset = gather->reset;
	plan.first_batch = confirm->next_batch;
	plan.schedules = confirm->next_batch * BOARD_BATCH + confirm->schedules;
	if (confirm->deadline_ns != UINT64_MAX)
		plan.time_ns = confirm->deadline_ns > now_ns ? confirm->deadline_ns - now_ns : 1;
	else
		plan.time_ns = UINT64_MAX;
	plan.jobs = gather->reset == RESET_EXEC ? plan.jobs : 1;
	plan.until_first = 0;
	plan.verify_every = 0;
	plan.progress = false;
	plan.steer[0] = aim->places[0];
	plan.steer[1] = aim->places[1];
	plan.points = aim->points;
	plan.point_count = aim->point_count;
	plan.learned_steps_max =
		gather->learned_steps_max ? gather->learned_steps_max : gather->steps_max;
	plan.learned_threads_max =
		gather->learned_threads_max ? gather->learned_threads_max : gather->threads_max;
	confirm->next_batch += (confirm->schedules + BOARD_BATCH - 1) / BOARD_BATCH;
	campaign_run(campaign, &plan, confirm->launch);
}

static bool found_in(const struct found *founds, size_t count, uint64_t key)
{
	for (size_t i = 0; i < count; i++)
		if (founds[i].finding.key == key)
			return true;
	return false;
}

/* Takes what is in found; the campaign that it came from keeps nothing. */
static void keep_extra(struct confirm *confirm, struct found *found)
{
	const struct gather *gather = &confirm->report->campaign.gather;

	if (found_in(gather->founds, gather->found_count, found->finding.key) ||
	    found_in(confirm->extra, confirm->extra_count, found->finding.key))
		return;
	confirm->extra =
		reallocarray(confirm->extra, confirm->extra_count + 1, sizeof(*confirm->extra));
	if (!confirm->extra)
		abort();
	confirm->extra[confirm->extra_count++] = *found;
	found->decisions = (struct decisions){ 0 };
	found->output = NULL;
	found->output_size = 0;
}

/* One thing that the order led to: replayed, told in a file. False: it did not show again. */
static bool add_result(struct confirm *confirm, struct verifier *verifier, struct story *story,
		       struct confirmation_order *order, const struct found *found, uint64_t count,
		       unsigned *letter, int *code)
{
	struct pool *pool = &confirm->report->pool;
	const struct board *board = verifier->worker.slot.board;
	struct verification again = verify(verifier, found);
	struct confirmation_result *result = &order->results[order->result_count];
	struct symbols *symbols;
	struct story *told;

	if (again.verdict != VERDICT_EXACT && again.verdict != VERDICT_INEXACT)
		return false;
	symbols = symbols_new(pool, board);
	told = story_new(pool, symbols, found, &again, board, NULL);
	symbols_destroy(symbols);
	told->id = pool_format(pool, "%s%c", story->id, (char)('a' + (*letter)++));
	*result = (struct confirmation_result){ .id = told->id,
						.title = told->title,
						.text = told->text,
						.count = count,
						.seed = found->seed };
	if (found->finding.key != story->key)
		result->kind = told->kind;
	if (confirm->exploration->out &&
	    failure_write(pool, confirm->exploration->out, told, found, &confirm->report->campaign,
			  board, &result->file))
		*code = EXIT_USAGE;
	if (order->result_count++ == 0) {
		order->output = told->output;
		order->output_size = told->output_size;
	}
	return true;
}

static bool leads_somewhere(const struct found *found)
{
	return found->finding.kind != FINDING_RACE && found->finding.severity != SEVERITY_NOTE;
}

static int tell_order(struct confirm *confirm, struct verifier *verifier, struct story *story,
		      struct confirmation_order *order, struct campaign *campaign, unsigned *letter)
{
	struct pool *pool = &confirm->report->pool;
	struct gather *gather = &campaign->gather;
	int code = 0;

	order->schedules = gather->schedules;
	order->met = gather->steer_met;
	order->results = pool_new(pool, struct confirmation_result, RESULTS_MAX);
	order->outcomes = pool_new(pool, struct confirmation_outcome, gather->outcome_count);
	for (size_t i = 0; i < gather->outcome_count; i++)
		order->outcomes[order->outcome_count++] = (struct confirmation_outcome){
			.text = pool_text(pool, gather->outcomes[i].text),
			.count = gather->outcomes[i].count,
		};
	for (size_t i = 0; i < gather->found_count && order->result_count < RESULTS_MAX; i++) {
		struct found *found = &gather->founds[i];

		if (leads_somewhere(found) &&
		    add_result(confirm, verifier, story, order, found, found->count, letter, &code))
			keep_extra(confirm, found);
	}
	/* The race's own record is the first schedule in which the accesses met: it stands for
	 * those that came to nothing. */
	for (size_t i = 0; i < gather->found_count && order->result_count < RESULTS_MAX; i++)
		if (gather->founds[i].finding.key == story->key && gather->steer_harmless)
			add_result(confirm, verifier, story, order, &gather->founds[i],
				   gather->steer_harmless, letter, &code);
	return code;
}

int confirm_race(struct confirm *confirm, struct verifier *verifier, struct story *story,
		 const struct verification *result)
{
	struct pool *pool = &confirm->report->pool;
	struct confirmation *confirmation;
	unsigned letter = 0;
	uint64_t seen[2] = { 0, 0 };
	struct aim aim;
	int worst = 0;

	if (!confirm->schedules || confirm->races == CONFIRM_RACES_MAX || interrupt_count() ||
	    clock_now_ns() >= confirm->deadline_ns ||
	    !take_aim(confirm, story, result, verifier->worker.slot.board, &aim))
		return 0;
	confirm->races++;
	confirmation = pool_new(pool, struct confirmation, 1);
	confirmation->order_count = aim.places[0] == aim.places[1] ? 1 : 2;
	for (unsigned i = 0; i < confirmation->order_count; i++) {
		struct confirmation_order *order = &confirmation->orders[i];
		struct campaign campaign;

		order->first = aim.sites[i];
		order->second = aim.sites[1 - i];
		steer(confirm, &aim, i == 1, &campaign);
		if (tell_order(confirm, verifier, story, order, &campaign, &letter))
			worst = EXIT_USAGE;
		if (order->met)
			confirmation->status = CONFIRMATION_CONFIRMED;
		seen[0] += campaign.gather.steer_orders[0];
		seen[1] += campaign.gather.steer_orders[1];
		campaign_fini(&campaign);
	}
	if (confirmation->status == CONFIRMATION_UNCONFIRMED && seen[0] && seen[1])
		confirmation->status = CONFIRMATION_REVERSED;
	story->confirmation = confirmation;
	free(aim.points);
	return worst;
}

void confirm_link(struct confirm *confirm)
{
	struct report *report = confirm->report;

	for (size_t i = 0; i < report->story_count; i++) {
		const struct confirmation *confirmation = report->stories[i]->confirmation;

		for (size_t k = 0; confirmation && k < confirmation->order_count; k++)
			for (size_t r = 0; r < confirmation->orders[k].result_count; r++) {
				struct confirmation_result *result =
					&confirmation->orders[k].results[r];

				for (size_t s = 0; result->kind && s < report->story_count; s++)
					if (strcmp(report->stories[s]->title, result->title) == 0 &&
					    strcmp(report->stories[s]->text, result->text) == 0)
						result->finding = report->stories[s]->id;
			}
	}
}

void confirm_end(struct confirm *confirm)
{
	for (size_t i = 0; i < confirm->extra_count; i++) {
		decisions_fini(&confirm->extra[i].decisions);
		free(confirm->extra[i].output);
	}
	free(confirm->extra);
}
