/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a replay leaves of the accesses that a finding names: the stack, the locks held, the value,
 * and, for a variable on another thread's stack, that stack, too, which tells whose variable it is.
 *
 * A value that is read lies in memory already. One that is written does not yet, since
 * instrumentation calls before the access: it is taken at the thread's next access or step, before
 * anybody else runs. So that no access slips by as one that is remembered, the current epoch is
 * meanwhile one that no cell has.
 */
#include <string.h>

#include "detect/site.h"
#include "engine/access/access.h"
#include "engine/access/dump_access.h"
#include "engine/processes/keys.h"
#include "engine/processes/shared.h"
#include "engine/state.h"

#define NO_EPOCH 0 /* of cleared cells, which have no bytes */

static bool frozen[BOARD_ACCESSES_MAX] SHARED_STATE;

/* Of the access that was let through last: its value is still to be taken. */
static unsigned awaited;
static uintptr_t awaited_address;

/* Another process may have shared memory elsewhere. */
static bool is_there(const struct board_access *wanted, uintptr_t address)
{
	uint64_t key;

	return (wanted->object & ~7UL) == (address & ~7UL) ||
	       engine_shared_key((const void *)address, &key);
}

static void freeze(const struct finding_site *site)
{
	const struct board_config *config = &engine.board->config;
	const uint64_t place = report_place(site->pc);

	for (uint32_t i = 0; i < config->dump_access_count; i++)
		if (config->dump_accesses[i].place == place &&
		    config->dump_accesses[i].thread == site->thread &&
		    is_there(&config->dump_accesses[i], site->object))
			frozen[i] = true;
}

void dump_freeze(const struct finding *finding)
{
	for (uint16_t i = 0; engine.replaying && i < finding->site_count; i++)
		if (finding->sites[i].pc)
			freeze(&finding->sites[i]);
}

/* The copy of an earlier such access, to be overwritten, or NULL. */
static struct board_stack *earlier(uint32_t step)
{
	for (uint32_t i = 0; i < engine.board->status.stack_count; i++)
		if (engine.board->stacks[i].step == step)
			return &engine.board->stacks[i];
	return NULL;
}

static __attribute__((noinline)) void dump_here(const struct thread *t, uint32_t step)
{
	struct board_stack r;

	memset(&r, 0, sizeof(r));
#if defined(__x86_64__)
	__asm__ volatile("leaq 0(%%rip), %0" : "=r"(r.rip));
	__asm__ volatile("movq %%rsp, %0" : "=m"(r.rsp));
	__asm__ volatile("movq %%rbp, %0" : "=m"(r.rbp));
	__asm__ volatile("movq %%rbx, %0" : "=m"(r.rbx));
	__asm__ volatile("movq %%r12, %0" : "=m"(r.r12));
	__asm__ volatile("movq %%r13, %0" : "=m"(r.r13));
	__asm__ volatile("movq %%r14, %0" : "=m"(r.r14));
	__asm__ volatile("movq %%r15, %0" : "=m"(r.r15));
#endif
	dump_stack((const struct fiber *)t, step, &r, earlier(step));
}

/* Another thread of this process, alive, on whose stack that is. */
static const struct thread *stack_owner(const struct thread *t, uintptr_t address)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *owner = engine_world.threads[i];
		const struct fiber *fiber = (const struct fiber *)owner;

		if (owner != t && owner->process == t->process &&
		    owner->status != THREAD_FINISHED && owner->status != THREAD_UNUSED &&
		    address >= fiber->stack_low && address < fiber->stack_high)
			return owner;
	}
	return NULL;
}

static void note_locks(struct board_seen *seen, const struct thread *t)
{
	_Static_assert(BOARD_HOLDS_MAX >= HOLDS_MAX, "every lock that a thread is seen to hold");

	*seen = (struct board_seen){ .known = 1,
				     .holds_lost = t->holds_lost,
				     .step = engine_world.step };
	for (uint32_t i = 0; i < t->hold_count && i < HOLDS_MAX; i++)
		seen->holds[seen->hold_count++] = (struct board_hold){
			.object = (uint64_t)(uintptr_t)t->holds[i].object & ~OBJECT_SHARED,
			.site = (uint64_t)(uintptr_t)t->holds[i].site,
			.step = t->holds[i].step,
			.op_kind = hold_op_kind(&t->holds[i]),
		};
}

unsigned dump_access(const struct thread *t, uintptr_t address, uintptr_t pc)
{
	const struct board_config *config = &engine.board->config;
	const struct thread *owner;
	unsigned seen = 0;

	for (uint32_t i = 0; i < config->dump_access_count; i++) {
		const struct board_access *wanted = &config->dump_accesses[i];

		if (frozen[i] || wanted->thread != t->id || !is_there(wanted, address) ||
		    wanted->place != report_place(pc))
			continue;
		dump_here(t, BOARD_STEP_ACCESS(i));
		owner = stack_owner(t, address);
		if (owner)
			dump_switched(owner, BOARD_STEP_OWNER(i), earlier(BOARD_STEP_OWNER(i)));
		note_locks(&engine.board->seen_accesses[i], t);
		seen |= 1U << i;
	}
	return seen;
}

static void take_values(unsigned accesses, uintptr_t address)
{
	for (uint32_t i = 0; i < BOARD_ACCESSES_MAX; i++) {
		const struct board_access *access = &engine.board->config.dump_accesses[i];
		struct board_seen *seen = &engine.board->seen_accesses[i];

		if (!(accesses & 1U << i) || access->object != address || access->size > 8)
			continue;
		memcpy(&seen->value, (const void *)address, access->size);
		seen->value_size = access->size;
	}
}

bool dump_settle(void)
{
	const unsigned accesses = awaited;

	if (!accesses)
		return false;
	awaited = 0;
	take_values(accesses, awaited_address);
	access_refresh();
	return true;
}

void dump_values(unsigned accesses, uintptr_t address, unsigned size, bool write)
{
	for (uint32_t i = 0; i < BOARD_ACCESSES_MAX; i++)
		if (engine.board->config.dump_accesses[i].size != size)
			accesses &= ~(1U << i);
	if (!accesses)
		return;
	if (!write) {
		take_values(accesses, address);
		return;
	}
	awaited = accesses;
	awaited_address = address;
	access_state.epoch = NO_EPOCH;
}
