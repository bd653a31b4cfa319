/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that set virtual timers (vtimer.h): alarm, itimers, POSIX timers, timerfd. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#include "engine/calls/call.h"
#include "engine/calls/call_time.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/special.h"
#include "engine/linger.h"
#include "engine/processes/process.h"
#include "engine/signal.h"
#include "engine/time/vtimer.h"

#define NS_PER_S 1000000000ULL

static uint64_t left_of(struct vtimer *t)
{
	if (!t)
		return 0;
	vtimer_settle(t);
	if (t->next_ns == UINT64_MAX)
		return 0;
	return t->next_ns > engine_world.now_ns ? t->next_ns - engine_world.now_ns : 1;
}

/* Seconds are rounded up: what is armed never reads 0. */
long call_alarm(struct call *c)
{
	struct vtimer *t = vtimer_at(VTIMER_REAL);
	const uint64_t left = left_of(t);
	const uint64_t seconds = (unsigned)c->args[0];

	vtimer_arm(t, seconds ? engine_world.now_ns + seconds * NS_PER_S : UINT64_MAX, 0);
	return (long)((left + NS_PER_S - 1) / NS_PER_S);
}

static bool from_timeval(const struct timeval *v, uint64_t *ns)
{
	if (v->tv_sec < 0 || v->tv_usec < 0 || v->tv_usec > 999999)
		return false;
	*ns = (uint64_t)v->tv_sec * NS_PER_S + (uint64_t)v->tv_usec * 1000;
	return true;
}

static struct timeval to_timeval(uint64_t ns)
{
	return (struct timeval){ .tv_sec = (time_t)(ns / NS_PER_S),
				 .tv_usec = (suseconds_t)(ns % NS_PER_S / 1000) };
}

static long itimer(long which, struct itimerval *to)
{
	struct vtimer *t;

	if (which < 0 || which > VTIMER_PROF)
		return -EINVAL;
	t = vtimer_at((unsigned)which);
	to->it_value = to_timeval(left_of(t));
	to->it_interval = to_timeval(t->interval_ns);
	return 0;
}

/* Asking how much time is left is reading a clock. */
long call_getitimer(struct call *c)
{
	time_pass(c->site);
	return itimer(c->args[0], (struct itimerval *)c->args[1]);
}

long call_setitimer(struct call *c)
{
	const struct itimerval *from = (const struct itimerval *)c->args[1];
	struct itimerval old;
	uint64_t value = 0, interval = 0;
	const long error = itimer(c->args[0], &old);

	if (error)
		return error;
	if (from && (!from_timeval(&from->it_value, &value) ||
		     !from_timeval(&from->it_interval, &interval)))
		return -EINVAL;
	vtimer_arm(vtimer_at((unsigned)c->args[0]),
		   value ? engine_world.now_ns + value : UINT64_MAX, interval);
	if (c->args[2])
		*(struct itimerval *)c->args[2] = old;
	return 0;
}

static bool from_timespec(const struct timespec *v, uint64_t *ns)
{
	if (v->tv_sec < 0 || v->tv_nsec < 0 || v->tv_nsec > 999999999)
		return false;
	*ns = (uint64_t)v->tv_sec * NS_PER_S + (uint64_t)v->tv_nsec;
	return true;
}

static void describe(struct vtimer *t, struct itimerspec *to)
{
	const uint64_t left = left_of(t);

	to->it_value.tv_sec = (time_t)(left / NS_PER_S);
	to->it_value.tv_nsec = (long)(left % NS_PER_S);
	to->it_interval.tv_sec = (time_t)(t->interval_ns / NS_PER_S);
	to->it_interval.tv_nsec = (long)(t->interval_ns % NS_PER_S);
}

static long set(struct vtimer *t, bool absolute, const struct itimerspec *from,
		struct itimerspec *old)
{
	uint64_t value, interval, next = UINT64_MAX;
	struct itimerspec before;
	int error = 0;

	if (!from_timespec(&from->it_value, &value) ||
	    !from_timespec(&from->it_interval, &interval))
		return -EINVAL;
	describe(t, &before);
	if (value && absolute)
		error = engine_deadline(t->clock, &from->it_value, &next);
	else if (value)
		next = engine_world.now_ns + value;
	if (error)
		return -error;
	vtimer_arm(t, next, interval);
	if (old)
		*old = before;
	return 0;
}

static bool valid(const struct sigevent *event)
{
	const int how = event->sigev_notify & ~SIGEV_THREAD_ID;

	if (how == SIGEV_NONE || event->sigev_notify == SIGEV_THREAD)
		return true;
	return how == SIGEV_SIGNAL && event->sigev_signo > 0 && event->sigev_signo <= SIGNALS_MAX;
}

