/* SPDX-License-Identifier: Apache-2.0 */
/* Thread ids and children; see process.h. */
#include "engine/processes/process.h"

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/sys.h"
#include "engine/calls/system.h"
#include "engine/descriptors/fd.h"
#include "engine/processes/process_children.h"
#include "engine/processes/processes.h"
#include "engine/signal.h"

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
static int children_made;                      /* in this schedule */
static unsigned tid_offset, canceltype_offset; /* 0: not found */
static unsigned char canceltype_asynchronous;
static char first_name[THREAD_NAME_MAX]; /* before the first process_rename(); "": there was none */

/* glibc keeps a thread's id at a constant place in its descriptor: where our own id stands. */
static void find_tid(const unsigned char *descriptor)
{
	const int tid = (int)sys_gettid();

	for (unsigned at = 64; at < DESCRIPTOR_BYTES; at += sizeof(int))
		if (memcmp(descriptor + at, &tid, sizeof(tid)) == 0) {
			tid_offset = at;
			return;
		}
}

/* A cancellable call of libc's makes the thread's cancellation asynchronous around the instruction.
 * The byte that says so is the one that changes when we do it. */
static void find_canceltype(const unsigned char *descriptor)
{
	unsigned char before[DESCRIPTOR_BYTES];
	int (*setcanceltype)(int, int *);
	int old, unused;

	*(void **)&setcanceltype = dlsym(RTLD_NEXT, "pthread_setcanceltype");
	if (!setcanceltype)
		return;
	memcpy(before, descriptor, sizeof(before));
	setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	for (unsigned at = 64; at < DESCRIPTOR_BYTES; at++)
		if (descriptor[at] != before[at]) {
			canceltype_offset = at;
			canceltype_asynchronous = descriptor[at];
			break;
		}
	setcanceltype(old, &unused);
}

int process_init(void)
{
	const unsigned char *descriptor =
		(const unsigned char *)(uintptr_t)engine_world.threads[0]->handle;

	find_tid(descriptor);
	find_canceltype(descriptor);
	return 0;
}

bool process_cancellable(const struct thread *t)
{
	const unsigned char *descriptor = (const unsigned char *)(uintptr_t)t->handle;

	return canceltype_offset != 0 && descriptor[canceltype_offset] == canceltype_asynchronous;
}

int process_tid(const struct thread *t)
{
	if (t->id == processes.list[world_process].main || tid_offset == 0 || process_is_child)
		return (int)sys_gettid();
	return *(const int *)(uintptr_t)(t->handle + tid_offset);
}

struct thread *process_thread(int tid)
{
	struct world *w = &engine_world;

	for (uint32_t i = 0; i < w->thread_count; i++)
		if (w->threads[i]->status != THREAD_FINISHED &&
		    w->threads[i]->process == world_process && process_tid(w->threads[i]) == tid)
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
	const int controlled = processes_find(pid);

	if (controlled > 0)
		return controlled;
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

void process_rename(const char *name)
{
	if (!first_name[0])
		sys_call2(SYS_prctl, PR_GET_NAME, (long)first_name);
	sys_call2(SYS_prctl, PR_SET_NAME, (long)name);
}

void process_reset(void)
{
	if (first_name[0]) {
		sys_call2(SYS_prctl, PR_SET_NAME, (long)first_name);
		first_name[0] = '\0';
	}
	for (unsigned i = 0; i < child_count; i++) {
		sys_call2(SYS_kill, children[i].pid, SIGKILL);
		sys_call4(SYS_wait4, children[i].pid, 0, __WALL, 0);
		if (children[i].pidfd >= 0)
			fd_release(children[i].pidfd);
	}
	child_count = 0;
	children_made = 0;
}

void process_forget_children(void)
{
	for (unsigned i = 0; i < child_count; i++)
		if (children[i].pidfd >= 0)
			fd_release(children[i].pidfd);
	child_count = 0;
}
