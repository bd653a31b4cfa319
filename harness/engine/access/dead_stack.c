/* SPDX-License-Identifier: Apache-2.0 */
/* See dead_stack.h. */
#include "engine/access/dead_stack.h"

#include <stddef.h>

#include "engine/fiber.h"
#include "engine/pool.h"
#include "engine/state.h"

#define SEARCHED_MAX 1024 /* words, for the return address */

/* Where the program's frames of a thread that does not run end, or all frames. A copy of the return
 * address among ours is found first: then some of what is dead passes for alive. */
static uintptr_t frames_end(const struct fiber *f)
{
	const uintptr_t *word = f->sp;

	for (unsigned i = 0; i < SEARCHED_MAX && (uintptr_t)(word + i) < f->stack_high; i++)
		if (word[i] == (uintptr_t)f->thread.op.site)
			return (uintptr_t)(word + i);
	return (uintptr_t)f->sp;
}

static bool is_within(uintptr_t address, uintptr_t low, uintptr_t high)
{
	return address - low < high - low;
}

const struct thread *dead_stack_owner(uintptr_t address, bool *foreign)
{
	const struct slot *slot = pool_find(address);
	struct fiber *f;

	*foreign = false;
	if (!slot || slot->index >= engine_world.thread_count)
		return NULL;
	f = fiber_of(engine_world.threads[slot->index]);
	if (f->slot != slot || f->thread.process != world_process || &f->thread == engine_current)
		return NULL;
	if (f->thread.status == THREAD_FINISHED)
		return slot->index > 0 && (is_within(address, slot->low, slot->high) ||
					   is_within(address, slot->tls_low, slot->tls_high))
			       ? &f->thread
			       : NULL;
	/* A handler or a coroutine may run on a stack of its own, wherever that lies. */
	*foreign = f->handles == 0 && is_within((uintptr_t)f->sp, slot->low, slot->stack_high) &&
		   is_within(address, slot->low, slot->stack_high);
	return *foreign && address < frames_end(f) ? &f->thread : NULL;
}
