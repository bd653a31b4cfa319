/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which steps the table shows. A schedule may have a hundred thousand steps; those that explain a
 * finding are the last ones of the threads that take part, and the steps that its sites name
 * however long ago they were.
 */
#include <stdlib.h>
#include <string.h>

#include "report/story_parts.h"
#include "report/words.h"

/* So many are looked at for each that has a row: what is done again and again shares one. */
#define REPEATED 8

static bool is_involved(const struct story *story, unsigned thread)
{
	return thread < story->thread_count && story->threads[thread].involved;
}

static bool is_site_step(const struct story *story, const struct event *event)
{
	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];

		if (site->role != SITE_WAITS && site->role != SITE_ACCESS &&
		    site->step == event->step && site->thread == event->thread &&
		    story_is_core(story, site))
			return true;
	}
	return false;
}

/* A load that read an older value is what nobody expects of the schedule. */
static bool is_telling(const struct story *story, const struct event *event)
{
	return is_site_step(story, event) || story_is_marked(event) ||
	       (event->kind == OP_ATOMIC_LOAD && (event->aux & EVENT_AUX_OLDER));
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
	case OP_SIGNAL_TAKEN:
		return pool_format(pool, "handles %s", signal_name(pool, (int)event->aux));
	case OP_ATOMIC_LOAD:
		text = pool_format(pool, "%s %s", text, object ? object : "");
		if (event->aux & EVENT_AUX_OLDER)
			return pool_format(pool, "%s: an older value, not yet T%u's", text,
					   event->aux & (EVENT_AUX_OLDER - 1));
		return text;
	default:
		return object ? pool_format(pool, "%s %s", text, object) : text;
	}
}

/* A thread starts at its routine's address, as does a handler: no return address. It ends at no
 * line. */
static struct frame place_of_event(struct objects *objects, const struct event *event)
{
	if (event->kind == OP_THREAD_EXIT)
		return (struct frame){ 0 };
	return story_step_place(objects, event->thread, event->step, event->site,
				event->kind != OP_THREAD_START && event->kind != OP_SIGNAL_TAKEN);
}

/* Of an access that the finding is about, as its site has it. */
static struct frame place_of_access(const struct story *story, const struct finding *finding,
				    const struct event *event, const struct frame *else_at)
{
	for (size_t i = 0; i < story->site_count; i++)
		if (finding->sites[i].pc == event->site &&
		    finding->sites[i].thread == event->thread && story->sites[i].place.pc)
			return story->sites[i].place;
	return *else_at;
}

/* A row before it has words: those give the objects their numbers, so only what stays gets them. */
struct choice {
	const struct event *event;
	struct frame place;
	unsigned created; /* threads, before */
	size_t times;
	bool site, gap;
};

/* A thread that nobody named is known by the function that it started with. */
static void name_after_routine(struct story *story, struct objects *objects,
			       const struct choice *choice)
{
	const thread_id thread = choice->event->thread;

	if (choice->event->kind == OP_THREAD_START && thread < story->thread_count &&
	    choice->place.function && !story->threads[thread].name[0] &&
	    story_is_user(objects->symbols, &choice->place))
		story->threads[thread].name = choice->place.function;
}

/* The outermost function of the user's in that stack, which a library started; NULL: none. */
static const char *user_routine(struct objects *objects, const struct board_stack *stack)
{
	const struct frame *frames;
	size_t count =
		story_unwind(objects->pool, objects->symbols, objects->board, stack, &frames);

	while (count-- > 0)
		if (frames[count].function && story_is_user(objects->symbols, &frames[count]))
			return frames[count].function;
	return NULL;
}

/* By any stack of theirs, those that a library started. */
static void name_after_stacks(struct story *story, struct objects *objects)
{
	const struct board *board = objects->board;

	for (uint32_t i = 0; i < board->status.stack_count && i < BOARD_STACKS_MAX; i++) {
		const struct board_stack *stack = &board->stacks[i];
		struct story_thread *thread;
		const char *name;

		if (stack->thread == 0 || stack->thread >= story->thread_count)
			continue;
		thread = &story->threads[stack->thread];
		name = thread->name[0] ? NULL : user_routine(objects, stack);
		if (name)
			thread->name = name;
	}
}

/* Who created the thread of that number, and where. */
static void name_creator(struct story *story, struct objects *objects, const struct event *event,
			 unsigned number)
{
	if (event->kind != OP_THREAD_CREATE || event->result || number >= story->thread_count)
		return;
	story->threads[number].creator = event->thread;
	story->threads[number].created = place_of_event(objects, event);
}

/* Chosen from the newest to the oldest: sites always, others while there is room. Returns how many.
 */
static size_t choose_events(const struct story *story, const struct event *events, size_t count,
			    bool *chosen)
{
	size_t sites = 0, others = 0;

	for (size_t i = count; i-- > 0;)
		if (is_telling(story, &events[i]) && sites < FINDING_SITES_MAX) {
			chosen[i] = true;
			sites++;
		}
	for (size_t i = count; i-- > 0 && sites + others < STORY_EVENTS_MAX * REPEATED;)
		if (!chosen[i] && is_involved(story, events[i].thread)) {
			chosen[i] = true;
			others++;
		}
	return sites + others;
}

