/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of stacks for unwinding outside the target. Only while replaying: a campaign records one
 * return address an event, and the full stacks of a finding come from replaying it.
 */
#include <stdbool.h>
#include <string.h>

#include "engine/access/dump_access.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

/* More of one stack is not copied: deep recursion keeps its innermost part. */
#define DUMP_BYTES_MAX (128UL << 10)

/* Who crashed, and its registers then: it was not switched away, so its fiber's frame is stale. */
static const struct thread *crashed;
static struct board_stack crash;

struct board_piece board_write(const void *bytes, uint64_t size)
{
	struct board_status *s = &engine.board->status;
	struct board_piece piece = { s->blob_used, size };

	if (s->blob_used + size + 16 > BOARD_BLOB_SIZE)
		return (struct board_piece){ 0, 0 };
	memcpy(engine.board->blob + s->blob_used, bytes, size);
	s->blob_used = (s->blob_used + size + 15) & ~15ULL;
	return piece;
}

void dump_stack(const struct fiber *fiber, uint32_t step, const struct board_stack *registers,
		struct board_stack *stack)
{
	struct board_status *s = &engine.board->status;
	const struct board_piece old = stack ? stack->bytes : (struct board_piece){ 0, 0 };
	const bool again = stack != NULL;
	uint64_t size;

	/* Of another program the return addresses would be taken for those of the first. */
	if (fiber->image || (!again && s->stack_count == BOARD_STACKS_MAX))
		return;
	if (!again)
		stack = &engine.board->stacks[s->stack_count];
	*stack = *registers;
	stack->thread = fiber->thread.id;
	stack->step = step;
	stack->fs = fiber->fs;
	stack->base = stack->rsp & ~7ULL;
	/* Who overflowed its stack stands below it; what it came from is still there. */
	if (stack->base < fiber->stack_low && fiber->stack_low - stack->base < DUMP_BYTES_MAX)
		stack->base = fiber->stack_low;
	if (stack->base >= fiber->stack_high || stack->base < fiber->stack_low)
		size = 0;
	else
		size = fiber->stack_high - stack->base;
	if (size > DUMP_BYTES_MAX)
		size = DUMP_BYTES_MAX;
	if (size && size <= old.size) {
		stack->bytes = (struct board_piece){ old.offset, size };
		memcpy(engine.board->blob + old.offset, (const void *)(uintptr_t)stack->base, size);
	} else if (size) {
		stack->bytes = board_write((const void *)(uintptr_t)stack->base, size);
	}
	if (!again)
		BOARD_STORE(s->stack_count, s->stack_count + 1);
}

void dump_switched(const struct thread *t, uint32_t step, struct board_stack *stack)
{
	const struct fiber *fiber = (const struct fiber *)t;
	const struct fiber_frame *frame = fiber->sp;
	struct board_stack r;

	memset(&r, 0, sizeof(r));
	r.rip = (uint64_t)(uintptr_t)fiber_saved;
	r.rsp = (uint64_t)(uintptr_t)frame;
	r.rbp = frame->rbp;
	r.rbx = frame->rbx;
	r.r12 = frame->r12;
	r.r13 = frame->r13;
	r.r14 = frame->r14;
	r.r15 = frame->r15;
	r.site = (uint64_t)(uintptr_t)t->op.site;
	dump_stack(fiber, step, &r, stack);
}

void dump_step(const struct thread *t, uint32_t step)
{
	const struct board_config *config = &engine.board->config;

	for (uint32_t i = 0; i < config->dump_step_count; i++)
		if (config->dump_steps[i] == step) {
			dump_switched(t, step, NULL);
			return;
		}
}

void dump_crash(const struct thread *t, const uint64_t registers[8])
{
	crashed = t;
	memset(&crash, 0, sizeof(crash));
	crash.rip = registers[0];
	crash.rsp = registers[1];
	crash.rbp = registers[2];
	crash.rbx = registers[3];
	crash.r12 = registers[4];
	crash.r13 = registers[5];
	crash.r14 = registers[6];
	crash.r15 = registers[7];
}

void dump_own(void)
{
	dump_settle();
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		if (t->process != world_process)
			continue;
		if (t == crashed)
			dump_stack((const struct fiber *)t, UINT32_MAX, &crash, NULL);
		else if (t->status != THREAD_FINISHED)
			dump_switched(t, UINT32_MAX, NULL);
	}
}

void dump_all(void)
{
	struct board_status *s = &engine.board->status;
	const struct event_log *log = engine.log;
	const uint64_t first = event_log_first(log);

	dump_own();
	if (processes_several())
		baton_ask_all(BATON_DUMP);
	if (log->count == first)
		return;
	/* The log is a ring: oldest part first. */
	s->events.offset = s->blob_used;
	s->events.size = (log->count - first) * sizeof(struct event);
	if (s->blob_used + s->events.size + 16 > BOARD_BLOB_SIZE) {
		s->events = (struct board_piece){ 0, 0 };
		return;
	}
	for (uint64_t n = first; n < log->count; n++) {
		struct event e = *event_log_at(log, n);
		const struct thread *t = engine_world.threads[e.thread];

		e.site = report_address(e.site, t);
		e.object = report_address(e.object, t);
		e.object2 = report_address(e.object2, t);
		memcpy(engine.board->blob + s->events.offset + (n - first) * sizeof(e), &e,
		       sizeof(e));
	}
	s->blob_used = (s->blob_used + s->events.size + 15) & ~15ULL;
}
