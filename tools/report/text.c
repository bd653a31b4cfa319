/* SPDX-License-Identifier: Apache-2.0 */
/* A finding for people: title, what happened, who waits for what, the interleaving, stacks, output,
 * how to see it again. */
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "report/source.h"
#include "report/story_parts.h"

#define OUTPUT_TAIL \
	1000 /* bytes of the schedule's output that are shown unless all are asked for */
#define STACKS_SHOWN 6
#define FRAMES_SHOWN 16

static const char *place_text(struct pool *pool, const struct frame *place)
{
	const char *function = place->function;

	if (place->file && function)
		return pool_format(pool, "%s:%u in %s()", source_short(place->file), place->line,
				   function);
	if (place->file)
		return pool_format(pool, "%s:%u", source_short(place->file), place->line);
	if (function)
		return pool_format(pool, "%s() in %s", function,
				   place->module ? source_base(place->module) : "?");
	if (place->module)
		return pool_format(pool, "%s+0x%llx", source_base(place->module),
				   (unsigned long long)place->offset);
	return NULL;
}

/* Beside a sentence the file's name is enough; the stacks have the path. */
static const char *place_near(struct pool *pool, const struct frame *place)
{
	struct frame near = *place;

	if (near.file && source_short(near.file) == near.file)
		near.file = source_base(near.file);
	return place_text(pool, &near);
}

/* The thread's last operation says something of what the operation itself did wrong, and nothing of
 * a crash. */
static bool is_about_operations(const struct story *story)
{
	static const char *const kinds[] = { "crash",   "exit", "assert",   "invariant",
					     "outcome", "hang", "livelock", "starvation" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(story->kind, kinds[i]) == 0)
			return false;
	return true;
}

static const char *site_text(struct pool *pool, const struct story *story,
			     const struct story_site *site)
{
	const char *object = site->object ? site->object : "", *op = op_kind_text(site->op_kind);
	const char *operation = pool_format(pool, "%s%s%s", op, object[0] ? " " : "", object);

	switch (site->role) {
	case SITE_WAITS:
		return pool_format(pool, "waits: %s", operation);
	case SITE_HOLDS:
		return pool_format(pool, "holds %s%s", object[0] ? object : "a lock",
				   site->frame_count ? ", taken" : "");
	case SITE_FIRST:
		return site->op_kind == OP_NONE ? "earlier"
						: pool_format(pool, "earlier: %s", operation);
	case SITE_CREATED:
		return "was created";
	case SITE_ACCESS:
		return pool_format(pool, "%s %s, %u byte%s%s%s,", op, object[0] ? object : "memory",
				   site->size, site->size == 1 ? "" : "s",
				   site->value ? ", value " : "", site->value ? site->value : "");
	case SITE_ALLOCATED:
		return site->size ? pool_format(pool, "allocated the %u byte%s that hold it",
						site->size, site->size == 1 ? "" : "s")
				  : "allocated what holds it";
	case SITE_AFTER:
		return "accesses it, too, some time after";
	case SITE_BEFORE:
		return "and before";
	case SITE_ENDED:
		return object[0] ? pool_format(pool, "ended while holding %s", object) : "ended";
	case SITE_EDGE:
		return pool_format(pool, "%s while holding %s,", operation,
				   site->object2 ? site->object2 : "another lock");
	default:
		return site->op_kind == OP_NONE || !is_about_operations(story) ? "" : operation;
	}
}

static void tell_locks(struct pool *pool, const struct story_site *site, struct page *page)
{
	for (size_t i = 0; i < site->lock_count; i++) {
		const struct story_lock *lock = &site->locks[i];
		const char *place = place_near(pool, &lock->place);

		page_add(page, "      ");
		page_wrap(page, 8,
			  pool_format(pool, "holding %s%s%s%s",
				      lock->object ? lock->object : "a lock",
				      lock->shared ? " to read" : "", place ? ", taken at " : "",
				      place ? place : ""));
	}
	if (site->locks_known && !site->lock_count)
		page_add(page, "      holding no lock\n");
}

static void tell_sites(struct pool *pool, const struct story *story, struct page *page)
{
	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];
		const bool nowhere = site->role == SITE_ENDED && !site->place.line;
		const char *place = nowhere ? NULL : place_near(pool, &site->place);
		const char *text = site_text(pool, story, site);

		if (!text[0] && !place)
			continue;
		page_add(page, "  %s ", story_thread_label(pool, story, site->thread));
		page_wrap(page, 6, place ? pool_format(pool, "%s at %s", text, place) : text);
		tell_locks(pool, site, page);
	}
}

/* Of a race, who the threads are: they are told apart by where they come from. */
static void tell_creators(struct pool *pool, const struct story *story, struct page *page)
{
	if (strcmp(story->kind, "race") != 0)
		return;
	for (size_t i = 0; i < story->thread_count; i++) {
		const struct story_thread *thread = &story->threads[i];
		const char *place = place_near(pool, &thread->created);

		if (!thread->involved || thread->creator == THREAD_NONE || !place)
			continue;
		page_add(page, "  %s ", story_thread_label(pool, story, thread->id));
		page_wrap(page, 6,
			  pool_format(pool, "was created by %s at %s",
				      story_thread_label(pool, story, thread->creator), place));
	}
}

