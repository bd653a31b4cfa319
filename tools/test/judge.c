/* SPDX-License-Identifier: Apache-2.0 */
/* A site counts when it lies in the case's own file: the runner's and libc's lines carry no marks.
 */
#include "test/judge.h"

#include <stdio.h>
#include <string.h>

#include "report/source.h"

static bool is_in_file(const struct case_entry *entry, const struct frame *frame)
{
	size_t length = strlen(entry->file), given = frame->file ? strlen(frame->file) : 0;

	if (given < length || strcmp(frame->file + given - length, entry->file) != 0)
		return false;
	return given == length || frame->file[given - length - 1] == '/';
}

/* The innermost line in the case's file: a mark stands there, not in a helper of the system below
 * it. */
static const struct frame *case_frame(const struct case_entry *entry, const struct story_site *site)
{
	for (size_t i = 0; i < site->frame_count; i++)
		if (is_in_file(entry, &site->frames[i]))
			return &site->frames[i];
	return is_in_file(entry, &site->place) ? &site->place : NULL;
}

static bool is_marked(const struct case_entry *entry, unsigned line)
{
	for (size_t i = 0; i < entry->mark_count; i++)
		if (entry->marks[i].line == line)
			return true;
	return false;
}

static bool site_shows(const struct case_entry *entry, const struct story_site *site, unsigned line)
{
	for (size_t i = 0; i < site->frame_count; i++)
		if (is_in_file(entry, &site->frames[i]) && site->frames[i].line == line)
			return true;
	return false;
}

static bool has_site(const struct case_entry *entry, const struct story *story)
{
	for (size_t i = 0; i < story->site_count; i++)
		if (case_frame(entry, &story->sites[i]))
			return true;
	return false;
}

/*
 * A wrong outcome is seen at the end, when no thread stands anywhere: such a finding has no place
 * of its own and shows the steps that led to it.
 */
static bool steps_show(const struct case_entry *entry, const struct story *story, unsigned line)
{
	for (size_t i = 0; i < story->event_count; i++)
		if (is_in_file(entry, &story->events[i].place) &&
		    story->events[i].place.line == line)
			return true;
	return false;
}

static bool is_hit(const struct case_entry *entry, const struct case_mark *mark,
		   struct story *const *stories, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(stories[i]->kind, entry->expect) != 0)
			continue;
		for (size_t k = 0; k < stories[i]->site_count; k++)
			if (site_shows(entry, &stories[i]->sites[k], mark->line))
				return true;
		if (!has_site(entry, stories[i]) && steps_show(entry, stories[i], mark->line))
			return true;
	}
	return false;
}

static void fail(struct case_result *result, const char *why)
{
	if (result->verdict == CASE_FAILED)
		return; /* the first reason is the one to look at */
	result->verdict = CASE_FAILED;
	snprintf(result->why, sizeof(result->why), "%s", why);
}

/* An outcome's text is what was observed, with the reason behind it in parentheses. */
static bool is_listed(const struct case_entry *entry, const struct story *story)
{
	for (size_t i = 0; i < entry->outcome_count; i++) {
		size_t length = strlen(entry->outcomes[i]);

		if (strncmp(story->text, entry->outcomes[i], length) == 0 &&
		    (!story->text[length] || strncmp(story->text + length, " (", 2) == 0))
			return true;
	}
	return false;
}

/* What the case says that its bug is, or leads to. An outcome must be one that it lists. */
static bool is_declared(const struct case_entry *entry, const struct story *story)
{
	if (strcmp(story->kind, "outcome") == 0 && !is_listed(entry, story))
		return false;
	return strcmp(story->kind, entry->expect) == 0 || case_has_word(entry->also, story->kind);
}

static void check_marks(const struct case_entry *entry, struct story *const *stories, size_t count,
			struct case_result *result)
{
	char why[200];

	for (size_t i = 0; i < entry->mark_count; i++) {
		if (!entry->marks[i].must || entry->marks[i].gone ||
		    is_hit(entry, &entry->marks[i], stories, count))
			continue;
		result->may_improve = true;
		snprintf(why, sizeof(why), "no finding shows the marked line %s:%u (%s)",
			 source_base(entry->file), entry->marks[i].line, entry->marks[i].text);
		fail(result, why);
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_declared(entry, stories[i]))
			continue;
		for (size_t k = 0; k < stories[i]->site_count; k++) {
			const struct frame *frame = case_frame(entry, &stories[i]->sites[k]);

			if (!frame || stories[i]->sites[k].role == SITE_CREATED ||
			    is_marked(entry, frame->line))
				continue;
			snprintf(why, sizeof(why), "%s shows %s:%u, which is not marked",
				 stories[i]->id, source_base(entry->file), frame->line);
			fail(result, why);
		}
	}
}

static const struct story *best_story(const struct case_entry *entry, struct story *const *stories,
				      size_t count)
{
	const struct story *kind = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(stories[i]->kind, entry->expect) != 0)
			continue;
		if (!entry->cause || strcmp(stories[i]->cause, entry->cause) == 0)
			return stories[i];
		if (!kind)
			kind = stories[i];
	}
	return kind;
}

/* One that the case does not declare: the worst first, since a note never fails a case. */
static const struct story *other_story(const struct case_entry *entry, struct story *const *stories,
				       size_t count, unsigned least)
{
	const struct story *worst = NULL;

	for (size_t i = 0; i < count; i++)
		if (stories[i]->severity_level >= least && !is_declared(entry, stories[i]) &&
		    (!worst || stories[i]->severity_level > worst->severity_level))
			worst = stories[i];
	return worst;
}

