/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inline/inline_orders.h"

#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "base/hash.h"
#include "engine/access/access.h"
#include "engine/inline/inline_operand.h"

/* The last exchange at each of the latest operands. */
#define EXCHANGES 256 /* a power of two */

static struct exchange {
	const void *operand;
	uint64_t left, mask;
	thread_id thread;
} exchanges[EXCHANGES];
static bool used;
bool inline_orders_pending[THREADS_MAX];
bool inline_orders_assembly[THREADS_MAX];
static struct exchange *latest[THREADS_MAX];

void inline_orders_begin(void)
{
	if (!used)
		return;
	memset(exchanges, 0, sizeof(exchanges));
	memset(inline_orders_pending, 0, sizeof(inline_orders_pending));
	memset(inline_orders_assembly, 0, sizeof(inline_orders_assembly));
	used = false;
}

/* What the thread did up to here happens before whoever finds that the value is another. */
static void given_up(struct exchange *e, uint64_t now)
{
	access_handed(e->thread, access_object(e->operand));
	e->left = now;
}

static void exchange(thread_id thread, const struct inline_site *site, const ucontext_t *uc,
		     const void *operand)
{
	struct exchange *const e = &exchanges[hash_mix((uintptr_t)operand) & (EXCHANGES - 1)];
	uint64_t now, after, mask;
	bool known;

	known = inline_operand_leaves(site, uc->uc_mcontext.gregs, operand, &mask, &after);
	now = known ? inline_operand_value(operand, mask) : 0;
	if (e->operand == operand && known && e->left != now && e->thread != thread)
		given_up(e, now);
	if (known && now != after) {
		*e = (struct exchange){ operand, after, mask, thread };
		latest[thread] = e;
		inline_orders_pending[thread] = used = true;
	} else if (!known && e->operand == operand) {
		e->operand = NULL;
	}
}

void inline_orders_back(thread_id thread)
{
	struct exchange *const e = latest[thread];
	const bool its = e->operand && e->thread == thread;
	const uint64_t now = its ? inline_operand_value(e->operand, e->mask) : 0;

	if (its && now == e->left)
		return; /* it has the lock, and may come back with it */
	inline_orders_pending[thread] = false;
	if (its)
		given_up(e, now);
}

void inline_orders_atomic(thread_id thread, const struct inline_site *site, const void *context,
			  const void *operand)
{
	if (!access_state.on || site->kind != SITE_ATOMIC || !operand)
		return;
	if (site->seen)
		inline_orders_assembly[thread] = used = true;
	exchange(thread, site, context, operand);
	access_inline_atomic(thread, operand);
}

void inline_orders_waited(thread_id thread)
{
	if (access_state.on)
		access_inline_waited(thread);
}
