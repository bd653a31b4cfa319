/* SPDX-License-Identifier: Apache-2.0 */
/* Counting what each thread did in the window, and comparing its two halves. */
#include "detect/progress.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"

#define SIGNATURES_MAX   4096 /* different things that may happen in a loop; a power of two */
#define STARVED_FAILURES 32   /* failed attempts, or times that others took what one waits for */
#define STANDING_SHARE   8    /* one operation in so many must get nowhere to call it no progress */

enum effect {
	STANDS,   /* got nowhere */
	NEUTRAL,  /* part of getting nowhere as well as of getting on */
	ADVANCES, /* others will notice */
	EFFECTS
};

#define PLACES_MAX 4 /* of a thread's loop that are told */

/*
 * What one thread did in the window. places: by effect, the first at each of the places with the
 * lowest page offsets, ascending: the same wherever the bound cut the loop, for every layout.
 */
struct activity {
	uint32_t events;
	uint32_t count[EFFECTS];
	uint32_t place_count[EFFECTS];
	const struct event *places[EFFECTS][PLACES_MAX];
};

static struct activity activities[THREADS_MAX];
static uint64_t signatures[SIGNATURES_MAX];

static bool is_try(unsigned kind)
{
	return kind == OP_MUTEX_TRYLOCK || kind == OP_RWLOCK_TRYRDLOCK ||
	       kind == OP_RWLOCK_TRYWRLOCK || kind == OP_SPIN_TRYLOCK || kind == OP_SEM_TRYWAIT;
}

static bool takes(unsigned kind)
{
	return kind == OP_MUTEX_LOCK || kind == OP_RWLOCK_RDLOCK || kind == OP_RWLOCK_WRLOCK ||
	       kind == OP_SPIN_LOCK || kind == OP_SEM_WAIT || is_try(kind);
}

static enum effect effect_of(const struct event *event)
{
	enum { TIMED_OUT = 110 };
	const unsigned kind = event->kind;

	if (event->result == TIMED_OUT || event->result == -TIMED_OUT)
		return STANDS;
	if (is_try(kind) || kind == OP_THREAD_TRYJOIN)
		return event->result != 0 ? STANDS : NEUTRAL;
	switch (kind) {
	case OP_YIELD:
	case OP_PREEMPT:
	case OP_SPIN_READ:
	case OP_SLEEP:
	case OP_CLOCK_READ:
	case OP_TESTCANCEL:
	case OP_SEM_GETVALUE:
		return STANDS;
	case OP_FD_POLL:
	case OP_FUTEX_WAIT:
		return event->result <= 0 ? STANDS : ADVANCES;
	case OP_FD_READ:
	case OP_FD_WRITE:
	case OP_FD_ACCEPT:
	case OP_QUEUE_SEND:
	case OP_QUEUE_RECEIVE:
	case OP_CHILD_WAIT:
		return event->result < 0 ? STANDS : ADVANCES;
	case OP_COND_SIGNAL:
	case OP_COND_BROADCAST:
	case OP_FUTEX_WAKE:
		return (event->aux & 0xffff) == 0 ? NEUTRAL : ADVANCES;
	case OP_THREAD_START:
	case OP_LINGER:
	case OP_SIGNAL_TAKEN:
	case OP_MUTEX_LOCK:
	case OP_MUTEX_UNLOCK:
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_WRLOCK:
	case OP_RWLOCK_UNLOCK:
	case OP_SPIN_LOCK:
	case OP_SPIN_UNLOCK:
	case OP_READ:
	case OP_ATOMIC_LOAD:
	case OP_FENCE:
	case OP_INLINE_ATOMIC:
		return NEUTRAL;
	default:
		return ADVANCES;
	}
}

