/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the board to the story. The order in which sites are named gives objects their numbers, so
 * it is: the finding's sites first, as the detector ordered them, then the events from the oldest
 * to the newest.
 */
#include "report/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/place.h"
#include "report/objects.h"
#include "report/story_parts.h"
#include "report/words.h"

#define THREADS_SHOWN 3 /* columns of the table */

/* Which of the accesses that the replay was asked for the site is; -1: none. */
static int find_access(const struct board *board, const struct finding_site *site)
{
	const struct board_config *config = &board->config;

	for (uint32_t i = 0; i < config->dump_access_count && i < BOARD_ACCESSES_MAX; i++)
		if (config->dump_accesses[i].thread == site->thread &&
		    config->dump_accesses[i].object == site->object &&
		    config->dump_accesses[i].place == place_of(board, site->pc))
			return (int)i;
	return -1;
}

/*
 * What is known of a place alone. A thread ends at no line: what stands there is the function that
 * it started with, whose first instruction is no return address.
 */
static size_t frames_at(struct symbols *symbols, const struct finding_site *from,
			struct frame *frames, size_t most)
{
	size_t count;

	if (!from->pc)
		return 0;
	if (from->op_kind != OP_THREAD_EXIT)
		return symbols_frames(symbols, from->pc, true, frames, most);
	count = symbols_frames(symbols, from->pc, false, frames, most);
	frames[0] = frames[count - 1];
	frames[0].file = NULL;
	frames[0].line = 0;
	return 1;
}

static void tell_site(struct pool *pool, struct symbols *symbols, struct objects *objects,
		      const struct board *board, const struct finding_site *from,
		      const struct story_given *given, struct story_site *site)
{
	const struct board_stack *stack;
	const enum op_family family = op_kind_family(from->op_kind);
	const int access = find_access(board, from);
	struct frame frames[16];

	*site = (struct story_site){ .role = from->role,
				     .op_kind = from->op_kind,
				     .thread = from->thread,
				     .step = from->step,
				     .size = from->size };
	site->object = objects_name_of(objects, from->object, from->op_kind);
	site->object2 =
		objects_name(objects, from->object2, family == FAMILY_COND ? FAMILY_MUTEX : family);
	if (given && given->frame_count) {
		site->frames = given->frames;
		site->frame_count = given->frame_count;
		site->place = given->place;
		story_give_locks(pool, objects, given, site);
		return;
	}
	if (access >= 0)
		stack = story_stack(board, from->thread, BOARD_STEP_ACCESS(access));
	else
		stack = from->role == SITE_WAITS ? story_stack(board, from->thread, UINT32_MAX)
						 : NULL;
	if (!stack)
		stack = story_stack(board, from->thread, from->step);
	if (stack)
		site->frame_count = story_unwind(pool, symbols, board, stack, &site->frames);
	if (!stack || !story_stack_fits(site->frames, site->frame_count, from->pc)) {
		struct frame *copy;

		site->frame_count = frames_at(symbols, from, frames, 16);
		copy = pool_new(pool, struct frame, site->frame_count);
		memcpy(copy, frames, site->frame_count * sizeof(*copy));
		site->frames = copy;
	}
	site->place = story_user_place(symbols, site->frames, site->frame_count);
	if (access >= 0 && from->role == SITE_ACCESS)
		story_tell_access(pool, objects, &board->seen_accesses[access], from->object, site);
}

static struct story_site *tell_sites(struct story *story, struct pool *pool,
				     struct symbols *symbols, struct objects *objects,
				     const struct finding *finding, const struct board *board,
				     const struct story_given *given)
{
	size_t count =
		finding->site_count < FINDING_SITES_MAX ? finding->site_count : FINDING_SITES_MAX;
	struct story_site *sites = pool_new(pool, struct story_site, count);

	for (size_t i = 0; i < count; i++)
		tell_site(pool, symbols, objects, board, &finding->sites[i],
			  given ? &given[i] : NULL, &sites[i]);
	/* When the other access of a race was made, only a replay that saw it can tell. */
	for (size_t i = 1; i < count; i++)
		if (sites[i].role == SITE_ACCESS && !sites[i].seen)
			sites[i].step = UINT32_MAX;
	story->sites = sites;
	story->site_count = count;
	return sites;
}

/* Where a thread was created is known by the stack of that step. */
static void tell_creations(const struct story *story, struct story_site *sites)
{
	for (size_t i = 0; i < story->site_count; i++) {
		const unsigned thread = sites[i].thread;

		if (sites[i].role == SITE_CREATED && thread < story->thread_count &&
		    story->threads[thread].creator != THREAD_NONE)
			sites[i].place = story->threads[thread].created;
	}
}

static bool waits_to_join(const struct story_site *site)
{
	return site->op_kind == OP_THREAD_JOIN;
}

bool story_is_core(const struct story *story, const struct story_site *site)
{
	if (site->role == SITE_CREATED)
		return false;
	if (site->role != SITE_WAITS || !waits_to_join(site))
		return true;
	for (size_t i = 0; i < story->site_count; i++)
		if (story->sites[i].role == SITE_WAITS && !waits_to_join(&story->sites[i]))
			return false;
	return true;
}

/*
 * What an outcome, a crash or a failed assertion is about is what all threads did before, not the
 * last step of the one that noticed. Shown as long as there is room for a column each; main, which
 * mostly creates and joins, only if it is one of those few.
 */
