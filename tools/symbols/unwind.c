/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libdw's unwinder, fed with the registers and stack bytes that the engine dumped. To libdw it
 * looks like a process with one thread; all memory that is not the dumped piece of stack cannot be
 * read, which is where an unwinding ends.
 */
#include <elfutils/version.h>
#include <stddef.h>
#include <string.h>
#include <ucontext.h>

#include "symbols/symbols_private.h"

#define THE_THREAD   1
#define TRAPS_MAX    4 /* handlers that interrupt each other */
#define REGISTER_RSP 7 /* DWARF's number */

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
	const struct unwound *unwound;
	uint64_t *pcs;
	size_t count, most;
};

static int collect(Dwfl_Frame *frame, void *context)
{
	struct collected *collected = context;
	Dwarf_Addr pc;

	if (!dwfl_frame_pc(frame, &pc, NULL) || pc == 0 || collected->count == collected->most)
		return DWARF_CB_ABORT;
	/* What trapped did not call: one further on it looks like a return address. */
	collected->pcs[collected->count++] = pc + collected->unwound->trapped;
	return DWARF_CB_OK;
}

static bool is_readable(const struct board_stack *stack)
{
	return stack->bytes.size == 0 ||
	       (stack->bytes.offset <= BOARD_BLOB_SIZE &&
		stack->bytes.size <= BOARD_BLOB_SIZE - stack->bytes.offset);
}

/*
 * A program that was interrupted, by a signal or at an instruction that traps, stands below the
 * handler's frame, whose return address libdw does not know for what it is: sud_restorer() of the
 * engine. The registers of the program lie in the frame.
 */
struct watch {
	struct symbols *symbols;
	int (*each)(Dwfl_Frame *frame, void *context);
	void *context;
	uint64_t trap; /* the address of the ucontext_t of a handler; 0: none was met */
};

static bool is_restorer(struct symbols *symbols, uint64_t pc)
{
	const char *name =
		symbols_in_engine(symbols, pc) ? symbols_linkage_name(symbols, pc, false) : NULL;

	return name && strcmp(name, "sud_restorer") == 0;
}

static bool stack_pointer(Dwfl_Frame *frame, Dwarf_Word *rsp)
{
#if _ELFUTILS_PREREQ(0, 188)
	return dwfl_frame_reg(frame, REGISTER_RSP, rsp) == 0;
#else
	(void)frame;
	(void)rsp;
	return false;
#endif
}

static int watch_frame(Dwfl_Frame *frame, void *context)
{
	struct watch *watch = context;
	Dwarf_Addr pc;
	Dwarf_Word rsp;
	int code;

	if (dwfl_frame_pc(frame, &pc, NULL) && is_restorer(watch->symbols, pc) &&
	    stack_pointer(frame, &rsp)) {
		watch->trap = rsp;
		return DWARF_CB_ABORT;
	}
	code = watch->each(frame, watch->context);
	watch->symbols->info->unwound.trapped = false;
	return code;
}

/* Those in the ucontext_t at that address. */
static bool registers_before(struct unwound *unwound, uint64_t context,
			     struct board_stack *registers)
{
#if defined(__x86_64__)
	const struct {
		int number;
		uint64_t *to;
	} wanted[] = {
		{ REG_RIP, &registers->rip }, { REG_RSP, &registers->rsp },
		{ REG_RBP, &registers->rbp }, { REG_RBX, &registers->rbx },
		{ REG_R12, &registers->r12 }, { REG_R13, &registers->r13 },
		{ REG_R14, &registers->r14 }, { REG_R15, &registers->r15 },
	};
	Dwarf_Word value;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const uint64_t at = context + offsetof(ucontext_t, uc_mcontext.gregs) +
				    (uint64_t)wanted[i].number * sizeof(greg_t);

		if (!memory_read(NULL, at, &value, unwound))
			return false;
		*wanted[i].to = value;
	}
	return true;
#else
	(void)unwound;
	(void)context;
	(void)registers;
	return false;
#endif
}

void unwind_each(struct symbols *symbols, const struct board *board,
		 const struct board_stack *stack, int (*each)(Dwfl_Frame *frame, void *context),
		 void *context)
{
	struct unwound *unwound;
	struct board_stack registers;
	struct watch watch = { .symbols = symbols, .each = each, .context = context };

	if (!symbols->dwfl || !is_readable(stack))
		return;
	registers = *stack;
	unwound = &symbols->info->unwound;
	*unwound = (struct unwound){ .board = board, .stack = &registers };
	for (unsigned i = 0; i < TRAPS_MAX; i++) {
		watch.trap = 0;
		dwfl_getthread_frames(symbols->dwfl, THE_THREAD, watch_frame, &watch);
		if (!watch.trap || !registers_before(unwound, watch.trap, &registers))
			break;
		/* An instruction that was patched is performed elsewhere, in no module. */
		unwound->trapped = dwfl_addrmodule(symbols->dwfl, registers.rip) != NULL;
		if (!unwound->trapped && stack->site)
			registers.rip = stack->site;
	}
	unwound->stack = stack;
}

size_t symbols_unwind(struct symbols *symbols, const struct board *board,
		      const struct board_stack *stack, uint64_t *pcs, size_t most)
{
	struct collected collected = { .pcs = pcs, .most = most };

	if (!symbols->dwfl || !is_readable(stack))
		return 0;
	collected.unwound = &symbols->info->unwound;
	unwind_each(symbols, board, stack, collect, &collected);
	if (collected.count == 0 && most > 0)
		pcs[collected.count++] = stack->rip;
	return collected.count;
}