static void tell_frames(struct pool *pool, const struct frame *frames, size_t count,
			struct page *page)
{
	for (size_t i = 0; i < count && i < FRAMES_SHOWN; i++) {
		const char *place = place_text(pool, &frames[i]);

		page_add(page, "    #%-2zu %s%s\n", i,
			 place ? place
			       : pool_format(pool, "0x%llx", (unsigned long long)frames[i].pc),
			 frames[i].inlined ? " (inlined)" : "");
	}
	if (count > FRAMES_SHOWN)
		page_add(page, "    ... %zu more\n", count - FRAMES_SHOWN);
}

/* The threads that take part first: with a hundred threads the others would bury them. */
static void tell_stacks(struct pool *pool, const struct story *story, struct page *page)
{
	size_t shown = 0, left = 0;

	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];

		/* What waits stands in the stacks at the end; what is one line is told already. */
		if (site->role == SITE_WAITS || (site->step == UINT32_MAX && !story->tool) ||
		    site->frame_count < 2 || !story_is_core(story, site))
			continue;
		if (shown++ >= STACKS_SHOWN)
			continue;
		page_add(page, "  %s", story_thread_label(pool, story, site->thread));
		if (site->step != UINT32_MAX)
			page_add(page, ", step %u", site->step);
		page_add(page, "%s%s\n", site_text(pool, story, site)[0] ? ": " : "",
			 site_text(pool, story, site));
		tell_frames(pool, site->frames, site->frame_count, page);
	}
	if (shown > STACKS_SHOWN) {
		left = shown - STACKS_SHOWN;
		shown = STACKS_SHOWN;
	}
	for (int involved = 1; involved >= 0; involved--)
		for (size_t i = 0; i < story->thread_count; i++) {
			const struct story_thread *thread = &story->threads[i];

			if (thread->involved != (bool)involved || !thread->frame_count)
				continue;
			if (shown == 2 * STACKS_SHOWN) {
				left++;
				continue;
			}
			shown++;
			page_add(page, "  %s, at the end\n",
				 story_thread_label(pool, story, thread->id));
			tell_frames(pool, thread->frames, thread->frame_count, page);
		}
	if (left)
		page_add(page, "  ... and %zu more stacks, all in the failure file\n", left);
	if (shown)
		page_add(page, "\n");
}

static void tell_output(const struct story *story, bool all, struct page *page)
{
	size_t skipped = 0;

	if (!story->output_size)
		return;
	if (!all && story->output_size > OUTPUT_TAIL)
		skipped = story->output_size - OUTPUT_TAIL;
	page_add(page, "  It wrote%s:\n", skipped ? " (the end; --show-output shows all)" : "");
	page_output(page, "    | ", story->output + skipped, story->output_size - skipped);
	page_add(page, "\n");
}

static enum page_style severity_style(const struct story *story)
{
	if (story->suppressed || story->in_baseline || story->severity_level == SEVERITY_NOTE)
		return STYLE_DIM;
	return story->severity_level == SEVERITY_ERROR ? STYLE_BAD : STYLE_WARN;
}

/* "helgrind 8 of 10, drd 0 of 10"; "" for one detector. */
static const char *below_text(struct pool *pool, const struct story *story)
{
	const char *text = "";

	for (size_t i = 0; story->below_count > 1 && i < story->below_count; i++)
		text = pool_format(pool, "%s%s%s %llu of %llu", text, i ? ", " : "",
				   story->below[i].tool, (unsigned long long)story->below[i].shown,
				   (unsigned long long)story->below[i].runs);
	return text;
}

static void tell_runs(struct pool *pool, const struct story *story, struct page *page)
{
	const char *below = below_text(pool, story);

	page_add(page, "  ");
	page_wrap(page, 2,
		  pool_format(pool,
			      "%s; in %s runs%s%s, first%s%s in run %llu, of seed 0x%016llx%s",
			      story->severity, story->replay, below[0] ? ": " : "", below,
			      below[0] ? " below " : "", below[0] ? story->tool : "",
			      (unsigned long long)story->first_schedule,
			      (unsigned long long)story->seed,
			      story->in_baseline ? "; in the baseline" : ""));
	page_add(page, "\n");
}

static void tell_numbers(struct pool *pool, const struct story *story, struct page *page)
{
	char first[32], count[32], all[32];

	format_count(first, sizeof(first), story->first_schedule);
	format_count(count, sizeof(count), story->count);
	format_count(all, sizeof(all), story->schedules);
	page_add(page, "  ");
	if (story->steered) {
		page_wrap(page, 2,
			  pool_format(pool,
				      "%s; shown while a race was confirmed, in %s of %s steered "
				      "schedules; replay %s%s",
				      story->severity, count, all, story->replay,
				      story->in_baseline ? "; in the baseline" : ""));
		page_add(page, "\n");
		return;
	}
	page_wrap(page, 2,
		  pool_format(pool, "%s; first in schedule %s, in %s%s%s schedules; replay %s%s",
			      story->severity, first, count, story->schedules ? " of " : "",
			      story->schedules ? all : "", story->replay,
			      story->in_baseline ? "; in the baseline" : ""));
	page_add(page, "\n");
}

