/* SPDX-License-Identifier: Apache-2.0 */
/* The table of processes: who there is, and that nobody stays; see processes.h. */
#include "engine/processes/processes.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/calls/system.h"
#include "engine/processes/shared.h"
#include "engine/state.h"
#include "model/fd.h"

struct processes processes SHARED_STATE;

void processes_begin(void)
{
	struct process *p = &processes.list[0];

	world_process = 0;
	system_timer_next = UINT64_MAX;
	system_dirty.uncontrolled = false;
	processes.generation++;
	processes.count = 1;
	processes.holder = 0;
	/* A system call would be a tenth of a short schedule. */
	*p = (struct process){ .pid = engine.forked_schedule ? (int32_t)sys_getpid()
							     : engine.board->status.pid,
			       .state = PROCESS_LIVES,
			       .main = 0,
			       .timer_next = UINT64_MAX };
	processes_tell(p);
}

void processes_tell(const struct process *p)
{
	BOARD_STORE(engine.board->status.running, (uint32_t)p->pid | (uint64_t)p->image << 32);
}

bool processes_alive(process_id id)
{
	return processes.list[id].state == PROCESS_LIVES ||
	       processes.list[id].state == PROCESS_HOSTS;
}

int processes_find(int pid)
{
	for (uint32_t i = processes.count; i-- > 0;)
		if (processes.list[i].pid == pid)
			return (int)i;
	return -1;
}

uint32_t processes_own_alive(void)
{
	uint32_t alive = 0;

	if (!processes_several())
		return engine_world.alive_count;
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		alive += t->process == world_process && t->status != THREAD_FINISHED;
	}
	return alive;
}

#define KILLED_MOST_MS 5000

void processes_kill(void)
{
	for (uint32_t i = 1; i < processes.count; i++)
		if (processes.list[i].state != PROCESS_ENDED && processes.list[i].pid > 0)
			sys_call2(SYS_kill, processes.list[i].pid, SIGKILL);
}

static bool ended_within(int pid, int timeout_ms)
{
	struct pollfd end = { .events = POLLIN };
	const long fd = sys_call2(SYS_pidfd_open, pid, 0);
	long result;

	if (fd < 0)
		return true;
	end.fd = (int)fd;
	do
		result = sys_call3(SYS_poll, (long)&end, 1, timeout_ms);
	while (result == -EINTR);
	sys_close((int)fd);
	return result > 0;
}

void processes_await_end(int pid)
{
	ended_within(pid, -1);
}

void processes_await_all(void)
{
	const int self = (int)sys_getpid();

	for (uint32_t i = 1; i < processes.count; i++)
		if (processes.list[i].pid > 0 && processes.list[i].pid != self)
			ended_within(processes.list[i].pid, KILLED_MOST_MS);
}

bool processes_has_ended(int pid)
{
	return ended_within(pid, 0);
}

void processes_end(void)
{
	if (!processes_several())
		return;
	processes_kill();
	for (uint32_t i = 1; i < processes.count; i++)
		/* Ours are reaped; others by their parent or by init. */
		if (sys_call4(SYS_wait4, processes.list[i].pid, 0, __WALL, 0) < 0)
			processes_await_end(processes.list[i].pid);
	processes.count = 1;
}

bool processes_others_alive(void)
{
	for (uint32_t i = 0; i < processes.count; i++)
		if (i != world_process && processes.list[i].state == PROCESS_LIVES)
			return true;
	return false;
}

unsigned processes_recheck(struct world *w)
{
	uint64_t waiting = 0;
	long woken = 0;

	if (!processes_several())
		return 0;
	for (uint32_t i = 0; i < w->thread_count; i++) {
		const struct thread *t = w->threads[i];

		if (t->status == THREAD_BLOCKED && t->process != world_process &&
		    model_table[t->op.kind] == model_fd)
			waiting |= 1ULL << t->process;
	}
	for (; waiting; waiting &= waiting - 1)
		woken += baton_ask((process_id)__builtin_ctzll(waiting), BATON_RECHECK);
	return (unsigned)woken;
}

void processes_drop_threads(process_id id)
{
	struct world *w = &engine_world;

	for (uint32_t i = 0; i < w->thread_count; i++)
		if (w->threads[i]->process == id && w->threads[i]->status != THREAD_FINISHED) {
			access_thread_dropped(w->threads[i]);
			world_finish(w, w->threads[i]);
		}
}
