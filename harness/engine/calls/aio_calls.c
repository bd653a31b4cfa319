/* SPDX-License-Identifier: Apache-2.0 */
/* What the program asks for; see aio.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>

#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/calls/aio.h"
#include "engine/calls/aio_queue.h"
#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/descriptors/fd.h"

#define PRIORITY_MAX 20 /* AIO_PRIO_DELTA_MAX */
#define ENDINGS_MAX  32 /* that one aio_cancel() takes back at most */

static bool is_possible(struct aiocb *cb)
{
	if (cb->aio_reqprio >= 0 && cb->aio_reqprio <= PRIORITY_MAX)
		return true;
	cb->__error_code = EINVAL;
	cb->__return_value = -1;
	return false;
}

/* args: the blocks, how many; the list's number, where it was asked for. */
static long attempt_start(struct fd_request *r)
{
	struct aiocb *const *list = (struct aiocb *const *)r->args[0];

	aio_refresh();
	for (long i = 0; i < r->args[1]; i++)
		if (list[i] && list[i]->aio_lio_opcode != LIO_NOP)
			aio_append(list[i], (unsigned)r->args[2], r->thread, (void *)r->args[3]);
	return 0;
}

static void start(struct aiocb *const *list, int count, unsigned number, void *site)
{
	const struct call c = aio_call(site);
	struct fd_request r = call_request(&c, -1, attempt_start);

	r.args[0] = (long)list;
	r.args[1] = count;
	r.args[2] = number;
	r.args[3] = (long)site;
	call_wait(&c, OP_SYSCALL, &r, OP_NO_DEADLINE, CALL_RESTARTS);
}

long aio_start(struct aiocb *cb, int operation, void *site)
{
	struct aio_ending ending;

	if (!is_possible(cb))
		return -EINVAL;
	cb->aio_lio_opcode = operation;
	start(&cb, 1, 0, site);
	if (aio_hire(site))
		return 0;
	aio_unlink(cb);
	aio_end(cb, -EAGAIN, engine_current->id, &ending);
	return -EAGAIN;
}

long aio_start_list(int mode, struct aiocb *const *list, int count, const struct sigevent *event,
		    void *site)
{
	const bool waits = mode == LIO_WAIT, tells = !waits && event;
	uint32_t requests = 0;
	unsigned number = 0;
	long result = 0;

	aio_refresh();
	for (int i = 0; i < count; i++)
		if (list[i] && list[i]->aio_lio_opcode != LIO_NOP) {
			if (!is_possible(list[i]))
				return -EIO;
			requests++;
		}
	if (requests == 0) {
		if (tells)
			aio_tell(event, site);
		return 0;
	}
	if (tells && (number = aio_new_list(requests, event)) == 0)
		return -EAGAIN;
	start(list, count, number, site);
	if (!aio_hire(site))
		return -EAGAIN;
	if (waits)
		result = aio_await((const struct aiocb *const *)list, count, true, NULL, site);
	for (int i = 0; waits && result == 0 && i < count; i++)
		if (list[i] && list[i]->aio_lio_opcode != LIO_NOP && list[i]->__error_code != 0)
			result = -EIO;
	return result;
}

static bool is_over(const struct aiocb *cb)
{
	return cb->aio_lio_opcode == LIO_NOP || cb->__error_code != EINPROGRESS;
}

/* args: the list, its length; whether all of it must be over. */
static bool ready_to_go_on(const struct fd_request *r)
{
	const struct aiocb *const *list = (const struct aiocb *const *)r->args[0];
	bool all = true, any = false;

	for (long i = 0; i < r->args[1]; i++)
		if (list[i]) {
			all &= is_over(list[i]);
			any |= is_over(list[i]);
		}
	return all || (any && !r->args[2]);
}

static long attempt_go_on(struct fd_request *r)
{
	return ready_to_go_on(r) ? 0 : FD_WOULD_BLOCK;
}

long aio_await(const struct aiocb *const *list, int count, bool all, const struct timespec *timeout,
	       void *site)
{
	const struct call c = aio_call(site);
	struct fd_request r = call_request(&c, -1, attempt_go_on);
	uint64_t deadline_ns = OP_NO_DEADLINE;
	long result;

	if (call_deadline(timeout, &deadline_ns) < 0)
		return -EINVAL;
	r.ready = ready_to_go_on;
	r.sources = NULL;
	r.args[0] = (long)list;
	r.args[1] = count;
	r.args[2] = all;
	result = call_wait(&c, OP_FD_POLL, &r, deadline_ns, CALL_FAILS);
	for (int i = 0; access_state.on && i < count; i++)
		if (list[i] && is_over(list[i]))
			access_taken(engine_current->id, access_object(list[i]));
	return result;
}

int aio_state(const struct aiocb *cb, void *site)
{
	engine_publish(OP_YIELD, NULL, site);
	engine_step();
	if (access_state.on && cb->__error_code != EINPROGRESS)
		access_taken(engine_current->id, access_object(cb));
	return cb->__error_code;
}

/* args: the request, NULL for all; where their ends are noted, how many. */
static long attempt_stop(struct fd_request *r)
{
	struct aio_ending *endings = (struct aio_ending *)r->args[1];
	struct aiocb *cb = aio_first(), *next;
	bool stopped = false, goes_on;

	aio_refresh();
	for (; cb; cb = next) {
		next = cb->__next_prio;
		if (cb->aio_fildes != r->fd || (r->args[0] && cb != (struct aiocb *)r->args[0]))
			continue;
		if (r->args[2] == ENDINGS_MAX)
			break;
		aio_unlink(cb);
		aio_end(cb, -ECANCELED, r->thread, &endings[r->args[2]++]);
		stopped = true;
	}
	goes_on = r->args[0] ? ((struct aiocb *)r->args[0])->__error_code == EINPROGRESS
			     : aio_is_busy(r->fd);
	return goes_on ? AIO_NOTCANCELED : stopped ? AIO_CANCELED : AIO_ALLDONE;
}

long aio_stop(int fd, struct aiocb *cb, void *site)
{
	const struct call c = aio_call(site);
	struct fd_request r = call_request(&c, fd, attempt_stop);
	struct aio_ending endings[ENDINGS_MAX];
	long result;

	if (fd_is_engine(fd) || sys_call2(SYS_fcntl, fd, F_GETFD) < 0)
		return -EBADF;
	if (cb && cb->aio_fildes != fd)
		return -EINVAL;
	r.args[0] = (long)cb;
	r.args[1] = (long)endings;
	r.args[2] = 0;
	result = call_wait(&c, OP_SYSCALL, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	for (long i = 0; i < r.args[2]; i++) {
		aio_tell(&endings[i].own, site);
		aio_tell(&endings[i].all, site);
	}
	return result;
}
