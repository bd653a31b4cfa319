/* SPDX-License-Identifier: Apache-2.0 */
/* See aio.h. */
#include "engine/calls/aio.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/calls/aio_queue.h"
#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/processes/processes.h"
#include "engine/signal.h"
#include "engine/thread.h"

#define WORKERS_MAX 20 /* as libc's */
#define IDLE_NS     1000000000ULL
#define NOT_BUSY    INT_MIN /* no descriptor, good or bad */
#define LISTS_MAX   64      /* lio_listio() without waiting, at a time */

/* lio_listio(): what happens when the last of them is done. */
struct list_end {
	uint32_t left; /* 0: free */
	struct sigevent event;
};

/* Of this process and schedule, by the two numbers at the start. */
static struct {
	uint32_t generation;
	process_id process;
	struct aiocb *first, *last; /* not begun, by __next_prio */
	uint32_t workers, idle;
	int busy[WORKERS_MAX]; /* descriptors that requests are being done on */
	struct list_end lists[LISTS_MAX];
} state;

/* What libc keeps for itself at the end of a block is ours: where it was asked for. */
void **aio_site(struct aiocb *cb)
{
	_Static_assert(sizeof(cb->__glibc_reserved) >= sizeof(void *), "aio_site()");
	return (void **)(void *)cb->__glibc_reserved;
}

void aio_refresh(void)
{
	if (state.generation == processes.generation && state.process == world_process)
		return;
	memset(&state, 0, sizeof(state));
	state.generation = processes.generation;
	state.process = world_process;
	for (int i = 0; i < WORKERS_MAX; i++)
		state.busy[i] = NOT_BUSY;
}

bool aio_is_busy(int fd)
{
	for (int i = 0; i < WORKERS_MAX; i++)
		if (state.busy[i] == fd)
			return true;
	return false;
}

static bool is_first_of_its_file(const struct aiocb *cb)
{
	for (const struct aiocb *before = state.first; before != cb; before = before->__next_prio)
		if (before->aio_fildes == cb->aio_fildes)
			return false;
	return true;
}

/* Requests that could be done at once. */
static uint32_t could_begin(void)
{
	uint32_t count = 0;

	for (const struct aiocb *cb = state.first; cb; cb = cb->__next_prio)
		count += !aio_is_busy(cb->aio_fildes) && is_first_of_its_file(cb);
	return count;
}

void aio_unlink(struct aiocb *gone)
{
	struct aiocb *before = NULL;

	for (struct aiocb *cb = state.first; cb != gone; cb = cb->__next_prio)
		before = cb;
	if (before)
		before->__next_prio = gone->__next_prio;
	else
		state.first = gone->__next_prio;
	if (state.last == gone)
		state.last = before;
	gone->__next_prio = NULL;
}

static struct aiocb *take(int *place)
{
	struct aiocb *cb = state.first;

	while (cb && aio_is_busy(cb->aio_fildes))
		cb = cb->__next_prio;
	if (!cb)
		return NULL;
	for (*place = 0; state.busy[*place] != NOT_BUSY; ++*place)
		;
	state.busy[*place] = cb->aio_fildes;
	aio_unlink(cb);
	return cb;
}

/* ---- who is told ---- */

void aio_tell(const struct sigevent *event, void *site)
{
	siginfo_t info;

	if (event->sigev_notify == SIGEV_SIGNAL) {
		const long args[6] = { sys_getpid(), event->sigev_signo, (long)&info };

		info = signal_info(event->sigev_signo, SI_ASYNCIO);
		info.si_value = event->sigev_value;
		info.si_pid = (pid_t)sys_getpid();
		info.si_uid = (uid_t)sys_call0(SYS_getuid);
		system_call(SYS_rt_sigqueueinfo, args, site);
	} else if (event->sigev_notify == SIGEV_THREAD) {
		const struct engine_start start = {
			.function = (void *(*)(void *))(uintptr_t)event->sigev_notify_function,
			.argument = event->sigev_value.sival_ptr,
			.attributes = event->sigev_notify_attributes,
			.notified = true,
		};

		engine_thread_start(&start, site);
	}
}

/* One of its list is done; the event of all, when it was the last. */
static struct sigevent list_end_of(const struct aiocb *cb)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	struct list_end *end = cb->__policy ? &state.lists[cb->__policy - 1] : NULL;

	return end && --end->left == 0 ? end->event : none;
}

void aio_end(struct aiocb *cb, long result, thread_id by, struct aio_ending *ending)
{
	ending->own = cb->aio_sigevent;
	ending->all = list_end_of(cb);
	cb->__return_value = result < 0 ? -1 : result;
	cb->__error_code = result < 0 ? (int)-result : 0;
	if (access_state.on)
		access_handed(by, access_object(cb));
}

