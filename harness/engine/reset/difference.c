/* SPDX-License-Identifier: Apache-2.0 */
/* See difference.h. */
#include "engine/reset/difference.h"

#include <stdbool.h>
#include <string.h>

#include "engine/log.h"

static struct event_log kept;

void difference_keep(const struct event_log *log)
{
	const uint64_t count = log->count < EVENT_LOG_MAX ? log->count : EVENT_LOG_MAX;

	memcpy(kept.events, log->events, count * sizeof(log->events[0]));
	kept.count = log->count;
}

/* By what is hashed of them (log_step()). */
static bool same(const struct event *a, const struct event *b)
{
	return a->thread == b->thread && a->kind == b->kind && a->result == b->result &&
	       a->aux == b->aux && (a->site & 0xfff) == (b->site & 0xfff) &&
	       (op_kind_is_thread(a->kind) || (a->object & 0xfff) == (b->object & 0xfff));
}

/* As the module list on the board has its address. */
static struct event told(const struct event *event)
{
	struct event e = *event;

	if (e.thread < engine_world.thread_count)
		e.site = report_address(e.site, engine_world.threads[e.thread]);
	return e;
}

void difference_find(const struct event_log *log, struct board_difference *difference)
{
	const uint64_t first = event_log_first(log) > event_log_first(&kept)
				       ? event_log_first(log)
				       : event_log_first(&kept);
	uint64_t n = first;

	memset(difference, 0, sizeof(*difference));
	while (n < log->count && n < kept.count &&
	       same(event_log_at(&kept, n), event_log_at(log, n)))
		n++;
	/* The ring has lost the place. */
	if (first > 0 && n == first)
		return;
	difference->known = 1;
	difference->step = (uint32_t)n;
	difference->happened = (n < kept.count ? 1U : 0) | (n < log->count ? 2U : 0);
	if (n < kept.count)
		difference->first = told(event_log_at(&kept, n));
	if (n < log->count)
		difference->second = told(event_log_at(log, n));
}
