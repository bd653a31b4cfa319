/* SPDX-License-Identifier: Apache-2.0 */
/* See differs.h. */
#include "campaign/differs.h"

#include <stdio.h>
#include <string.h>

#include "event/op.h"
#include "report/pool.h"
#include "symbols/symbols.h"

static const char *place_text(struct pool *pool, struct symbols *symbols, uint64_t site)
{
	struct frame frame;
	const char *base;

	if (!site || symbols_frames(symbols, site, true, &frame, 1) == 0)
		return "";
	if (frame.function && frame.file) {
		base = strrchr(frame.file, '/');
		return pool_format(pool, " at %s() (%s:%u)", frame.function,
				   base ? base + 1 : frame.file, frame.line);
	}
	if (!frame.module)
		return "";
	base = strrchr(frame.module, '/');
	return pool_format(pool, " at %s%s%s+0x%llx", frame.function ? frame.function : "",
			   frame.function ? "() of " : "", base ? base + 1 : frame.module,
			   (unsigned long long)frame.offset);
}

/* Only of calls about a descriptor is the object something to read. */
static const char *act(struct pool *pool, struct symbols *symbols, const struct event *event)
{
	const char *descriptor = "";

	if (event->kind >= OP_FD_READ && event->kind <= OP_FD_CLOSE && event->object < 65536)
		descriptor = pool_format(pool, " descriptor %u", (unsigned)event->object);
	return pool_format(pool, "T%u %s%s%s", event->thread, op_kind_text(event->kind), descriptor,
			   place_text(pool, symbols, event->site));
}

static const char *tell(struct pool *pool, struct symbols *symbols,
			const struct board_difference *d)
{
	const bool same_act = d->first.thread == d->second.thread &&
			      d->first.kind == d->second.kind && d->first.site == d->second.site;

	switch (d->happened) {
	case 1:
	case 2:
		return pool_format(pool, "step %u: %s, which came only once", d->step,
				   act(pool, symbols, d->happened == 1 ? &d->first : &d->second));
	case 3:
		if (same_act && d->first.result != d->second.result)
			return pool_format(pool,
					   "step %u: %s, which gave %d once and %d the other time",
					   d->step, act(pool, symbols, &d->first), d->first.result,
					   d->second.result);
		return pool_format(pool, "step %u: %s once, %s the other time", d->step,
				   act(pool, symbols, &d->first), act(pool, symbols, &d->second));
	default:
		return pool_format(pool, "its end, after %u equal steps", d->step);
	}
}

void differs_tell(const struct board *board, char *text, size_t size)
{
	const struct board_difference *difference = &board->status.difference;
	struct pool pool = { NULL };
	struct symbols *symbols;

	text[0] = '\0';
	if (!difference->known)
		return;
	symbols = symbols_new(&pool, board);
	snprintf(text, size, "%s", tell(&pool, symbols, difference));
	symbols_destroy(symbols);
	pool_fini(&pool);
}
