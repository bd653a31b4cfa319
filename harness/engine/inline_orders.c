/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inline_orders.h"

#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "base/hash.h"
#include "engine/access.h"
#include "engine/inline_operand.h"

/* The last exchange at each of the latest operands. */
#define EXCHANGES 256 /* a power of two */

static struct {
	const void *operand;
	uint64_t left;
	thread_id thread;
} exchanges[EXCHANGES];
static bool used;

void inline_orders_begin(void)
{
	if (used)
		memset(exchanges, 0, sizeof(exchanges));
	used = false;
}

static void exchange(thread_id thread, const struct inline_site *site, const ucontext_t *uc,
		     const void *operand)
{
	const uint32_t place = hash_mix((uintptr_t)operand) & (EXCHANGES - 1);
	uint64_t now, after;
	bool known;

	known = inline_operand_values(site, uc->uc_mcontext.gregs, operand, &now, &after);
	if (exchanges[place].operand == operand) {
		if (known && exchanges[place].left != now && exchanges[place].thread != thread)
			access_handed(exchanges[place].thread, access_object(operand));
		if (!known)
			exchanges[place].operand = NULL;
	}
	if (!known)
		return;
	exchanges[place].operand = operand;
	exchanges[place].left = after;
	exchanges[place].thread = thread;
	used = true;
}

void inline_orders_atomic(thread_id thread, const struct inline_site *site, const void *context,
			  const void *operand)
{
	if (!access_state.on || site->kind != SITE_ATOMIC || !operand)
		return;
	exchange(thread, site, context, operand);
	access_inline_atomic(thread, operand);
}

void inline_orders_waited(thread_id thread)
{
	if (access_state.on)
		access_inline_waited(thread);
}