static void involve_everybody(const struct finding *finding, struct story_thread *threads,
			      size_t count)
{
	switch (finding->kind) {
	case FINDING_ASSERT:
	case FINDING_CRASH:
	case FINDING_EXIT:
	case FINDING_INVARIANT:
	case FINDING_OUTCOME:
		break;
	default:
		return;
	}
	if (count < 2 || count > 1 + THREADS_SHOWN)
		return;
	for (size_t i = 0; i < count; i++)
		threads[i].involved = i > 0 || count <= THREADS_SHOWN - 1;
	if (finding->kind != FINDING_OUTCOME && finding->thread == 0 && count <= THREADS_SHOWN)
		threads[0].involved = true;
}

static void tell_threads(struct story *story, struct pool *pool, struct symbols *symbols,
			 const struct finding *finding, const struct board *board,
			 const struct event *events, size_t event_count)
{
	struct story_thread *threads;
	bool any_involved = false;
	size_t count = 1;

	for (size_t i = 0; i < event_count; i++)
		if (events[i].thread != THREAD_NONE && events[i].thread < THREADS_MAX &&
		    events[i].thread >= count)
			count = events[i].thread + 1U;
	for (size_t i = 0; i < story->site_count; i++)
		if (story->sites[i].thread < THREADS_MAX && story->sites[i].thread >= count)
			count = story->sites[i].thread + 1U;
	for (uint32_t i = 0; i < board->status.stack_count && i < BOARD_STACKS_MAX; i++)
		if (board->stacks[i].thread < THREADS_MAX && board->stacks[i].thread >= count)
			count = board->stacks[i].thread + 1U;
	threads = pool_new(pool, struct story_thread, count);
	for (size_t i = 0; i < count; i++) {
		const struct board_stack *stack = story_stack(board, (unsigned)i, UINT32_MAX);

		threads[i].id = (unsigned)i;
		threads[i].name = "";
		threads[i].creator = THREAD_NONE;
		threads[i].alive = stack != NULL;
		if (stack)
			threads[i].frame_count =
				story_unwind(pool, symbols, board, stack, &threads[i].frames);
	}
	for (size_t i = 0; i < story->site_count; i++) {
		const struct finding_site *site = &finding->sites[i];

		if (site->thread >= count)
			continue;
		threads[site->thread].involved |= story_is_core(story, &story->sites[i]);
		if (site->thread_name[0])
			threads[site->thread].name =
				pool_bytes(pool, site->thread_name,
					   strnlen(site->thread_name, sizeof(site->thread_name)));
	}
	for (size_t i = 0; i < count; i++)
		any_involved |= threads[i].involved;
	if (!any_involved && finding->thread < count)
		threads[finding->thread].involved = true;
	involve_everybody(finding, threads, count);
	story->threads = threads;
	story->thread_count = count;
}

const char *story_thread_label(struct pool *pool, const struct story *story, unsigned thread)
{
	const char *name = thread < story->thread_count ? story->threads[thread].name : "";

	if (thread == THREAD_NONE)
		return "a thread";
	if (thread == 0 && !name[0])
		name = "main";
	return pool_format(pool, "T%u%s%s", thread, name[0] ? " " : "", name);
}

static const char *replay_word(struct pool *pool, const struct verification *result)
{
	if (result->verdict == VERDICT_EXACT)
		return "exact";
	if (result->runs > 1 || (result->runs == 1 && result->verdict == VERDICT_NOT_SHOWN))
		return pool_format(pool, "%u of %u", result->shown, result->runs);
	return "inexact";
}

struct story *story_new(struct pool *pool, struct symbols *symbols, const struct found *found,
			const struct verification *result, const struct board *board,
			const struct story_given *given)
{
	struct story *story = pool_new(pool, struct story, 1);
	const struct finding *finding = &result->finding;
	const struct words words = words_of(finding);
	struct objects *objects = calloc(1, sizeof(*objects));
	struct story_site *sites;
	/* Another detector numbers threads by itself. */
	const struct event *events = given ? NULL : board_bytes(board, board->status.events);
	const size_t event_count = events ? board->status.events.size / sizeof(*events) : 0;

	if (!objects)
		abort();
	objects->pool = pool;
	objects->symbols = symbols;
	objects->board = board;
	story->kind = finding_kind_name(finding->kind);
	story->cause = finding_cause_name(finding->cause);
	story->severity = severity_name(finding->severity);
	story->severity_level = finding->severity;
	story->advice = words.advice;
	story->text =
		pool_bytes(pool, finding->text, strnlen(finding->text, sizeof(finding->text)));
	story->key = finding->key;
	story->first_schedule = found->first_schedule;
	story->count = found->count;
	story->seed = found->seed;
	story->event_hash = found->event_hash;
	story->steps = found->steps;
	story->strategy = pool_text(pool, found->strategy);
	story->replay = replay_word(pool, result);
	story->older_loads = found->finding.older_loads;
	story->output = pool_bytes(pool, found->output ? found->output : "", found->output_size);
	story->output_size = found->output_size;
	sites = tell_sites(story, pool, symbols, objects, finding, board, given);
	tell_threads(story, pool, symbols, finding, board, events, event_count);
	story_tell_events(story, pool, objects, finding, events, event_count);
	tell_creations(story, sites);
	story->headline = story_headline(pool, story, finding, words.headline);
	story->title = story_title(pool, story);
	free(objects);
	return story;
}
