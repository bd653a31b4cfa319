/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace for the registers, /proc/PID/mem for the stack. */
#include "jostle/hang.h"

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

void hang_capture(struct worker *worker)
{
	static uint8_t bytes[STACK_MAX];
	struct board *board = worker->slot.board;
	const uint32_t at = board->status.stack_count;
	const pid_t pid = worker->process.pid;
	struct board_stack stack = { .step = UINT32_MAX };
	int status;

	if (at >= BOARD_STACKS_MAX || ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return;
	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		;
	if (!WIFSTOPPED(status) || !read_registers(pid, &stack))
		return;
	stack.thread = (uint16_t)hang_thread(board);
	stack.base = stack.rsp & ~7ULL;
	/* What a target left in blob_used is not to be relied upon. */
	if (board->status.blob_used > BOARD_BLOB_SIZE - 2 * STACK_MAX)
		return;
	stack.bytes = slot_append(&worker->slot, bytes, read_stack(pid, stack.base, bytes));
	board->stacks[at] = stack;
	board->status.stack_count = at + 1;
}
