/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which steps the table shows. A schedule may have a hundred thousand steps; those that explain a
 * finding are the last ones of the threads that take part, and the steps that its sites name
 * however long ago they were.
 */
#include <stdlib.h>

#include "report/story_parts.h"

static bool is_involved(const struct story *story, unsigned thread)
{
	return thread < story->thread_count && story->threads[thread].involved;
}

static bool is_site_step(const struct story *story, const struct event *event)
{
	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];

		if (site->role != SITE_WAITS && site->step == event->step &&
		    site->thread == event->thread && story_is_core(story, site))
			return true;
	}
	return false;
}

/* created: how many threads had been created before. They are numbered in that order. */
static const char *what_happened(struct pool *pool, struct objects *objects,
				 const struct event *event, unsigned created)
{
	const char *text = op_kind_text(event->kind);
	const char *object = objects_name_of(objects, event->object, event->kind);

	switch (event->kind) {
	case OP_THREAD_CREATE:
		return event->result ? "fails to create a thread"
				     : pool_format(pool, "creates T%u",
						   event->aux ? event->aux : created + 1);
	case OP_FORK:
		return event->aux ? pool_format(pool, "forks T%u", event->aux) : "fails to fork";
	case OP_THREAD_JOIN:
	case OP_THREAD_TRYJOIN:
	case OP_THREAD_DETACH:
	case OP_THREAD_CANCEL:
		return pool_format(pool, "%s T%u%s", text, event->aux,
				   event->result ? ", fails" : "");
	case OP_COND_WAIT:
		return pool_format(pool, "%s %s",
				   event->aux & EVENT_AUX_STAGE       ? text
				   : event->aux & EVENT_AUX_TIMED_OUT ? "times out on"
								      : "is woken from",
				   object ? object : "");
	case OP_COND_SIGNAL:
	case OP_COND_BROADCAST:
		return pool_format(pool, "%s %s, %s", text, object ? object : "",
				   event->aux >> 16 == 0 ? "nobody waits"
				   : (event->aux & 0xffff) == event->aux >> 16
					   ? "all waiters woken"
					   : "one waiter woken");
	case OP_MUTEX_TRYLOCK:
	case OP_RWLOCK_TRYRDLOCK:
	case OP_RWLOCK_TRYWRLOCK:
	case OP_SPIN_TRYLOCK:
	case OP_SEM_TRYWAIT:
		return pool_format(pool, "%s %s, %s", text, object ? object : "",
				   event->result ? "fails" : "succeeds");
	default:
		return object ? pool_format(pool, "%s %s", text, object) : text;
	}
}

/* A thread starts at its routine's address, which is no return address, and ends at no line. */
static struct frame place_of_event(struct symbols *symbols, const struct event *event)
{
	struct frame frames[16];
	size_t count = 0;

	if (event->site && event->kind != OP_THREAD_EXIT)
		count = symbols_frames(symbols, event->site, event->kind != OP_THREAD_START, frames,
				       16);
	return story_user_place(symbols, frames, count);
}

/* A thread that nobody named is known by the function that it started with. */
static void name_after_routine(struct story *story, const struct story_event *row, unsigned kind)
{
	if (kind == OP_THREAD_START && row->thread < story->thread_count && row->place.function &&
	    !story->threads[row->thread].name[0])
		story->threads[row->thread].name = row->place.function;
}

/* Who created the thread of that number, and where. */
static void name_creator(struct story *story, struct symbols *symbols, const struct event *event,
			 unsigned number)
{
	if (event->kind != OP_THREAD_CREATE || event->result || number >= story->thread_count)
		return;
	story->threads[number].creator = event->thread;
	story->threads[number].created = place_of_event(symbols, event);
}

/* Chosen from the newest to the oldest: sites always, others while there is room. Returns how many.
 */
static size_t choose_events(const struct story *story, const struct event *events, size_t count,
			    bool *chosen)
{
	size_t sites = 0, others = 0;

	for (size_t i = count; i-- > 0;)
		if (is_site_step(story, &events[i]) && sites < FINDING_SITES_MAX) {
			chosen[i] = true;
			sites++;
		}
	for (size_t i = count; i-- > 0 && sites + others < STORY_EVENTS_MAX;)
		if (!chosen[i] && is_involved(story, events[i].thread)) {
			chosen[i] = true;
			others++;
		}
	return sites + others;
}

static const char *what_it_waits_for(struct pool *pool, const struct story_site *site)
{
	const char *text = op_kind_text(site->op_kind);
	const char *object = site->object ? site->object : "";

	switch (site->op_kind) {
	case OP_MUTEX_LOCK:
	case OP_SPIN_LOCK:
		return pool_format(pool, "wants to lock %s", object);
	case OP_RWLOCK_RDLOCK:
		return pool_format(pool, "wants to read-lock %s", object);
	case OP_RWLOCK_WRLOCK:
		return pool_format(pool, "wants to write-lock %s", object);
	case OP_THREAD_JOIN:
		return "waits to join a thread";
	default:
		return pool_format(pool, "%s%s%s, for ever", text, object[0] ? " " : "", object);
	}
}

void story_tell_events(struct story *story, struct pool *pool, struct symbols *symbols,
		       struct objects *objects, const struct finding *finding,
		       const struct event *events, size_t count)
{
	bool *chosen = calloc(count ? count : 1, sizeof(*chosen)), any_involved = false;
	struct story_event *rows;
	size_t row_count, at = 0, last = SIZE_MAX;
	unsigned created = 0;

	(void)finding;
	if (!chosen)
		abort();
	for (size_t i = 0; i < story->thread_count; i++)
		any_involved |= story->threads[i].involved;
	/* A finding that names nobody (a killed process) concerns everybody. */
	if (!any_involved)
		for (size_t i = 0; i < story->thread_count; i++)
			story->threads[i].involved = true;
	row_count = choose_events(story, events, count, chosen);
	rows = pool_new(pool, struct story_event, row_count + story->site_count);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && events[i - 1].kind == OP_THREAD_CREATE && !events[i - 1].result)
			created++;
		name_creator(story, symbols, &events[i], created + 1);
		if (!chosen[i])
			continue;
		rows[at] =
			(struct story_event){ .step = events[i].step, .thread = events[i].thread };
		rows[at].what = what_happened(pool, objects, &events[i], created);
		rows[at].place = place_of_event(symbols, &events[i]);
		name_after_routine(story, &rows[at], events[i].kind);
		rows[at].gap = last == SIZE_MAX ? i > 0 : i > last + 1;
		last = i;
		at++;
	}
	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];

		if (site->role != SITE_WAITS || !story_is_core(story, site))
			continue;
		rows[at++] = (struct story_event){ .step = site->step,
						   .thread = site->thread,
						   .place = site->place,
						   .waits = true,
						   .what = what_it_waits_for(pool, site) };
	}
	story->events = rows;
	story->event_count = at;
	free(chosen);
}