/* ---- the threads ---- */

struct call aio_call(void *site)
{
	return (struct call){ .nr = SYS_sched_yield, .site = site };
}

static bool ready_to_work(const struct fd_request *r)
{
	(void)r;
	return could_begin() > 0;
}

static long attempt_work(struct fd_request *r)
{
	return ready_to_work(r) ? 0 : FD_WOULD_BLOCK;
}

/* False: nothing came for so long. */
static bool wait_for_work(void)
{
	const struct call c = aio_call((void *)(uintptr_t)wait_for_work);
	struct fd_request r = call_request(&c, -1, attempt_work);

	r.ready = ready_to_work;
	r.sources = NULL;
	state.idle++;
	call_wait(&c, OP_FD_POLL, &r, engine_world.now_ns + IDLE_NS, CALL_RESTARTS);
	state.idle--;
	return could_begin() > 0;
}

static long do_once(const struct aiocb *cb, void *site)
{
	const bool writes = cb->aio_lio_opcode == LIO_WRITE;
	const long args[6] = { cb->aio_fildes, (long)cb->aio_buf, (long)cb->aio_nbytes,
			       cb->aio_offset };
	long result;

	switch (cb->aio_lio_opcode) {
	case AIO_SYNC:
		return system_call(SYS_fsync, args, site);
	case AIO_DATA_SYNC:
		return system_call(SYS_fdatasync, args, site);
	default:
		result = system_call(writes ? SYS_pwrite64 : SYS_pread64, args, site);
		/* A pipe or a socket has no place in it. */
		return result == -ESPIPE ? system_call(writes ? SYS_write : SYS_read, args, site)
					 : result;
	}
}

static long attempt_end(struct fd_request *r)
{
	struct aiocb *cb = (struct aiocb *)r->args[0];

	state.busy[r->args[2]] = NOT_BUSY;
	aio_end(cb, r->args[1], r->thread, (struct aio_ending *)r->args[3]);
	return 0;
}

static void perform(struct aiocb *cb, int place)
{
	void *site = *aio_site(cb);
	const struct call c = aio_call(site);
	struct fd_request r = call_request(&c, -1, attempt_end);
	struct aio_ending ending;
	long result;

	if (access_state.on)
		access_taken(engine_current->id, access_object(cb));
	do
		result = do_once(cb, site);
	while (result == -EINTR);
	r.args[0] = (long)cb;
	r.args[1] = result;
	r.args[2] = place;
	r.args[3] = (long)&ending;
	call_wait(&c, OP_SYSCALL, &r, OP_NO_DEADLINE, CALL_RESTARTS);
	aio_tell(&ending.own, site);
	aio_tell(&ending.all, site);
}

static void *work(void *nothing)
{
	struct aiocb *cb;
	int place;

	do {
		while ((cb = take(&place)) != NULL)
			perform(cb, place);
	} while (wait_for_work());
	state.workers--;
	return nothing;
}

static void *begin_work(void *nothing)
{
	state.idle--;
	return work(nothing);
}

/* As many threads as find something to do. False: there is none at all. */
bool aio_hire(void *site)
{
	const struct engine_start start = { .function = begin_work,
					    .signals_blocked = ~SIGNAL_UNBLOCKABLE,
					    .name = "aio" };

	while (could_begin() > state.idle && state.workers < WORKERS_MAX) {
		state.workers++;
		state.idle++; /* until it has begun */
		if (engine_thread_start(&start, site))
			continue;
		state.workers--;
		state.idle--;
		return state.workers > 0 || could_begin() == 0;
	}
	return true;
}

void aio_append(struct aiocb *cb, unsigned list, thread_id by, void *site)
{
	cb->__error_code = EINPROGRESS;
	cb->__return_value = 0;
	cb->__next_prio = NULL;
	cb->__policy = (int)list;
	*aio_site(cb) = site;
	if (state.last)
		state.last->__next_prio = cb;
	else
		state.first = cb;
	state.last = cb;
	if (access_state.on)
		access_handed(by, access_object(cb));
}

struct aiocb *aio_first(void)
{
	return state.first;
}

unsigned aio_new_list(uint32_t requests, const struct sigevent *event)
{
	for (unsigned i = 0; i < LISTS_MAX; i++)
		if (state.lists[i].left == 0) {
			state.lists[i] = (struct list_end){ .left = requests, .event = *event };
			return i + 1;
		}
	return 0;
}
