/* SPDX-License-Identifier: Apache-2.0 */
/* See queue_notify.h. */
#include "engine/calls/queue_notify.h"

#include <errno.h>
#include <mqueue.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/notify.h"
#include "engine/descriptors/fd.h"
#include "engine/linger.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/signal.h"
#include "engine/time/vtimer.h"

#define REGISTRATIONS_MAX 64

struct registration {
	uint64_t queue; /* 0: free */
	process_id process;
	bool due;
	int notify; /* SIGEV_* */
	siginfo_t info;
	struct notification notification;
};

/* Guarded by the baton. */
static struct registration list[REGISTRATIONS_MAX] SHARED_STATE;
static uint32_t used SHARED_STATE; /* those from here on are free */

void queue_begin(void)
{
	for (uint32_t i = 0; i < used; i++)
		list[i].queue = 0;
	used = 0;
}

uint64_t queue_identity(int fd)
{
	struct mq_attr attributes;
	struct stat st;

	if (sys_call3(SYS_mq_getsetattr, fd, 0, (long)&attributes) < 0 ||
	    sys_call2(SYS_fstat, fd, (long)&st) < 0)
		return 0;
	return st.st_ino;
}

static int find(uint64_t queue)
{
	for (uint32_t i = 0; i < used; i++)
		if (list[i].queue == queue && !list[i].due && processes_alive(list[i].process))
			return (int)i;
	return -1;
}

/* A thread that waits, or has been woken and not yet looked. */
static bool waits(const struct thread *t, uint64_t queue)
{
	return t->op.kind == OP_QUEUE_RECEIVE && t->op.phase != 0 && t->op.args[2] == queue &&
	       (t->status == THREAD_BLOCKED || t->status == THREAD_READY) &&
	       !(t->op.flags & (OP_TIMED_OUT | OP_INTERRUPTED | OP_CANCELLED));
}

int queue_tells(int fd)
{
	struct mq_attr attributes;
	uint64_t queue;
	long waiting = 0;
	int found;

	if (used == 0)
		return -1;
	queue = queue_identity(fd);
	found = queue ? find(queue) : -1;
	if (found < 0 || sys_call3(SYS_mq_getsetattr, fd, 0, (long)&attributes) < 0)
		return -1;
	for (uint32_t i = 0; i < engine_world.thread_count; i++)
		waiting += waits(engine_world.threads[i], queue);
	return attributes.mq_curmsgs == waiting ? found : -1;
}

void queue_tell(int registration, thread_id by)
{
	struct registration *r = &list[registration];

	r->due = true;
	if (r->notify == SIGEV_SIGNAL)
		r->info.si_pid = (pid_t)sys_getpid();
	else if (r->notify == SIGEV_THREAD)
		notify_sent(by, notify_object(r->process, true, (unsigned)registration));
	vtimer_make_due(r->process);
}

bool queue_is_due(void)
{
	for (uint32_t i = 0; i < used; i++)
		if (list[i].queue && list[i].due && list[i].process == world_process)
			return true;
	return false;
}

void queue_run_due(void)
{
	for (uint32_t i = 0; i < used; i++) {
		struct registration *r = &list[i];

		if (!r->queue || !r->due || r->process != world_process)
			continue;
		r->queue = 0;
		if (r->notify == SIGEV_SIGNAL && r->info.si_signo != 0) {
			signal_make_dirty();
			signal_post(&engine_world, NULL, &r->info);
		} else if (r->notify == SIGEV_THREAD) {
			notify_run(&r->notification, notify_object(r->process, true, i));
		}
	}
}

void queue_losing(int fd)
{
	uint64_t queue;

	if (used == 0)
		return;
	queue = queue_identity(fd);
	for (uint32_t i = 0; queue && i < used; i++)
		if (list[i].queue == queue && list[i].process == world_process && !list[i].due)
			list[i].queue = 0;
}

void queue_forget_process(process_id process)
{
	for (uint32_t i = 0; i < used; i++)
		if (list[i].process == process)
			list[i].queue = 0;
}

static bool valid(const struct sigevent *event)
{
	switch (event->sigev_notify) {
	case SIGEV_NONE:
	case SIGEV_THREAD:
		return true;
	case SIGEV_SIGNAL:
		return event->sigev_signo >= 0 && event->sigev_signo <= SIGNALS_MAX;
	default:
		return false;
	}
}

static long add(const struct sigevent *event, uint64_t queue, thread_id by, void *site)
{
	struct registration *r;
	uint32_t i = 0;
	uint64_t object;

	while (i < used && list[i].queue != 0)
		i++;
	if (i == REGISTRATIONS_MAX)
		return -ENOMEM;
	if (i == used)
		used++;
	r = &list[i];
	*r = (struct registration){ .queue = queue,
				    .process = world_process,
				    .notify = event->sigev_notify,
				    .info = signal_info(event->sigev_signo, SI_MESGQ) };
	r->info.si_value = event->sigev_value;
	r->info.si_uid = (uid_t)sys_call0(SYS_getuid);
	if (r->notify == SIGEV_THREAD) {
		object = notify_object(r->process, true, i);
		notify_init(&r->notification, event, 0, object);
		notify_armed(&r->notification, by, site, object);
	}
	return 0;
}

/* args[2]: where it was called from. */
static long attempt_notify(struct fd_request *r)
{
	const struct sigevent *event = (const struct sigevent *)r->args[1];
	const uint64_t queue = fd_is_engine(r->fd) ? 0 : queue_identity(r->fd);
	int found;

	if (event && !valid(event))
		return -EINVAL;
	if (!queue)
		return -EBADF;
	found = find(queue);
	if (!event) {
		if (found >= 0 && list[found].process == world_process)
			list[found].queue = 0;
		return 0;
	}
	return found >= 0 ? -EBUSY : add(event, queue, r->thread, (void *)r->args[2]);
}

long call_mq_notify(struct call *c)
{
	struct call with_site = *c;
	long result;

	with_site.args[2] = (long)c->site;
	result = call_point(&with_site, OP_SYSCALL, (int)c->args[0], attempt_notify);
	if (result == 0 && c->args[1])
		linger_here(c->site);
	return result;
}
