/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poll, select and epoll: attempts with no timeout, repeated when something may have become ready,
 * until the virtual deadline. The variants with a signal mask put it in force for the calling
 * thread until the call returns.
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/fd.h"
#include "engine/linger.h"
#include "engine/signal.h"

#define SELECT_MAX 4096
#define NS_PER_MS  1000000ULL

struct mask_change {
	uint64_t before;
	bool changed;
};

static struct mask_change mask_apply(long mask)
{
	struct mask_change m = { .before = engine_current->signals_blocked };

	if (mask) {
		m.changed = true;
		engine_current->signals_blocked = *(const uint64_t *)mask & ~SIGNAL_UNBLOCKABLE;
	}
	return m;
}

static void mask_return(const struct mask_change *m)
{
	if (!m->changed)
		return;
	engine_current->signals_blocked = m->before;
	if (signal_pending_for(engine_current))
		signal_deliver();
}

/* Milliseconds as poll takes them: negative is for ever. */
static uint64_t deadline_ms(long timeout_ms)
{
	return timeout_ms < 0 ? OP_NO_DEADLINE
			      : engine_world.now_ns + (uint64_t)timeout_ms * NS_PER_MS;
}

static void write_rest(struct timespec *left, uint64_t deadline_ns)
{
	const uint64_t rest =
		deadline_ns > engine_world.now_ns ? deadline_ns - engine_world.now_ns : 0;

	if (deadline_ns == OP_NO_DEADLINE)
		return;
	left->tv_sec = (time_t)(rest / 1000000000);
	left->tv_nsec = (long)(rest % 1000000000);
}

static long attempt_poll(struct fd_request *r)
{
	const long result = sys_call3(SYS_poll, r->args[0], r->args[1], 0);

	return result == 0 ? FD_WOULD_BLOCK : result;
}

static bool poll_ready(const struct fd_request *r)
{
	return sys_call3(SYS_poll, r->args[0], r->args[1], 0) != 0;
}

static unsigned poll_sources(const struct fd_request *r, struct pollfd *out, unsigned max)
{
	unsigned count = (unsigned)r->args[1];

	if (count > max)
		count = max;
	memcpy(out, (const void *)r->args[0], count * sizeof(*out));
	return count;
}

long call_poll(struct call *c)
{
	struct fd_request r = call_request(c, -1, attempt_poll);
	struct pollfd *fds = (struct pollfd *)c->args[0];
	uint64_t deadline_ns = deadline_ms((int)c->args[2]);
	struct mask_change mask = { 0 };
	long result;

	if (c->nr == SYS_ppoll) {
		if (call_deadline((const void *)c->args[2], &deadline_ns) < 0)
			return -EINVAL;
		mask = mask_apply(c->args[3]);
	}
	if (c->args[1] == 1 && fds)
		r.fd = fds[0].fd;
	r.timed_out = 0;
	r.ready = poll_ready;
	r.sources = poll_sources;
	if (!mask.changed)
		linger_before_wait(c->site);
	result = call_wait(c, OP_FD_POLL, &r, deadline_ns, CALL_FAILS);
	if (c->nr == SYS_ppoll && c->args[2])
		write_rest((struct timespec *)c->args[2], deadline_ns);
	mask_return(&mask);
	return result;
}

struct sets {
	unsigned long bits[3][SELECT_MAX / (8 * sizeof(unsigned long))];
};

/* select on copies of the three sets, which the kernel overwrites. */
static long select_now(const struct fd_request *r, struct sets *s)
{
	const struct timespec zero = { 0, 0 };
	struct timespec timeout = zero;
	const size_t bytes = ((size_t)r->args[0] + 63) / 64 * 8;
	long set[3];

	for (int i = 0; i < 3; i++) {
		const void *from = (const void *)r->args[1 + i];

		set[i] = from ? (long)s->bits[i] : 0;
		if (from)
			memcpy(s->bits[i], from, bytes);
	}
	return sys_call6(SYS_pselect6, r->args[0], set[0], set[1], set[2], (long)&timeout, 0);
}

static void select_store(const struct fd_request *r, const struct sets *s)
{
	const size_t bytes = ((size_t)r->args[0] + 63) / 64 * 8;

	for (int i = 0; i < 3; i++)
		if (r->args[1 + i])
			memcpy((void *)r->args[1 + i], s->bits[i], bytes);
}

static long attempt_select(struct fd_request *r)
{
	struct sets s;
	const long result = select_now(r, &s);

	if (result > 0)
		select_store(r, &s);
	return result == 0 ? FD_WOULD_BLOCK : result;
}

static bool select_ready(const struct fd_request *r)
{
	struct sets s;

	return select_now(r, &s) != 0;
}

