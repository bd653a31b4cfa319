/* SPDX-License-Identifier: Apache-2.0 */
/* What a program asks and says about its threads: names, stacks; see thread.h. */
#include <pthread.h>
#include <string.h>

#include "engine/fiber.h"
#include "engine/processes/process.h"
#include "engine/processes/processes.h"
#include "engine/thread.h"
#include "model/world.h"

const char *engine_thread_name(const struct thread *t)
{
	return ((const struct fiber *)t)->comm;
}

void engine_thread_rename(struct thread *t, const char *name)
{
	struct fiber *f = (struct fiber *)t;
	const size_t length = strnlen(name, THREAD_NAME_MAX - 1);

	memset(f->comm, 0, sizeof(f->comm));
	memcpy(f->comm, name, length);
	memcpy(t->name, f->comm, sizeof(t->name));
	if (t->process == world_process && t->id == processes.list[world_process].main)
		process_rename(f->comm);
}

size_t engine_thread_guard(const struct thread *t)
{
	return ((const struct fiber *)t)->guard_asked;
}

void engine_thread_stack(const struct thread *t, void **low, size_t *size)
{
	const struct fiber *f = (const struct fiber *)t;
	uintptr_t bottom =
		f->stack_high > f->stack_asked ? f->stack_high - f->stack_asked : f->stack_low;

	if (bottom < f->stack_low)
		bottom = f->stack_low;
	*low = (void *)(bottom & ~(uintptr_t)4095);
	*size = f->stack_high - (bottom & ~(uintptr_t)4095);
}
