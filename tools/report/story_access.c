/* SPDX-License-Identifier: Apache-2.0 */
/* What an access of a race read or wrote, and which locks were held: they show which one the two
 * sides did not have in common. */
#include <stdio.h>
#include <string.h>

#include "report/story_parts.h"

/* Without a type a number may be anything; one that might be an address is not shown, since it
 * would differ between machines. */
#define PLAIN_MAX   9999
#define UNTYPED_MAX UINT32_MAX

static int64_t as_signed(uint64_t value, uint32_t size)
{
	const unsigned shift = 64 - 8 * size;

	return (int64_t)(value << shift) >> shift;
}

static const char *pointer_text(struct pool *pool, struct objects *objects, uint64_t value)
{
	const char *variable = value ? symbols_variable(objects->symbols, value, NULL) : NULL;

	if (!value)
		return "NULL";
	return variable ? pool_format(pool, "&%s", variable) : "not NULL";
}

static const char *float_text(struct pool *pool, uint64_t value, uint32_t size)
{
	double number;
	float single;

	if (size == sizeof(single)) {
		memcpy(&single, &value, sizeof(single));
		number = (double)single;
	} else {
		memcpy(&number, &value, sizeof(number));
	}
	return pool_format(pool, "%.9g", number);
}

static const char *untyped_text(struct pool *pool, uint64_t value, uint32_t size)
{
	const int64_t number = as_signed(value, size);

	if (number >= -PLAIN_MAX && number <= PLAIN_MAX)
		return pool_format(pool, "%lld", (long long)number);
	return value <= UNTYPED_MAX ? pool_format(pool, "0x%llx", (unsigned long long)value) : NULL;
}

static const char *value_text(struct pool *pool, struct objects *objects, uint64_t address,
			      uint64_t value, uint32_t size)
{
	const struct value_type type = objects_type(objects, address);

	if (size == 0 || size > sizeof(value))
		return NULL;
	switch (type.size == size ? type.kind : VALUE_UNKNOWN) {
	case VALUE_SIGNED:
		return pool_format(pool, "%lld", (long long)as_signed(value, size));
	case VALUE_UNSIGNED:
		return pool_format(pool, "%llu", (unsigned long long)value);
	case VALUE_POINTER:
		return pointer_text(pool, objects, value);
	case VALUE_FLOAT:
		if (size == sizeof(float) || size == sizeof(double))
			return float_text(pool, value, size);
		return NULL;
	default:
		return untyped_text(pool, value, size);
	}
}

static void tell_lock(struct objects *objects, unsigned thread, const struct board_hold *hold,
		      struct story_lock *lock)
{
	lock->object = objects_name(objects, hold->object, op_kind_family(hold->op_kind));
	lock->shared = hold->op_kind == OP_RWLOCK_RDLOCK;
	lock->step = hold->step;
	lock->place = story_step_place(objects, thread, hold->step, hold->site, true);
}

void story_tell_access(struct pool *pool, struct objects *objects, const struct board_seen *seen,
		       uint64_t address, struct story_site *site)
{
	struct story_lock *locks;

	if (!seen->known)
		return;
	site->seen = true;
	site->step = seen->step;
	site->value = value_text(pool, objects, address, seen->value, seen->value_size);
	if (seen->hold_count > BOARD_HOLDS_MAX)
		return;
	locks = pool_new(pool, struct story_lock, seen->hold_count);
	for (uint32_t i = 0; i < seen->hold_count; i++)
		tell_lock(objects, site->thread, &seen->holds[i], &locks[i]);
	site->locks = locks;
	site->lock_count = seen->hold_count;
	site->locks_known = seen->holds_lost == 0;
}

bool story_is_access(unsigned kind)
{
	return (kind >= OP_READ && kind <= OP_FENCE) || kind == OP_FREE;
}

bool story_is_marked(const struct event *event)
{
	return story_is_access(event->kind) && (event->aux & STORY_ACCESS);
}

/* An access that the finding is about, or the free before it. */
static bool is_about(const struct finding_site *site)
{
	return site->pc && site->thread != THREAD_NONE && story_is_access(site->op_kind) &&
	       (site->role == SITE_AT || site->role == SITE_FIRST || site->role == SITE_ACCESS);
}

/* Where among the events the access belongs: behind the last step before it. */
static size_t place_among(const struct event *events, size_t count, uint32_t step)
{
	while (count > 0 && events[count - 1].step >= step)
		count--;
	return count;
}

static bool event_is_at(const struct event *event, uint64_t pc)
{
	return story_is_access(event->kind) && event->site == pc;
}

/* The step of its thread right before it, if that is the access itself. */
static struct event *step_of(struct event *events, size_t before, const struct finding_site *site)
{
	for (size_t i = before; i-- > 0;)
		if (events[i].thread == site->thread)
			return event_is_at(&events[i], site->pc) ? &events[i] : NULL;
	return NULL;
}

const struct event *story_mark_accesses(struct pool *pool, const struct story *story,
					const struct finding *finding, const struct event *events,
					size_t *count)
{
	struct event *marked = NULL;

	for (size_t i = 0; i < story->site_count; i++) {
		const struct finding_site *site = &finding->sites[i];
		const uint32_t step = story->sites[i].step;
		struct event *event;
		size_t at;

		if (*count == 0 || step == UINT32_MAX || !is_about(site))
			continue;
		if (!marked) {
			marked = pool_new(pool, struct event, *count + story->site_count);
			memcpy(marked, events, *count * sizeof(*events));
		}
		at = place_among(marked, *count, step);
		event = step_of(marked, at, site);
		if (!event) {
			event = &marked[at];
			memmove(event + 1, event, (*count - at) * sizeof(*event));
			*event = (struct event){ .step = step,
						 .thread = site->thread,
						 .kind = site->op_kind,
						 .object = site->object,
						 .site = site->pc,
						 .aux = STORY_BETWEEN };
			(*count)++;
		}
		event->aux |= STORY_ACCESS;
	}
	return marked ? marked : events;
}

void story_give_locks(struct pool *pool, struct objects *objects, const struct story_given *given,
		      struct story_site *site)
{
	struct story_lock *locks = pool_new(pool, struct story_lock, given->lock_count);

	for (size_t i = 0; i < given->lock_count; i++) {
		locks[i].object = objects_name(objects, given->locks[i].object, FAMILY_MUTEX);
		locks[i].shared = given->locks[i].shared;
	}
	site->locks = locks;
	site->lock_count = given->lock_count;
	site->locks_known = given->locks_known;
}
