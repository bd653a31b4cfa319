/* SPDX-License-Identifier: Apache-2.0 */
/* Life of the emulation, and what to do when nobody is ready; see system.h. */
#include "engine/calls/system.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "base/sys.h"
#include "engine/calls/call_memory.h"
#include "engine/calls/call_time.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/random.h"
#include "engine/calls/sud.h"
#include "engine/descriptors/datagrams.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/special.h"
#include "engine/engine.h"
#include "engine/fault.h"
#include "engine/inline/inline_atomics.h"
#include "engine/processes/keys.h"
#include "engine/processes/process.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/reset/undo.h"
#include "engine/signal.h"
#include "engine/text.h"
#include "engine/time/tsc.h"
#include "engine/time/vdso.h"
#include "engine/time/vtimer.h"

#define SOURCES_MAX 256
#define NS_PER_MS   1000000ULL
#define WAIT_MS_MAX \
	1000 /* for input from outside, before virtual time moves or a deadlock is called */
#define WAIT_MS_MIN   2
#define WAIT_PIECE_MS 10 /* at most, where something can only be tried and not polled */

struct system_dirty system_dirty SHARED_STATE;
/* How long it is worth waiting: halves each time that nothing came. */
static int patience_ms = WAIT_MS_MAX;

int system_init(void)
{
	int result;

	text_init();
	process_init();
	result = signal_init();
	if (result == 0)
		result = fault_init();
	if (result == 0)
		result = sud_init();
	if (result == 0) {
		result = vdso_patch();
		if (result == -ENOENT)
			result = 0;
	}
	if (result == 0)
		inline_atomics_take();
	return result;
}

extern bool system_controlled;

int system_take(void)
{
	const int result = fd_take();

	if (result < 0)
		return result;
	signal_take_snapshot();
	memory_take();
	vtimer_reset();
	special_reset();
	random_reset();
	time_reset();
	system_dirty = (struct system_dirty){ 0 };
	system_controlled = true;
	return 0;
}

void system_reset(void)
{
	process_reset();
	fd_reset();
	undo_reset();
	signal_reset();
	vtimer_reset();
	special_reset();
	random_reset();
	time_reset();
	tsc_reset();
	keys_reset();
	system_dirty = (struct system_dirty){ 0 };
}

/* Can somebody outside feed this descriptor? Our own children can whatever we share with them. */
static bool fed_from_outside(int fd)
{
	switch (fd_class_of(fd)) {
	case FD_OUTSIDE:
	case FD_CLOSED:
		return true;
	case FD_INSIDE:
		return process_children() > 0 ||
		       (fd_at(fd)->tag && datagram_set_from_outside(fd_at(fd)->tag));
	case FD_DATAGRAM:
		return process_children() > 0 || datagram_from_outside(fd);
	default:
		return false;
	}
}

/* What all waiting requests could be fed through from outside. *tried: some of them can only be
 * tried again. */
static unsigned collect(struct pollfd *sources, bool *tried)
{
	struct thread *t;
	unsigned count = 0;

	*tried = false;
	for (unsigned n = 0; (t = fd_waiter_at(&engine_world, n)) != NULL; n++) {
		const struct fd_request *r = fd_request_of(t);
		struct pollfd own[64];
		unsigned found;

		if (!r->sources) {
			*tried |= process_children() > 0 || (fd_class_of(r->fd) == FD_DATAGRAM &&
							     datagram_from_outside(r->fd));
			continue;
		}
		found = r->sources(r, own, 64);
		for (unsigned i = 0; i < found && count < SOURCES_MAX; i++)
			if (fed_from_outside(own[i].fd))
				sources[count++] = own[i];
	}
	count += process_sources(sources + count, SOURCES_MAX - count);
	return count;
}

/* Milliseconds until the nearest virtual deadline, at most `most`. */
static int until_deadline(int most)
{
	uint64_t next = system_timer_next;
	const struct list *timers = &engine_world.timers;

	if (!list_empty(timers)) {
		const struct thread *t = list_entry(timers->next, struct thread, timer_link);

		if (t->op.deadline_ns < next)
			next = t->op.deadline_ns;
	}
	if (next <= engine_world.now_ns)
		return 0;
	next = (next - engine_world.now_ns - 1) / NS_PER_MS + 1;
	return next < (uint64_t)most ? (int)next : most;
}

static uint64_t real_ms(void)
{
	struct timespec now;

	sys_call2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / NS_PER_MS;
}

/* Children that end are waited for as long as it takes, up to the command's watchdog: they are part
 * of the run. */
static bool wait_outside(struct pollfd *sources, unsigned count, bool tried)
{
	const uint64_t begin = real_ms();
	const int most = until_deadline(process_children() > 0 ? WAIT_MS_MAX * 10 : patience_ms);

	for (;;) {
		bool came;
		const uint64_t passed = real_ms() - begin;
		int left = passed >= (uint64_t)most ? 0 : most - (int)passed;

		if (tried && left > WAIT_PIECE_MS)
			left = WAIT_PIECE_MS;
		sys_call3(SYS_poll, (long)sources, count, left);
		if (tried)
			call_serial++;
		came = process_look();
		came |= fd_recheck_own(&engine_world) > 0;
		if (came && engine_world.ready_count > 0)
			return true;
		if (came)
			count = collect(sources, &tried);
		if (passed >= (uint64_t)most || (count == 0 && !tried))
			return false;
	}
}

bool system_idle_own(void)
{
	struct pollfd sources[SOURCES_MAX];
	unsigned count;
	bool tried;

	if (fd_recheck_own(&engine_world) > 0)
		return true;
	count = collect(sources, &tried);
	if (count == 0 && !tried)
		return false;
	engine_note("the program waited for input from outside: what comes, and when, is not "
		    "controlled");
	system_dirty.uncontrolled = true;
	if (wait_outside(sources, count, tried)) {
		patience_ms = WAIT_MS_MAX;
		return true;
	}
	if (patience_ms > WAIT_MS_MIN)
		patience_ms /= 2;
	return false;
}

bool system_idle(void)
{
	if (fd_recheck(&engine_world) > 0 || system_idle_own())
		return true;
	return processes_several() && baton_ask_all(BATON_IDLE) > 0;
}

bool system_waits_outside_own(void)
{
	struct pollfd sources[SOURCES_MAX];
	bool tried;

	return collect(sources, &tried) > 0 || tried;
}

bool system_waits_outside(void)
{
	return system_waits_outside_own() ||
	       (processes_several() && baton_ask_all(BATON_OUTSIDE) > 0);
}