/* Keeps the lowest PLACES_MAX of different sites, by insertion. */
static void add_place(struct activity *activity, enum effect effect, const struct event *event)
{
	const struct event **places = activity->places[effect];
	uint32_t at = activity->place_count[effect];

	for (uint32_t i = 0; i < activity->place_count[effect]; i++) {
		if (places[i]->site == event->site)
			return;
		if (at == activity->place_count[effect] &&
		    (event->site & 0xfff) < (places[i]->site & 0xfff))
			at = i;
	}
	if (at == PLACES_MAX)
		return;
	if (activity->place_count[effect] < PLACES_MAX)
		activity->place_count[effect]++;
	for (uint32_t i = activity->place_count[effect] - 1; i > at; i--)
		places[i] = places[i - 1];
	places[at] = event;
}

static void count_events(const struct event_log *log, uint64_t first, uint32_t thread_count)
{
	for (uint32_t i = 0; i < thread_count; i++)
		activities[i] = (struct activity){ 0 };
	for (uint64_t n = first; n < log->count; n++) {
		const struct event *event = event_log_at(log, n);
		const enum effect effect = effect_of(event);
		struct activity *activity;

		if (event->thread >= thread_count)
			continue;
		activity = &activities[event->thread];
		activity->events++;
		activity->count[effect]++;
		add_place(activity, effect, event);
	}
}

/* Which of the threads a barrier tells that it was the last one is chance, not progress. */
static uint64_t signature_of(const struct event *event)
{
	const int32_t result = event->kind == OP_BARRIER_WAIT ? 0 : event->result;
	uint64_t hash = hash_fold(event->object, (uint64_t)event->thread << 16 | event->kind);

	hash = hash_fold(hash_fold(hash, event->site), (uint64_t)(uint32_t)result);
	return hash ? hash : 1;
}

/* Its place in the table, or where it belongs. The table is never full. */
static uint64_t *find_signature(uint64_t signature)
{
	uint32_t at = (uint32_t)signature & (SIGNATURES_MAX - 1);

	while (signatures[at] != 0 && signatures[at] != signature)
		at = (at + 1) & (SIGNATURES_MAX - 1);
	return &signatures[at];
}

/* Does the second half of the window hold nothing that the first does not? */
static bool repeats(const struct event_log *log, uint64_t first)
{
	const uint64_t middle = first + (log->count - first) / 2;
	uint32_t known = 0;

	for (uint32_t i = 0; i < SIGNATURES_MAX; i++)
		signatures[i] = 0;
	for (uint64_t n = first; n < log->count; n++) {
		const uint64_t signature = signature_of(event_log_at(log, n));
		uint64_t *at = find_signature(signature);

		if (*at != 0)
			continue;
		if (n >= middle || ++known > SIGNATURES_MAX / 2)
			return false;
		*at = signature;
	}
	return true;
}

/* Whoever acts gets nowhere, and often enough to say so. */
static bool nobody_advances(uint32_t thread_count)
{
	for (uint32_t i = 0; i < thread_count; i++) {
		const struct activity *activity = &activities[i];

		if (activity->count[ADVANCES] > 0 ||
		    (uint64_t)activity->count[STANDS] * STANDING_SHARE < activity->events)
			return false;
	}
	return true;
}

/* Of each thread the places that say most: where it gets nowhere, else where others meet it. */
static void add_places(struct finding *out, const struct thread *const *threads, uint32_t count)
{
	static const enum effect order[] = { STANDS, ADVANCES, NEUTRAL };

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < EFFECTS; k++) {
			const struct activity *activity = &activities[i];
			const enum effect effect = order[k];

			if (activity->place_count[effect] == 0)
				continue;
			for (uint32_t p = 0; p < activity->place_count[effect]; p++)
				site_add_event(out, SITE_AT, threads[i],
					       activity->places[effect][p]);
			break;
		}
}

/* How often in the window others took @object, and how often @thread failed to or did. */
struct contest {
	uint32_t failed, succeeded, by_others;
};

