/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace for the registers, /proc/PID/mem for the stack. */
#include "campaign/hang.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/thread.h"

#define STACK_MAX (64U << 10)
#define PAGE      4096U

unsigned hang_thread(const struct board *board)
{
	uint32_t count = BOARD_LOAD(board->choice_count);

	while (count-- > 0 && count < BOARD_STEPS_MAX)
		if (board->choices[count] < THREADS_MAX)
			return board->choices[count];
	return THREAD_NONE;
}

/* Page by page, since the stack's end is not known: what lies beyond cannot be read. */
static size_t read_stack(pid_t pid, uint64_t from, uint8_t *bytes)
{
	char path[64];
	size_t size = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (size < STACK_MAX) {
		size_t wanted = PAGE - (from + size) % PAGE;
		ssize_t got;

		if (wanted > STACK_MAX - size)
			wanted = STACK_MAX - size;
		got = pread(fd, bytes + size, wanted, (off_t)(from + size));
		if (got <= 0)
			break;
		size += (size_t)got;
	}
	close(fd);
	return size;
}

#if defined(__x86_64__)
static bool read_registers(pid_t pid, struct board_stack *stack)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
		return false;
	stack->rip = registers.rip;
	stack->rsp = registers.rsp;
	stack->rbp = registers.rbp;
	stack->rbx = registers.rbx;
	stack->r12 = registers.r12;
	stack->r13 = registers.r13;
	stack->r14 = registers.r14;
	stack->r15 = registers.r15;
	return true;
}
#else
static bool read_registers(pid_t pid, struct board_stack *stack)
{
	(void)pid;
	(void)stack;
	return false;
}
#endif

static void add_stack(struct slot *slot, pid_t pid, uint64_t image)
{
	static uint8_t bytes[STACK_MAX];
	struct board *board = slot->board;
	struct board_stack stack = { .step = UINT32_MAX };

	if (!read_registers(pid, &stack))
		return;
	stack.thread = (uint16_t)hang_thread(board);
	stack.base = stack.rsp & ~7ULL;
	/* Return addresses of another program would be taken for those of the first: its place
	 * alone is told. */
	stack.rip |= image << 48;
	/* What a target left in blob_used is not to be relied upon. */
	if (!image && board->status.blob_used > BOARD_BLOB_SIZE - 2 * STACK_MAX)
		return;
	if (!image)
		stack.bytes = slot_append(slot, bytes, read_stack(pid, stack.base, bytes));
	board->stacks[board->status.stack_count++] = stack;
}

void hang_capture(struct worker *worker)
{
	const struct board *board = worker->slot.board;
	const uint64_t running = BOARD_LOAD(board->status.running);
	const pid_t pid = (pid_t)(uint32_t)running;
	int status;

	/* The program may have written over the board: who is none of its processes is not ours to
	 * stop. */
	if (board->status.stack_count >= BOARD_STACKS_MAX || !process_is_below_us(pid) ||
	    ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return;
	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		;
	if (!WIFSTOPPED(status))
		return;
	add_stack(&worker->slot, pid, running >> 32 & UINT8_MAX);
	/* Its parent, not we, must learn how it ends. */
	if (pid != worker->process.pid)
		ptrace(PTRACE_DETACH, pid, NULL, NULL);
}
