/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/probe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign/process.h"
#include "jostle/interrupt.h"

struct kernel_call *probe_open(void)
{
	struct kernel_call *call = mmap(NULL, sizeof(*call), PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return call == MAP_FAILED ? NULL : call;
}

void probe_close(struct kernel_call *call)
{
	if (call)
		munmap(call, sizeof(*call));
}

static _Noreturn void child(struct kernel_call *call, kernel_run *run)
{
	setpgid(0, 0);
	run(call);
	_exit(call->error[0] ? 1 : 0);
}

static bool wait_for_end(pid_t pid, struct kernel_call *call, bool *interrupted)
{
	const int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd wanted[] = { { .fd = pidfd, .events = POLLIN },
				   { .fd = interrupt_fd(), .events = POLLIN } };
	int ready;

	if (pidfd < 0) {
		kernel_fail(call, "pidfd_open");
		return false;
	}
	do
		ready = poll(wanted, 2, PROBE_LIMIT_MS);
	while (ready < 0 && errno == EINTR);
	close(pidfd);
	*interrupted = wanted[1].revents != 0;
	if (ready == 0 && !call->error[0])
		snprintf(call->error, sizeof(call->error), "did not end within %d s",
			 PROBE_LIMIT_MS / 1000);
	return ready > 0 && !*interrupted;
}

enum probe_end probe_run(struct kernel_call *call, kernel_run *run)
{
	bool interrupted = false, ended;
	int status = 0;
	pid_t pid;

	memset(call->values, 0, sizeof(call->values));
	call->checksum = 0;
	call->error[0] = '\0';
	if (interrupt_count())
		return PROBE_INTERRUPTED;
	pid = kernel_fork();
	if (pid == 0)
		child(call, run);
	if (pid < 0) {
		kernel_fail(call, "fork");
		return PROBE_FAILED;
	}
	setpgid(pid, pid); /* whoever is first: so that killing the group always works */
	ended = wait_for_end(pid, call, &interrupted);
	/* Before the status is taken: until then the number cannot be somebody else's. */
	kill(-pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!ended || status != 0)
		process_sweep();
	if (interrupted)
		return PROBE_INTERRUPTED;
	if (ended && status != 0 && !call->error[0])
		snprintf(call->error, sizeof(call->error),
			 WIFSIGNALED(status) ? "was killed by signal %d" : "ended with status %d",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return call->error[0] ? PROBE_FAILED : PROBE_DONE;
}