static bool is_same(const struct choice *one, const struct choice *next)
{
	const struct event *e = one->event, *n = next->event;
	const struct frame *here = &one->place, *there = &next->place;

	return !one->site && !next->site && e->thread == n->thread && e->kind == n->kind &&
	       e->object == n->object && e->object2 == n->object2 && e->result == n->result &&
	       e->aux == n->aux && here->line == there->line &&
	       strcmp(here->file ? here->file : "", there->file ? there->file : "") == 0;
}

/* What a thread does again, and nobody else who takes part comes between, is one row. Then the
 * oldest go until there is room. Returns how many are left. */
static size_t fold(struct choice *choices, size_t count)
{
	size_t folded = 0, left = 0;

	for (size_t i = 0; i < count; i++)
		if (folded > 0 && is_same(&choices[folded - 1], &choices[i]))
			choices[folded - 1].times++;
		else
			choices[folded++] = choices[i];
	for (size_t i = 0; i < folded; i++)
		if (choices[i].site || folded - i + left <= STORY_EVENTS_MAX)
			choices[left++] = choices[i];
		else if (i + 1 < folded)
			choices[i + 1].gap = true;
	return left;
}

static struct story_event row_of(struct pool *pool, struct objects *objects,
				 const struct choice *choice)
{
	struct story_event row = { .step = choice->event->step, .thread = choice->event->thread };

	row.what = what_happened(pool, objects, choice->event, choice->created);
	if (choice->times == 2)
		row.what = pool_format(pool, "%s, twice", row.what);
	else if (choice->times > 2)
		row.what = pool_format(pool, "%s, %zu times", row.what, choice->times);
	row.place = choice->place;
	row.gap = choice->gap;
	row.foreign = !story_is_user(objects->symbols, &row.place);
	row.access = story_is_marked(choice->event);
	row.between = row.access && (choice->event->aux & STORY_BETWEEN);
	return row;
}

/* A schedule goes on after some findings; what happened then is another story. An access is seen
 * between two steps, a misuse while one is performed. */
static size_t events_before(const struct finding *finding, const struct event *events, size_t count)
{
	const unsigned kind = finding->sites[0].op_kind;
	const uint32_t after = finding->step + !(kind == OP_NONE || story_is_access(kind));

	if (finding->kind == FINDING_RACE || finding->kind == FINDING_LIFETIME ||
	    finding->kind == FINDING_MISUSE)
		while (count > 0 && events[count - 1].step >= after)
			count--;
	return count;
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

/* The chosen events from the oldest to the newest; returns how many. Threads get their names. */
static size_t make_choices(struct story *story, struct objects *objects,
			   const struct finding *finding, const struct event *events, size_t count,
			   const bool *chosen, struct choice *choices)
{
	size_t at = 0, last = SIZE_MAX;
	unsigned created = 0;

	for (size_t i = 0; i < count; i++) {
		if (i > 0 && events[i - 1].kind == OP_THREAD_CREATE && !events[i - 1].result)
			created++;
		name_creator(story, objects, &events[i], created + 1);
		if (!chosen[i])
			continue;
		choices[at] = (struct choice){
			.event = &events[i],
			.place = place_of_event(objects, &events[i]),
			.created = created,
			.times = 1,
			.site = is_telling(story, &events[i]),
			.gap = last == SIZE_MAX ? i > 0 : i > last + 1,
		};
		if (story_is_marked(&events[i]))
			choices[at].place =
				place_of_access(story, finding, &events[i], &choices[at].place);
		name_after_routine(story, objects, &choices[at]);
		last = i;
		at++;
	}
	if (count)
		name_after_stacks(story, objects);
	return at;
}

void story_tell_events(struct story *story, struct pool *pool, struct objects *objects,
		       const struct finding *finding, const struct event *events, size_t count)
{
	bool *chosen, any_involved = false;
	struct choice *choices;
	struct story_event *rows;
	size_t rows_most, at;

	for (size_t i = 0; i < story->thread_count; i++)
		any_involved |= story->threads[i].involved;
	/* A finding that names nobody (a killed process) concerns everybody. */
	if (!any_involved)
		for (size_t i = 0; i < story->thread_count; i++)
			story->threads[i].involved = true;
	count = events_before(finding, events, count);
	events = story_mark_accesses(pool, story, finding, events, &count);
	chosen = calloc(count ? count : 1, sizeof(*chosen));
	if (!chosen)
		abort();
	rows_most = choose_events(story, events, count, chosen);
	choices = pool_new(pool, struct choice, rows_most);
	at = make_choices(story, objects, finding, events, count, chosen, choices);
	rows_most = fold(choices, at);
	rows = pool_new(pool, struct story_event, rows_most + story->site_count);
	for (at = 0; at < rows_most; at++)
		rows[at] = row_of(pool, objects, &choices[at]);
	for (size_t i = 0; i < story->site_count; i++) {
		const struct story_site *site = &story->sites[i];

		if (site->role != SITE_WAITS || !story_is_core(story, site))
			continue;
		rows[at++] =
			(struct story_event){ .step = site->step,
					      .thread = site->thread,
					      .place = story_line(objects->symbols, site->frames,
								  site->frame_count, &site->place),
					      .waits = true,
					      .what = what_it_waits_for(pool, site) };
	}
	story->events = rows;
	story->event_count = at;
	free(chosen);
}
