/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual timers; see vtimer.h. Ties expire in order of their number. */
#include "engine/time/vtimer.h"

#include <stddef.h>

#include "engine/access/access.h"
#include "engine/calls/queue_notify.h"
#include "engine/calls/system.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/special.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/signal.h"
#include "model/fd.h"

static struct vtimer timers[VTIMERS_MAX];
static unsigned used; /* numbers from here on are free */

uint64_t system_timer_next SHARED_STATE;

/* The earliest of this process, and with it the earliest of all. */
static void set_next(uint64_t next_ns)
{
	processes.list[world_process].timer_next = next_ns;
	for (uint32_t i = 0; i < processes.count; i++)
		if (processes.list[i].timer_next < next_ns)
			next_ns = processes.list[i].timer_next;
	system_timer_next = next_ns;
}

/* Nobody hears of it: whoever asks what is left finds out what became of it. */
static bool is_silent(const struct vtimer *t)
{
	return t->use == VTIMER_POSIX && t->notify == SIGEV_NONE;
}

static void find_next(void)
{
	uint64_t next_ns = UINT64_MAX;

	for (unsigned i = 0; i < used; i++)
		if (timers[i].use != VTIMER_FREE && !is_silent(&timers[i]) &&
		    timers[i].next_ns < next_ns)
			next_ns = timers[i].next_ns;
	set_next(queue_is_due() ? 0 : next_ns);
}

void vtimer_make_due(process_id process)
{
	processes.list[process].timer_next = 0;
	system_timer_next = 0;
}

struct vtimer *vtimer_at(unsigned n)
{
	static const int signals[VTIMER_FIRST] = { SIGALRM, SIGVTALRM, SIGPROF };

	if (n >= VTIMERS_MAX)
		return NULL;
	if (n < VTIMER_FIRST && timers[n].use == VTIMER_FREE) {
		timers[n] = (struct vtimer){ .use = VTIMER_ITIMER,
					     .clock = CLOCK_MONOTONIC,
					     .fd = -1,
					     .thread = -1,
					     .signo = signals[n],
					     .next_ns = UINT64_MAX };
		if (used <= n)
			used = n + 1;
	}
	return timers[n].use == VTIMER_FREE ? NULL : &timers[n];
}

struct vtimer *vtimer_new(enum vtimer_use use, unsigned *n)
{
	for (unsigned i = VTIMER_FIRST; i < VTIMERS_MAX; i++)
		if (timers[i].use == VTIMER_FREE) {
			timers[i] = (struct vtimer){
				.use = (uint8_t)use, .fd = -1, .thread = -1, .next_ns = UINT64_MAX
			};
			if (used <= i)
				used = i + 1;
			*n = i;
			return &timers[i];
		}
	return NULL;
}

void vtimer_free(unsigned n)
{
	timers[n].use = VTIMER_FREE;
	find_next();
}

void vtimer_arm(struct vtimer *t, uint64_t next_ns, uint64_t interval_ns)
{
	t->next_ns = next_ns;
	t->interval_ns = interval_ns;
	t->expired = 0;
	if (access_state.on)
		access_timer_armed(engine_current->id);
	find_next();
}

void vtimer_reset(void)
{
	for (unsigned i = 0; i < used; i++)
		timers[i].use = VTIMER_FREE;
	used = 0;
	set_next(UINT64_MAX);
}

/* POSIX: no timer and no alarm is inherited. What is under a timerfd is the parent's to count. */
void vtimer_forked(void)
{
	for (unsigned i = 0; i < used; i++)
		timers[i].use = VTIMER_FREE;
	used = 0;
}

bool vtimer_makes_threads(void)
{
	for (unsigned i = 0; i < used; i++)
		if (timers[i].use == VTIMER_POSIX && timers[i].notify == SIGEV_THREAD &&
		    timers[i].next_ns != UINT64_MAX)
			return true;
	return false;
}

/* Expirations up to now at once: a periodic timer that nobody watched does not come again for each.
 */
static uint64_t advance(struct vtimer *t, uint64_t now_ns)
{
	uint64_t times = 1;

	if (t->interval_ns == 0) {
		t->next_ns = UINT64_MAX;
		return 1;
	}
	times += (now_ns - t->next_ns) / t->interval_ns;
	t->next_ns += times * t->interval_ns;
	return times;
}

void vtimer_settle(struct vtimer *t)
{
	if (is_silent(t) && t->next_ns <= engine_world.now_ns)
		advance(t, engine_world.now_ns);
}

static bool is_timer(int fd, unsigned n)
{
	return fd_class_of(fd) == FD_TIMER && fd_at(fd)->tag == n;
}

/* The program may have closed the number that the timer is known by and kept a duplicate. */
static void count_up(struct vtimer *t, unsigned n, uint64_t times)
{
	for (int fd = 0; fd < FD_MAX && !is_timer(t->fd, n); fd++)
		if (is_timer(fd, n))
			t->fd = fd;
	if (is_timer(t->fd, n))
		sys_write(t->fd, &times, sizeof(times));
	else
		t->use = VTIMER_FREE;
}

static void expire(struct vtimer *t, unsigned n, uint64_t times)
{
	struct world *w = &engine_world;
	siginfo_t info;

	if (t->use == VTIMER_FD) {
		count_up(t, n, times);
		return;
	}
	if (t->use == VTIMER_POSIX && t->notify == SIGEV_THREAD) {
		if (t->interval_ns != 0 && notify_is_busy(&t->notification)) {
			t->expired += times;
			return;
		}
		t->expired = times - 1;
		notify_run(&t->notification, notify_object(world_process, false, n));
		return;
	}
	info = signal_info(t->signo, t->use == VTIMER_POSIX ? SI_TIMER : SI_KERNEL);
	if (t->use == VTIMER_POSIX) {
		info.si_timerid = (int)n;
		info.si_overrun = (int)(times - 1);
		info.si_value = t->value;
		t->expired = times - 1;
	}
	signal_post(w, t->thread >= 0 ? w->threads[t->thread] : NULL, &info);
}

void system_timers_run_own(void)
{
	const uint64_t now_ns = engine_world.now_ns;

	for (unsigned i = 0; i < used; i++) {
		struct vtimer *t = &timers[i];

		if (t->use != VTIMER_FREE && !is_silent(t) && t->next_ns <= now_ns)
			expire(t, i, advance(t, now_ns));
	}
	queue_run_due();
	find_next();
	signal_refresh_fds();
	fd_recheck_own(&engine_world);
}

void system_timers_run(void)
{
	const uint64_t now_ns = engine_world.now_ns;

	system_timers_run_own();
	for (uint32_t i = 0; i < processes.count; i++)
		if (processes.list[i].timer_next <= now_ns && i != world_process &&
		    baton_ask((process_id)i, BATON_TIMERS) == 0 && !processes_alive((process_id)i))
			processes.list[i].timer_next = UINT64_MAX;
	find_next();
	fd_recheck(&engine_world);
}