static struct contest contest_of(const struct event_log *log, uint64_t first, thread_id thread,
				 uint64_t object)
{
	struct contest contest = { 0 };

	for (uint64_t n = first; n < log->count; n++) {
		const struct event *event = event_log_at(log, n);

		if (event->object != object || !takes(event->kind))
			continue;
		if (event->thread != thread)
			contest.by_others += event->result == 0;
		else if (event->result == 0)
			contest.succeeded++;
		else
			contest.failed++;
	}
	return contest;
}

/* Adds who takes @object instead of @starved, and where. */
static void add_takers(struct finding *out, const struct thread *const *threads, uint32_t count,
		       const struct event_log *log, uint64_t first, thread_id starved,
		       uint64_t object)
{
	for (uint32_t i = 0; i < count; i++)
		activities[i] = (struct activity){ 0 };
	for (uint64_t n = first; n < log->count; n++) {
		const struct event *event = event_log_at(log, n);

		if (event->thread < count && event->thread != starved && event->object == object &&
		    takes(event->kind) && event->result == 0)
			add_place(&activities[event->thread], NEUTRAL, event);
	}
	add_places(out, threads, count);
}

/* Is there a thread that is kept from an object which others take all the time? */
static bool find_starved(const struct thread *const *threads, uint32_t count,
			 const struct event_log *log, uint64_t first, struct finding *out)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct thread *t = threads[i];
		const struct event *failure = activities[i].places[STANDS][0];
		const bool waits = t->status == THREAD_BLOCKED && activities[i].events == 0 &&
				   takes(t->op.kind);
		const uint64_t object = waits     ? (uint64_t)(uintptr_t)t->op.object
					: failure ? failure->object
						  : 0;
		struct contest contest;

		if (object == 0 || (!waits && !is_try(failure->kind)))
			continue;
		contest = contest_of(log, first, t->id, object);
		if (contest.succeeded > 0 || contest.by_others < STARVED_FAILURES ||
		    (!waits && contest.failed < STARVED_FAILURES))
			continue;
		finding_init(out, FINDING_STARVATION, CAUSE_NO_PROGRESS);
		out->thread = t->id;
		if (waits)
			site_add_wait(out, t);
		else
			site_add_event(out, SITE_AT, t, failure);
		add_takers(out, threads, count, log, first, t->id, object);
		return true;
	}
	return false;
}

void progress_classify(const struct thread *const *threads, uint32_t count,
		       const struct event_log *log, place_fn place, struct finding *out)
{
	uint64_t first = event_log_first(log);

	/* The beginning of a schedule is unlike the rest: leave out half of what there is. */
	first += (log->count - first) / 2;
	if (log->count - first > PROGRESS_WINDOW)
		first = log->count - PROGRESS_WINDOW;
	count_events(log, first, count);
	if (nobody_advances(count)) {
		finding_init(out, FINDING_LIVELOCK, CAUSE_NO_PROGRESS);
		add_places(out, threads, count);
	} else if (!find_starved(threads, count, log, first, out)) {
		const bool loops = repeats(log, first);

		finding_init(out, loops ? FINDING_LIVELOCK : FINDING_HANG, CAUSE_STEP_BOUND);
		add_places(out, threads, count);
	}
	finding_set_key(out, place);
	if (log->count > 0)
		out->step = event_log_at(log, log->count - 1)->step + 1;
}

void progress_nobody_left(const struct thread *const *threads, uint32_t count,
			  const struct thread *looks, const struct event_log *log, place_fn place,
			  struct finding *out)
{
	const uint64_t first = event_log_first(log);
	const struct event *event;
	uint64_t n = log->count;

	finding_init(out, FINDING_LIVELOCK, CAUSE_NOBODY_LEFT);
	out->thread = looks->id;
	do
		event = event_log_at(log, --n);
	while (event->thread != looks->id && n > first);
	site_add_event(out, SITE_AT, looks, event);
	finding_set_key(out, place);
	for (uint32_t i = 0; i < count; i++)
		if (threads[i]->status == THREAD_BLOCKED)
			site_add_wait(out, threads[i]);
	out->step = log->count > 0 ? event_log_at(log, log->count - 1)->step + 1 : 0;
}