static unsigned select_sources(const struct fd_request *r, struct pollfd *out, unsigned max)
{
	static const short events[3] = { POLLIN, POLLOUT, POLLPRI };
	unsigned count = 0;

	for (int i = 0; i < 3; i++) {
		const unsigned long *bits = (const unsigned long *)r->args[1 + i];

		for (int fd = 0; bits && fd < r->args[0] && count < max; fd++)
			if (bits[fd / 64] >> (fd % 64) & 1)
				out[count++] = (struct pollfd){ .fd = fd, .events = events[i] };
	}
	return count;
}

/* The sixth argument of pselect6: a pointer to a mask and its size. */
struct select_mask {
	long mask;
	size_t size;
};

long call_select(struct call *c)
{
	struct fd_request r = call_request(c, -1, attempt_select);
	struct timeval *microseconds = NULL;
	struct timespec timeout, *user = NULL;
	struct mask_change mask = { 0 };
	uint64_t deadline_ns = OP_NO_DEADLINE;
	struct sets none;
	long result;

	if (c->args[0] < 0 || c->args[0] > SELECT_MAX)
		return -EINVAL;
	if (c->nr == SYS_select && c->args[4]) {
		microseconds = (struct timeval *)c->args[4];
		timeout.tv_sec = microseconds->tv_sec + microseconds->tv_usec / 1000000;
		timeout.tv_nsec = microseconds->tv_usec % 1000000 * 1000;
		user = &timeout;
	} else if (c->args[4]) {
		user = (struct timespec *)c->args[4];
	}
	if (call_deadline(user, &deadline_ns) < 0)
		return -EINVAL;
	if (c->nr == SYS_pselect6 && c->args[5])
		mask = mask_apply(((const struct select_mask *)c->args[5])->mask);
	r.timed_out = 0;
	r.ready = select_ready;
	r.sources = select_sources;
	if (!mask.changed)
		linger_before_wait(c->site);
	result = call_wait(c, OP_FD_POLL, &r, deadline_ns, CALL_FAILS);
	if (result == 0) {
		memset(&none, 0, sizeof(none));
		select_store(&r, &none);
	}
	if (user)
		write_rest(user, deadline_ns);
	if (microseconds) {
		microseconds->tv_sec = timeout.tv_sec;
		microseconds->tv_usec = timeout.tv_nsec / 1000;
	}
	mask_return(&mask);
	return result;
}

static long attempt_epoll(struct fd_request *r)
{
	const long result = sys_call4(SYS_epoll_wait, r->fd, r->args[1], r->args[2], 0);

	return result == 0 ? FD_WOULD_BLOCK : result;
}

long call_epoll_wait(struct call *c)
{
	struct fd_request r = call_request(c, (int)c->args[0], attempt_epoll);
	uint64_t deadline_ns = deadline_ms((int)c->args[3]);
	struct mask_change mask = { 0 };
	long result;

	if (fd_is_engine(r.fd))
		return -EBADF;
	if (c->nr == SYS_epoll_pwait2 && call_deadline((const void *)c->args[3], &deadline_ns) < 0)
		return -EINVAL;
	if (c->nr != SYS_epoll_wait)
		mask = mask_apply(c->args[4]);
	r.timed_out = 0;
	if (!mask.changed)
		linger_before_wait(c->site);
	result = call_wait(c, OP_FD_POLL, &r, deadline_ns, CALL_FAILS);
	mask_return(&mask);
	return result;
}

/* Watching something that may be fed from outside makes the whole set such a thing. Others may wait
 * on it right now. */
static long attempt_epoll_ctl(struct fd_request *r)
{
	const int watched = (int)r->args[2];
	const struct fd_record *set = fd_at(r->fd);
	long result;

	if (fd_is_engine(watched))
		return -EBADF;
	if (r->args[1] == EPOLL_CTL_ADD && fd_class_of(watched) == FD_OUTSIDE && fd_at(r->fd))
		fd_at(r->fd)->class = FD_OUTSIDE;
	result = request_raw(r);
	if (result == 0 && r->args[1] != EPOLL_CTL_MOD && set && set->class == FD_INSIDE &&
	    fd_class_of(watched) == FD_DATAGRAM)
		datagram_watched(watched, set->tag, r->args[1] == EPOLL_CTL_ADD);
	return result;
}

long call_epoll_ctl(struct call *c)
{
	struct fd_request r = call_request(c, (int)c->args[0], attempt_epoll_ctl);

	if (engine_aside())
		return attempt_epoll_ctl(&r);
	return call_wait(c, OP_SYSCALL, &r, OP_NO_DEADLINE, CALL_RESTARTS);
}
