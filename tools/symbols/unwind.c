/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libdw's unwinder, fed with the registers and stack bytes that the engine dumped. To libdw it
 * looks like a process with one thread; all memory that is not the dumped piece of stack cannot be
 * read, which is where an unwinding ends.
 */
#include <string.h>

#include "symbols/symbols_private.h"

#define THE_THREAD 1

static pid_t next_thread(Dwfl *dwfl, void *context, void **thread_context)
{
	(void)dwfl;
	if (*thread_context)
		return 0;
	*thread_context = context;
	return THE_THREAD;
}

static bool get_thread(Dwfl *dwfl, pid_t thread, void *context, void **thread_context)
{
	(void)dwfl;
	(void)thread;
	*thread_context = context;
	return true;
}

static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *context)
{
	const struct unwound *unwound = context;
	const struct board_stack *stack = unwound->stack;
	const uint64_t size = stack->bytes.size;

	(void)dwfl;
	if (address < stack->base || size < sizeof(*result) ||
	    address - stack->base > size - sizeof(*result))
		return false;
	memcpy(result, unwound->board->blob + stack->bytes.offset + (address - stack->base),
	       sizeof(*result));
	return true;
}

/* The order is DWARF's for x86-64: rax rdx rcx rbx rsi rdi rbp rsp r8..r15 and the return address
 * column. */
static bool set_initial_registers(Dwfl_Thread *thread, void *context)
{
	const struct unwound *unwound = context;
	const struct board_stack *stack = unwound->stack;
	const Dwarf_Word low[] = { stack->rbx }, frame[] = { stack->rbp, stack->rsp };
	const Dwarf_Word high[] = { stack->r12, stack->r13, stack->r14, stack->r15, stack->rip };

	return dwfl_thread_state_registers(thread, 3, 1, low) &&
	       dwfl_thread_state_registers(thread, 6, 2, frame) &&
	       dwfl_thread_state_registers(thread, 12, 5, high);
}

static const Dwfl_Thread_Callbacks thread_callbacks = {
	.next_thread = next_thread,
	.get_thread = get_thread,
	.memory_read = memory_read,
	.set_initial_registers = set_initial_registers,
};

void unwind_attach(struct debug_info *info)
{
	dwfl_attach_state(info->dwfl, NULL, THE_THREAD, &thread_callbacks, &info->unwound);
}

struct collected {
	uint64_t *pcs;
	size_t count, most;
};

static int collect(Dwfl_Frame *frame, void *context)
{
	struct collected *collected = context;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(frame, &pc, NULL) || pc == 0 || collected->count == collected->most)
		return DWARF_CB_ABORT;
	collected->pcs[collected->count++] = pc;
	return DWARF_CB_OK;
}

static bool is_readable(const struct board_stack *stack)
{
	return stack->bytes.size == 0 ||
	       (stack->bytes.offset <= BOARD_BLOB_SIZE &&
		stack->bytes.size <= BOARD_BLOB_SIZE - stack->bytes.offset);
}

void unwind_each(struct symbols *symbols, const struct board *board,
		 const struct board_stack *stack, int (*each)(Dwfl_Frame *frame, void *context),
		 void *context)
{
	if (!symbols->dwfl || !is_readable(stack))
		return;
	symbols->info->unwound = (struct unwound){ board, stack };
	dwfl_getthread_frames(symbols->dwfl, THE_THREAD, each, context);
}

size_t symbols_unwind(struct symbols *symbols, const struct board *board,
		      const struct board_stack *stack, uint64_t *pcs, size_t most)
{
	struct collected collected = { pcs, 0, most };

	if (!symbols->dwfl || !is_readable(stack))
		return 0;
	unwind_each(symbols, board, stack, collect, &collected);
	if (collected.count == 0 && most > 0)
		pcs[collected.count++] = stack->rip;
	return collected.count;
}