long call_timer_create(struct call *c)
{
	const struct sigevent *event = (const struct sigevent *)c->args[1];
	uint64_t ns;
	struct vtimer *t;
	unsigned n;

	if (!engine_clock((clockid_t)c->args[0], &ns) || (event && !valid(event)))
		return -EINVAL;
	t = vtimer_new(VTIMER_POSIX, &n);
	if (!t)
		return -EAGAIN;
	t->clock = (int)c->args[0];
	t->notify = event ? event->sigev_notify : SIGEV_SIGNAL;
	t->signo = event ? event->sigev_signo : SIGALRM;
	if (event)
		t->value = event->sigev_value;
	else
		t->value.sival_int = (int)n;
	if (t->notify & SIGEV_THREAD_ID) {
		const struct thread *thread = process_thread(event->_sigev_un._tid);

		if (!thread) {
			vtimer_free(n);
			return -EINVAL;
		}
		t->thread = thread->id;
	}
	if (t->notify == SIGEV_THREAD) {
		const uint64_t object = notify_object(world_process, false, n);

		/* As libc's: signals are not for them. */
		notify_init(&t->notification, event, ~SIGNAL_UNBLOCKABLE, object);
		notify_armed(&t->notification, engine_current->id, c->site, object);
	}
	*(int *)c->args[2] = (int)n;
	return 0;
}

static struct vtimer *posix_timer(long n)
{
	struct vtimer *t = n >= VTIMER_FIRST && n < VTIMERS_MAX ? vtimer_at((unsigned)n) : NULL;

	return t && t->use == VTIMER_POSIX ? t : NULL;
}

long call_timer_settime(struct call *c)
{
	struct vtimer *t = posix_timer((int)c->args[0]);
	long result;

	if (!t)
		return -EINVAL;
	result = set(t, c->args[1] & TIMER_ABSTIME, (const struct itimerspec *)c->args[2],
		     (struct itimerspec *)c->args[3]);
	if (result == 0 && t->notify == SIGEV_THREAD && t->next_ns != UINT64_MAX) {
		notify_armed(&t->notification, engine_current->id, c->site,
			     notify_object(world_process, false, (unsigned)c->args[0]));
		linger_here(c->site);
	}
	return result;
}

long call_timer_gettime(struct call *c)
{
	struct vtimer *t;

	time_pass(c->site);
	t = posix_timer((int)c->args[0]);
	if (!t)
		return -EINVAL;
	describe(t, (struct itimerspec *)c->args[1]);
	return 0;
}

long call_timer_getoverrun(struct call *c)
{
	const struct vtimer *t = posix_timer((int)c->args[0]);

	return t ? (long)t->expired : -EINVAL;
}

long call_timer_delete(struct call *c)
{
	if (!posix_timer((int)c->args[0]))
		return -EINVAL;
	vtimer_free((unsigned)c->args[0]);
	return 0;
}

static struct vtimer *fd_timer(long fd)
{
	return fd_class_of((int)fd) == FD_TIMER ? vtimer_at(fd_at((int)fd)->tag) : NULL;
}

/* Why it is none: not open, or something else. */
static long no_timer(long fd)
{
	return sys_call2(SYS_fcntl, (int)fd, F_GETFD) < 0 || fd_is_engine((int)fd) ? -EBADF
										   : -EINVAL;
}

long call_timerfd_create(struct call *c)
{
	uint64_t ns;
	struct vtimer *t;
	unsigned n;
	long fd;

	if (!engine_clock((clockid_t)c->args[0], &ns) ||
	    (c->args[1] & ~(long)(TFD_NONBLOCK | TFD_CLOEXEC)))
		return -EINVAL;
	t = vtimer_new(VTIMER_FD, &n);
	if (!t)
		return -EMFILE;
	fd = sys_call2(SYS_eventfd2, 0, c->args[1]);
	if (fd < 0 || fd >= FD_MAX) {
		if (fd >= 0)
			sys_close((int)fd);
		vtimer_free(n);
		return fd < 0 ? fd : -EMFILE;
	}
	t->clock = (int)c->args[0];
	t->fd = (int)fd;
	fd_made((int)fd, FD_TIMER, n);
	return fd;
}

long call_timerfd_settime(struct call *c)
{
	struct vtimer *t = fd_timer(c->args[0]);
	long result;

	if (!t)
		return no_timer(c->args[0]);
	t->fd = (int)c->args[0];
	result = set(t, c->args[1] & TFD_TIMER_ABSTIME, (const struct itimerspec *)c->args[2],
		     (struct itimerspec *)c->args[3]);
	if (result == 0)
		special_set_counter(t->fd, 0);
	return result;
}

long call_timerfd_gettime(struct call *c)
{
	struct vtimer *t;

	time_pass(c->site);
	t = fd_timer(c->args[0]);
	if (!t)
		return no_timer(c->args[0]);
	describe(t, (struct itimerspec *)c->args[1]);
	return 0;
}
