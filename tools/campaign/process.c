/* SPDX-License-Identifier: Apache-2.0 */
/* fork, arrange descriptors in the child, exec; a pipe that closes on exec brings back why it
 * failed. */
#include "campaign/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign/left.h"
#include "campaign/with.h"
#include "jostle/say.h"

/* The engine's descriptors in the target, from launch->high on. */
enum high_fd {
	HIGH_BOARD,
	HIGH_OUT,
	HIGH_ERR,
	HIGH_LIBRARY,
	HIGH_ERROR,
	HIGH_KEEP,
	HIGH_STANDIN,
	HIGH_COUNT
};

/* In the error pipe: not fatal. */
#define PERSONALITY_FAILED (-1)
#define NETWORK_FAILED     (-2)

static void move_fd(int from, int to)
{
	if (from == to)
		fcntl(to, F_SETFD, 0);
	else
		dup2(from, to);
}

static void reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
}

static void set_limits(const struct launch *launch)
{
	struct rlimit limit;

	limit.rlim_cur = limit.rlim_max = 0;
	setrlimit(RLIMIT_CORE, &limit);
	if (!launch->bare && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < (rlim_t)(launch->high + HIGH_COUNT)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Our descriptors close on exec; these are those that the target gets. The library's comes first:
 * others may lie on its number. */
static void give_descriptors(const struct launch *launch, const struct slot *slot, int input)
{
	if (launch->library_fd >= 0)
		move_fd(launch->library_fd, launch->high + HIGH_LIBRARY);
	if (launch->standin_fd >= 0)
		move_fd(launch->standin_fd, launch->high + HIGH_STANDIN);
	if (!launch->bare) {
		move_fd(slot->board_fd, launch->high + HIGH_BOARD);
		move_fd(slot->out_fd, launch->high + HIGH_OUT);
		move_fd(slot->err_fd, launch->high + HIGH_ERR);
	}
	if (launch->keep_fd >= 0)
		move_fd(launch->keep_fd, launch->high + HIGH_KEEP);
	if (launch->on_terminal)
		return;
	move_fd(input, STDIN_FILENO);
	move_fd(slot->out_fd, STDOUT_FILENO);
	move_fd(slot->err_fd, STDERR_FILENO);
	/* What our own parent left open would shift the program's descriptor numbers from one
	 * machine to the next. */
	syscall(SYS_close_range, 3, launch->high - 1, 0);
}

static void tell(int error_fd, int code)
{
	if (write(error_fd, &code, sizeof(code)) < 0)
		_exit(127);
}

static _Noreturn void child(const struct launch *launch, const struct slot *slot, int input,
			    int error, pid_t parent)
{
	int error_fd;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	reset_signals();
	set_limits(launch);
	error_fd = fcntl(error, F_DUPFD_CLOEXEC, launch->high + HIGH_ERROR);
	give_descriptors(launch, slot, input);
	if (personality(personality(0xffffffff) | ADDR_NO_RANDOMIZE) < 0)
		tell(error_fd, PERSONALITY_FAILED);
	if (slot->board->config.with && !with_own_network())
		tell(error_fd, NETWORK_FAILED);
	slot->board->config.target = getpid();
	if (launch->directory && chdir(launch->directory) < 0) {
		tell(error_fd, errno);
		_exit(127);
	}
	execve(launch->target->path, launch->target->argv, launch->environment);
	tell(error_fd, errno);
	_exit(127);
}

/*
 * The number of a process, which programs write into log lines, has five digits where we may choose
 * it: see harness/engine/processes/process_clone.c, whose numbers end below ours. Into the same
 * frame for both, as vfork(2) returns, so that it must be part of its caller. -1: not here.
 */
#define NUMBER_FIRST 31600
#define NUMBERS      1100

static inline __attribute__((always_inline)) pid_t clone_numbered(uint64_t flags)
{
	static unsigned next;
	static bool refused;
	pid_t number;
	struct clone_args args = {
		.flags = flags,
		.exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&number,
		.set_tid_size = 1,
	};

	if (!next)
		next = (unsigned)getpid() * 7;
	for (unsigned tries = 0; tries < NUMBERS && !refused; tries++) {
		long result = SYS_clone3;

		number = (pid_t)(NUMBER_FIRST + next++ % NUMBERS);
		__asm__ volatile("syscall"
				 : "+a"(result)
				 : "D"(&args), "S"(sizeof(args))
				 : "rcx", "r11", "memory");
		if (result >= 0)
			return (pid_t)result;
		refused = result != -EEXIST;
	}
	return -1;
}

/*
 * A copy of our memory, just to be dropped by exec, costs half a millisecond: the child borrows it,
 * and changes nothing of it that we rely on. Only who has its memory alone gets a network of its
 * own from the kernel.
 */
static __attribute__((noinline)) pid_t start_child(const struct launch *launch,
						   const struct slot *slot, int input, int error,
						   pid_t parent)
{
	const bool with = slot->board->config.with;
	pid_t pid = clone_numbered(with ? 0 : CLONE_VM | CLONE_VFORK);

	if (pid < 0)
		pid = with ? fork() : vfork();

	if (pid == 0)
		child(launch, slot, input, error, parent);
	return pid;
}

/* Reads what the child told before it became the target. Returns 0 or an errno. */
static int wait_for_exec(struct launch *launch, int error_fd)
{
	int code, result = 0;
	ssize_t size;

	while ((size = read(error_fd, &code, sizeof(code))) != 0) {
		if (size < 0 && errno == EINTR)
			continue;
		if (size != sizeof(code))
			break;
		if (code == PERSONALITY_FAILED)
			launch->randomised = true;
		else if (code == NETWORK_FAILED)
			launch->common_network = true;
		else
			result = code;
	}
	return result;
}

int process_start(struct process *process, struct launch *launch, struct slot *slot)
{
	int input = input_for_target(launch->input), error[2], code;
	const pid_t parent = getpid();

	if (input < 0)
		return say_error(EXIT_USAGE, "cannot open the program's standard input, %s: %s",
				 launch->input->fd < 0 ? "/dev/null" : "from /proc/self/fd",
				 strerror(errno));
	if (pipe2(error, O_CLOEXEC) < 0) {
		close(input);
		return say_error(EXIT_USAGE, "cannot start the program: %s", strerror(errno));
	}
	slot->board->config.capture_out = launch->high + HIGH_OUT;
	slot->board->config.capture_err = launch->high + HIGH_ERR;
	slot->board->config.keep_output = launch->keep_fd >= 0 ? launch->high + HIGH_KEEP : 0;
	process->board = slot->board;
	fflush(NULL);
	process->pid = start_child(launch, slot, input, error[1], parent);
	code = process->pid < 0 ? errno : 0;
	close(input);
	close(error[1]);
	if (process->pid > 0) {
		setpgid(process->pid, process->pid); /* whoever is first: so that killing the group
							always works */
		code = wait_for_exec(launch, error[0]);
		process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
		if (code == 0 && process->pidfd < 0)
			code = errno;
		if (code)
			process_kill(process, NULL);
	}
	close(error[0]);
	if (code)
		return say_error(EXIT_USAGE, "cannot start %s: %s", launch->target->path,
				 strerror(code));
	return 0;
}

static void take_status(struct process *process, int *status)
{
	int ignored;

	while (waitpid(process->pid, status ? status : &ignored, 0) < 0 && errno == EINTR)
		;
	if (process->pidfd >= 0)
		close(process->pidfd);
	/* Its children are ours now; what one of them was making when it was killed is made. */
	while (waitpid(-process->pid, &ignored, 0) > 0 || errno == EINTR)
		;
	if (process->board)
		left_remove(process->board);
	*process = (struct process){ .pid = 0, .pidfd = -1 };
}

void process_reap(struct process *process, int *status)
{
	/* Before the status is taken: until then the number cannot be somebody else's. */
	kill(-process->pid, SIGKILL);
	take_status(process, status);
}

void process_kill(struct process *process, int *status)
{
	kill(-process->pid, SIGKILL);
	kill(process->pid, SIGKILL);
	take_status(process, status);
}

void process_exec_debugger(struct launch *launch, struct slot *slot, char **argv)
{
	launch->on_terminal = true;
	slot->board->config.capture_out = launch->high + HIGH_OUT;
	slot->board->config.capture_err = launch->high + HIGH_ERR;
	reset_signals();
	set_limits(launch);
	give_descriptors(launch, slot, -1);
	execvpe(argv[0], argv, environ);
}
