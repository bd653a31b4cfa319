/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting on what cannot be polled as a descriptor: flock, System V queues and semaphores; and
 * POSIX queues, whose timed calls tell "would wait" by a deadline in the past. After each such call
 * call_serial counts up, and waiters try again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <time.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/queue_notify.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/file_lock.h"
#include "engine/descriptors/names.h"

#define SEMAPHORE_OPERATIONS_MAX 64

static long attempt_flock(struct fd_request *r)
{
	const long result = sys_call2(SYS_flock, r->fd, r->args[1] | LOCK_NB);

	if (result == -EAGAIN && !(r->args[1] & LOCK_NB)) {
		r->serial = call_serial;
		file_lock_waits(r);
		return FD_WOULD_BLOCK;
	}
	if (result == 0 && !(r->args[1] & LOCK_UN))
		file_lock_taken(r->fd, r->thread, false);
	call_serial++;
	return result;
}

long call_flock(struct call *c)
{
	struct fd_request r = call_request(c, (int)c->args[0], attempt_flock);

	if (fd_is_engine(r.fd))
		return -EBADF;
	names_locked(r.fd);
	if (c->args[1] & LOCK_UN)
		return call_point(c, OP_FD_UNLOCK, r.fd, attempt_flock);
	r.ready = ready_by_serial;
	r.sources = NULL;
	return call_wait(c, OP_FD_LOCK, &r, OP_NO_DEADLINE, CALL_RESTARTS);
}

static long attempt_mq(struct fd_request *r)
{
	const struct timespec past = { 0, 0 };
	const int told = r->nr == SYS_mq_timedsend ? queue_tells(r->fd) : -1;
	const long result =
		sys_call5(r->nr, r->fd, r->args[1], r->args[2], r->args[3], (long)&past);

	if (result == 0 && told >= 0)
		queue_tell(told, r->thread);
	if (result != -ETIMEDOUT)
		return result;
	if (r->nr == SYS_mq_timedreceive)
		engine_world.threads[r->thread]->op.args[2] = queue_identity(r->fd);
	return FD_WOULD_BLOCK;
}

/* Semaphore operations with IPC_NOWAIT; more than fit are refused as the kernel would beyond its
 * own limit. */
static long attempt_semaphore(struct fd_request *r)
{
	const struct sembuf *wanted = (const struct sembuf *)r->args[1];
	struct sembuf operations[SEMAPHORE_OPERATIONS_MAX];
	const size_t count = (size_t)r->args[2];
	bool waits = false;
	long result;

	if (count > SEMAPHORE_OPERATIONS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < count; i++) {
		operations[i] = wanted[i];
		waits |= !(operations[i].sem_flg & IPC_NOWAIT);
		operations[i].sem_flg = (short)(operations[i].sem_flg | IPC_NOWAIT);
	}
	result = sys_call3(SYS_semop, r->args[0], (long)operations, (long)count);
	if (result == -EAGAIN && waits) {
		r->serial = call_serial;
		return FD_WOULD_BLOCK;
	}
	call_serial++;
	return result;
}

static long attempt_message(struct fd_request *r)
{
	const bool sends = r->nr == SYS_msgsnd;
	const int flag_at = sends ? 3 : 4;
	struct fd_request nowait = *r;
	long result;

	nowait.args[flag_at] |= IPC_NOWAIT;
	result = request_raw(&nowait);
	if (result == (sends ? -EAGAIN : -ENOMSG) && !(r->args[flag_at] & IPC_NOWAIT)) {
		r->serial = call_serial;
		return FD_WOULD_BLOCK;
	}
	call_serial++;
	return result;
}

/* Changes a set or queue at once: waiters look again. */
static long attempt_control(struct fd_request *r)
{
	call_serial++;
	return request_raw(r);
}

static enum op_kind kind_of(long nr)
{
	switch (nr) {
	case SYS_mq_timedsend:
	case SYS_msgsnd:
		return OP_QUEUE_SEND;
	case SYS_mq_timedreceive:
	case SYS_msgrcv:
		return OP_QUEUE_RECEIVE;
	default:
		return OP_SEM_OPERATE;
	}
}

long call_queue(struct call *c)
{
	struct fd_request r = call_request(c, -1, attempt_control);
	uint64_t deadline_ns = OP_NO_DEADLINE;
	int error = 0;

	r.sources = NULL;
	r.ready = ready_by_serial;
	r.serial = call_serial;
	switch (c->nr) {
	case SYS_mq_timedsend:
	case SYS_mq_timedreceive:
		r.fd = (int)c->args[0];
		if (fd_is_engine(r.fd))
			return -EBADF;
		r.attempt = attempt_mq;
		r.timed_out = -ETIMEDOUT;
		r.ready = c->nr == SYS_mq_timedsend ? ready_to_write : ready_to_read;
		r.sources = c->nr == SYS_mq_timedsend ? source_write : source_read;
		if (c->args[4])
			error = engine_deadline(CLOCK_REALTIME, (const struct timespec *)c->args[4],
						&deadline_ns);
		break;
	case SYS_semop:
	case SYS_semtimedop:
		r.attempt = attempt_semaphore;
		if (c->nr == SYS_semtimedop)
			error = (int)-call_deadline((const void *)c->args[3], &deadline_ns);
		break;
	case SYS_msgsnd:
	case SYS_msgrcv:
		r.attempt = attempt_message;
		break;
	default:
		break;
	}
	if (error)
		return -error;
	return call_wait(c, kind_of(c->nr), &r, deadline_ns,
			 c->nr != SYS_semop && c->nr != SYS_semtimedop && c->nr != SYS_msgsnd &&
				 c->nr != SYS_msgrcv);
}