static void show_story(struct case_result *result, const struct story *story)
{
	snprintf(result->kind, sizeof(result->kind), "%s", story->kind);
	snprintf(result->cause, sizeof(result->cause), "%s", story->cause);
	snprintf(result->title, sizeof(result->title), "%s", story->title);
	result->first_schedule = story->first_schedule;
}

static void judge_broken(const struct case_entry *entry, struct story *const *stories, size_t count,
			 struct case_result *result)
{
	const struct story *best = best_story(entry, stories, count);
	/* A lock-order warning beside the deadlock it warned of is right. */
	const struct story *other = other_story(entry, stories, count, SEVERITY_ERROR);
	char why[200];

	if (!best) {
		result->may_improve = true;
		if (other)
			show_story(result, other);
		snprintf(why, sizeof(why), "%s instead of %s",
			 other ? other->title : "nothing was found", entry->expect);
		fail(result, why);
		return;
	}
	show_story(result, best);
	if (entry->cause && strcmp(best->cause, entry->cause) != 0) {
		snprintf(why, sizeof(why), "the cause is %s instead of %s",
			 best->cause[0] ? best->cause : "not named", entry->cause);
		result->may_improve = true;
		fail(result, why);
	}
	if (other) {
		snprintf(why, sizeof(why), "found as well: %s", other->title);
		fail(result, why);
	}
	check_marks(entry, stories, count, result);
}

static void judge_fixed(const struct case_entry *entry, struct story *const *stories, size_t count,
			struct case_result *result)
{
	const struct story *other = other_story(entry, stories, count, SEVERITY_WARNING);
	char why[200];

	if (!other)
		return;
	show_story(result, other);
	snprintf(why, sizeof(why), "accused: %s", other->title);
	fail(result, why);
}

static void clear(struct case_result *result)
{
	result->verdict = CASE_OK;
	result->may_improve = false;
	result->why[0] = result->kind[0] = result->cause[0] = result->title[0] = '\0';
}

void judge_case(const struct case_entry *entry, struct story *const *stories, size_t count,
		struct case_result *result)
{
	clear(result);
	if (strcmp(entry->expect, "pass") == 0)
		judge_fixed(entry, stories, count, result);
	else
		judge_broken(entry, stories, count, result);
	if (!entry->known_gap)
		return;
	if (result->verdict == CASE_FAILED && !best_story(entry, stories, count)) {
		result->verdict = CASE_GAP;
		snprintf(result->why, sizeof(result->why), "%s", entry->known_gap);
	} else if (result->verdict == CASE_OK) {
		fail(result, "is declared as a known gap, but is found now: remove .known_gap");
	}
}

bool kind_shows_on_threads(const char *kind)
{
	static const char *const kinds[] = { "deadlock", "livelock", "hang",      "assert",
					     "crash",    "exit",     "invariant", "outcome" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

bool judge_is_bug(const struct case_entry *entry, const struct story *story)
{
	if (is_declared(entry, story))
		return true;
	if (!kind_shows_on_threads(entry->expect))
		return kind_shows_on_threads(story->kind);
	return strcmp(story->kind, "hang") == 0 &&
	       (strcmp(entry->expect, "deadlock") == 0 || strcmp(entry->expect, "livelock") == 0);
}

/* Who signalled whom before is not known there: a cause may say no more than what is waited for. */
static bool cause_fits(const struct case_entry *entry, const struct story *story)
{
	static const char *const coarse[] = { "no-signal", "semaphore", "barrier", "pipe" };

	if (!entry->cause || strcmp(story->kind, entry->expect) != 0 ||
	    strcmp(story->cause, entry->cause) == 0)
		return true;
	for (size_t i = 0; i < sizeof(coarse) / sizeof(coarse[0]); i++)
		if (strcmp(story->cause, coarse[i]) == 0)
			return true;
	return false;
}

static void judge_not_seen(const struct case_entry *entry, struct case_result *result)
{
	result->verdict = CASE_NOT_SEEN;
	if (!kind_shows_on_threads(entry->expect))
		snprintf(result->why, sizeof(result->why),
			 "this level does not look for %s, only for what it leads to",
			 entry->expect);
}

void judge_case_on_threads(const struct case_entry *entry, struct story *const *stories,
			   size_t count, struct case_result *result)
{
	const struct story *best = best_story(entry, stories, count);
	const struct story *shown = best;
	char why[200];

	clear(result);
	if (strcmp(entry->expect, "pass") == 0) {
		judge_fixed(entry, stories, count, result);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (stories[i]->severity_level < SEVERITY_WARNING)
			continue;
		if (!judge_is_bug(entry, stories[i])) {
			show_story(result, stories[i]);
			snprintf(why, sizeof(why), "%s instead of %s", stories[i]->title,
				 entry->expect);
			fail(result, why);
			return;
		}
		if (!shown)
			shown = stories[i];
	}
	if (!shown) {
		judge_not_seen(entry, result);
		return;
	}
	show_story(result, shown);
	if (!cause_fits(entry, shown)) {
		snprintf(why, sizeof(why), "the cause is %s instead of %s", shown->cause,
			 entry->cause);
		fail(result, why);
	}
}
