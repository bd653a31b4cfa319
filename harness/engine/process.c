/* SPDX-License-Identifier: Apache-2.0 */
/* Thread ids and children; see process.h. */
#include "engine/process.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "engine/fd.h"
#include "engine/signal.h"
#include "engine/process_children.h"
#include "engine/system.h"

#define CHILDREN_MAX 128
#define DESCRIPTOR_BYTES                                                        \
	2304 /* of glibc's struct pthread, in which its thread id is looked for \
	      */

struct child {
	int pid;
	int number; /* in order of making, from 1 */
	int pidfd;  /* -1: could not be had; then it is only looked at now and then */
	bool ended; /* SIGCHLD was sent for it */
};

bool process_is_child;
static struct child children[CHILDREN_MAX];
static unsigned child_count;
static int children_made; /* in this schedule */
static unsigned tid_offset;

/* glibc keeps a thread's id at a constant place in its descriptor: where our own id stands. */
int process_init(void)
{
	const int tid = (int)sys_gettid();
	const uint64_t descriptor = engine_world.threads[0]->handle;

	tid_offset = 0;
	for (unsigned at = 64; at < DESCRIPTOR_BYTES; at += sizeof(int))
		if (*(const int *)(uintptr_t)(descriptor + at) == tid) {
			tid_offset = at;
			break;
		}
	return 0;
}

int process_tid(const struct thread *t)
{
	if (t->id == 0 || tid_offset == 0 || process_is_child)
		return (int)sys_gettid();
	return *(const int *)(uintptr_t)(t->handle + tid_offset);
}

struct thread *process_thread(int tid)
{
	struct world *w = &engine_world;

	for (uint32_t i = 0; i < w->thread_count; i++)
		if (w->threads[i]->status != THREAD_FINISHED && process_tid(w->threads[i]) == tid)
			return w->threads[i];
	return NULL;
}

unsigned process_children(void)
{
	return child_count;
}

void process_add_child(int pid)
{
	struct child *child;
	long pidfd;

	if (child_count == CHILDREN_MAX) {
		engine_note("more than 128 children at a time: the rest is not killed between "
			    "schedules");
		return;
	}
	child = &children[child_count++];
	pidfd = sys_call2(SYS_pidfd_open, pid, 0);
	child->pid = pid;
	child->number = ++children_made;
	child->ended = false;
	child->pidfd = pidfd < 0 ? -1 : fd_duplicate_high((int)pidfd);
	if (pidfd >= 0)
		sys_close((int)pidfd);
}

int process_child_number(int pid)
{
	for (unsigned i = 0; i < child_count; i++)
		if (children[i].pid == pid)
			return children[i].number;
	return 0;
}

int process_remove_child(int pid)
{
	const int number = process_child_number(pid);

	for (unsigned i = 0; i < child_count; i++)
		if (children[i].pid == pid) {
			if (children[i].pidfd >= 0)
				fd_release(children[i].pidfd);
			children[i] = children[--child_count];
			break;
		}
	return number;
}

unsigned process_sources(struct pollfd *out, unsigned max)
{
	unsigned count = 0;

	for (unsigned i = 0; i < child_count && count < max; i++)
		if (!children[i].ended && children[i].pidfd >= 0)
			out[count++] = (struct pollfd){ .fd = children[i].pidfd, .events = POLLIN };
	return count;
}

bool process_look(void)
{
	bool any = false;

	for (unsigned i = 0; i < child_count; i++) {
		siginfo_t info = { 0 };

		if (children[i].ended)
			continue;
		sys_call5(SYS_waitid, P_PID, children[i].pid, (long)&info,
			  WEXITED | WNOHANG | WNOWAIT, 0);
		if (info.si_pid == 0)
			continue;
		children[i].ended = true;
		any = true;
		info.si_signo = SIGCHLD;
		signal_post(&engine_world, NULL, &info);
	}
	if (any)
		signal_refresh_fds();
	return any;
}

void process_reset(void)
{
	for (unsigned i = 0; i < child_count; i++) {
		sys_call2(SYS_kill, children[i].pid, SIGKILL);
		sys_call4(SYS_wait4, children[i].pid, 0, __WALL, 0);
		if (children[i].pidfd >= 0)
			fd_release(children[i].pidfd);
	}
	child_count = 0;
	children_made = 0;
}