static void tell_weak_memory(struct pool *pool, const struct story *story, struct page *page)
{
	if (!story->older_loads)
		return;
	page_add(page, "  ");
	page_wrap(page, 4,
		  pool_format(pool,
			      "Weak memory: %u atomic load%s before it read an older value, as the "
			      "memory orders allow; none does with --memory-model sc",
			      story->older_loads, story->older_loads == 1 ? "" : "s"));
}

void story_text(struct pool *pool, const struct story *story, bool all_output, struct page *page)
{
	page_style(page, severity_style(story));
	page_add(page, "%s", story->id);
	page_style(page, STYLE_PLAIN);
	page_add(page, "  ");
	page_style(page, STYLE_TITLE);
	page_wrap(page, 4, story->title);
	page_style(page, STYLE_PLAIN);
	if (story->tool)
		tell_runs(pool, story, page);
	else
		tell_numbers(pool, story, page);
	page_add(page, "  ");
	page_wrap(page, 2, story->headline);
	tell_sites(pool, story, page);
	tell_creators(pool, story, page);
	tell_weak_memory(pool, story, page);
	if (story->advice) {
		page_add(page, "  Usually helps: ");
		page_wrap(page, 4, story->advice);
	}
	page_add(page, "\n");
	confirmation_text(pool, story, page);
	story_table(pool, story, page);
	if (story->event_count)
		page_add(page, "\n");
	tell_stacks(pool, story, page);
	tell_output(story, all_output, page);
	if (story->file)
		page_add(page, "  See it again: jostle replay %s\n\n", story->file);
}

/* Are both the same lines told again? */
static bool same_fold(const struct story *a, const struct story *b)
{
	return a->folded_into && b->folded_into && !a->suppressed && !b->suppressed &&
	       !a->in_baseline && !b->in_baseline && strcmp(a->folded_into, b->folded_into) == 0 &&
	       strcmp(a->folded_as, b->folded_as) == 0 && strcmp(a->title, b->title) == 0 &&
	       a->severity_level == b->severity_level;
}

static bool told_with_another(const struct report *report, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_fold(report->stories[i], report->stories[at]))
			return true;
	return false;
}

/* What is told again of one line may be fifty findings of a library's inside: "F3, F5 to F9". */
static const char *ids_of(struct pool *pool, const struct report *report, size_t at)
{
	const struct story *first = report->stories[at];
	const char *ids = first->id;
	size_t last = at, i = at + 1;

	for (; i <= report->story_count; i++) {
		const bool same = i < report->story_count && same_fold(report->stories[i], first);

		if (same && last == i - 1) {
			last = i;
			continue;
		}
		if (last > at)
			ids = pool_format(pool, "%s%s%s", ids, last == at + 1 ? ", " : " to ",
					  report->stories[last]->id);
		while (i < report->story_count && !same_fold(report->stories[i], first))
			i++;
		if (i >= report->story_count)
			break;
		ids = pool_format(pool, "%s, %s", ids, report->stories[i]->id);
		at = last = i;
	}
	return ids;
}

static void one_line(struct pool *pool, const struct story *story, const char *ids,
		     struct page *page)
{
	const char *below = below_text(pool, story);

	page_style(page, severity_style(story));
	page_add(page, "%s", ids);
	page_style(page, STYLE_PLAIN);
	page_add(page, " %s: %s", story->severity, story->title);
	if (below[0])
		page_add(page, "; %s", below);
	if (story->suppressed)
		page_add(page, "; suppressed by %s", story->suppressed);
	if (story->in_baseline)
		page_add(page, "; in the baseline");
	if (story->folded_into)
		page_add(page, "; %s %s", story->folded_as, story->folded_into);
	if (story->file)
		page_add(page, "; jostle replay %s", story->file);
	page_add(page, "\n");
}

void report_text(const struct report *report, struct page *page)
{
	const bool quiet = report->options->quiet;
	struct pool pool = { NULL };
	bool lines = false; /* the last story was told in one */

	for (size_t i = 0; i < report->story_count; i++) {
		const struct story *story = report->stories[i];

		/* Suppressed ones and notes are named, so that nothing is silent, but not told. */
		lines = quiet || story->suppressed || story->folded_into ||
			story->severity_level == SEVERITY_NOTE;
		if (lines && told_with_another(report, i))
			continue;
		if (lines)
			one_line(&pool, story, ids_of(&pool, report, i), page);
		else
			story_text(&pool, story, report->options->show_output, page);
	}
	if (lines && !quiet)
		page_add(page, "\n");
	if (!quiet)
		report_ending(report, page);
	pool_fini(&pool);
}
