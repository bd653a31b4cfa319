/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a fiber as a thread: made, entered, unwound, ended.
 *
 * pthread_exit and cancellation unwind with libgcc's _Unwind_ForcedUnwind, as glibc's do (C++
 * destructors and handlers of pthread_cleanup_push run), but end here and not in the parked
 * thread's frame. The thread then runs the destructors of thread_local objects and of keys and
 * publishes its end. The last thread to end calls exit(0), as POSIX says.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/insist.h"
#include "engine/access/access.h"
#include "engine/calls/system.h"
#include "engine/linger.h"
#include "engine/nasty.h"
#include "engine/pool.h"
#include "engine/processes/process.h"
#include "engine/processes/processes.h"
#include "engine/state.h"
#include "engine/takeover/real.h"
#include "engine/thread.h"
#include "engine/time/vtimer.h"
#include "engine/unwind.h"

/*
 * Slots that this process's threads took, one after the other. A forked child has its parent's
 * slots as they were, with the stack of the thread that forked, and goes on with those that
 * nobody has touched.
 */
static uint32_t slots_used = 1;

#define ADDRESSES  (1UL << 47)
#define STACK_PAGE 4096UL

static void clear(struct fiber *f)
{
	struct thread *t = &f->thread;

	t->detached = 0;
	t->process = world_process;
	t->ready_index = -1;
	t->result = 0;
	t->gate = &thread_gate_open;
	t->op.kind = OP_NONE;
	t->op.phase = 0;
	t->op.flags = 0;
	t->op.object = NULL;
	t->op.object2 = NULL;
	t->op.site = NULL;
	t->op.deadline_ns = OP_NO_DEADLINE;
	t->hold_count = 0;
	t->holds_lost = 0;
	t->creator = THREAD_NONE;
	t->joiner = THREAD_NONE;
	t->joined = 0;
	t->cancel_disabled = 0;
	t->cancel_async = 0;
	t->cancel_pending = 0;
	t->exiting = 0;
	t->died = 0;
	t->notified = 0;
	t->exit_value = NULL;
	t->create_site = NULL;
	t->start_routine = NULL;
	t->signals_pending = 0;
	t->signals_blocked = 0;
	memset(t->name, 0, sizeof(t->name));
	f->must_act = 0;
	f->lingering = 0;
	f->handles = 0;
	f->cleanup = NULL;
	f->robust_list = 0;
	f->exiting = 0;
	f->stack_asked = POOL_STACK;
	f->guard_asked = 0;
	memcpy(f->comm, engine_process_name(), sizeof(f->comm));
}

void thread_slots_used(uint32_t count)
{
	slots_used = count;
}

static void main_entry(struct fiber *fiber)
{
	(void)fiber;
	exit(engine_program.main(engine_program.argc, engine_program.argv, engine_program.envp));
}

void thread_prepare_main(void)
{
	clear(&engine_fibers[0]);
	slots_used = 1;
	thread_place_main();
}

void thread_place_main(void)
{
	struct fiber *f = &engine_fibers[0];
	struct slot *slot = pool_slot(0);

	f->image = 0;
	f->thread.id = 0;
	f->slot = slot;
	f->fs = slot->fs;
	f->segment = slot->segment;
	f->thread.handle = slot->fs;
	f->thread.start_routine = (void *)(uintptr_t)engine_program.main;
	f->stack_low = slot->low;
	f->stack_high = slot->stack_high;
	fiber_prepare(f, main_entry);
	signal_thread_started(&f->thread, NULL);
}

struct fiber *thread_new_main(uint8_t image)
{
	struct fiber *f = &engine_fibers[engine_world.thread_count];
	struct slot *slot = pool_slot(0);

	insist(engine_world.thread_count < THREADS_MAX);
	clear(f);
	slots_used = 1;
	f->image = image;
	f->slot = slot;
	f->fs = slot->fs;
	f->segment = slot->segment;
	f->thread.handle = slot->fs;
	f->thread.start_routine = (void *)(uintptr_t)engine_program.main;
	f->thread.detached = 1;
	f->stack_low = slot->low;
	f->stack_high = slot->stack_high;
	fiber_prepare(f, main_entry);
	f->thread.op.kind = OP_THREAD_START;
	memcpy(f->thread.name, f->comm, sizeof(f->thread.name));
	world_add(&engine_world, &f->thread);
	signal_thread_started(&f->thread, NULL);
	return f;
}

static void thread_entry(struct fiber *fiber)
{
	const union sigval value = { .sival_ptr = fiber->argument };

	if (signal_pending_for(&fiber->thread))
		signal_deliver();
	if (!fiber->thread.notified)
		thread_finish(fiber->start(fiber->argument));
	((void (*)(union sigval))(uintptr_t)fiber->thread.start_routine)(value);
	thread_finish(NULL);
}

/* There is a slot for it. */
static struct fiber *new_thread(struct thread *creator)
{
	struct fiber *f = &engine_fibers[engine_world.thread_count];
	struct slot *slot = pool_slot(slots_used++);

	clear(f);
	f->slot = slot;
	f->fs = slot->fs;
	f->segment = slot->segment;
	f->image = fiber_of(creator)->image;
	f->thread.handle = slot->fs;
	f->thread.creator = creator->id;
	memcpy(f->comm, fiber_of(creator)->comm, sizeof(f->comm));
	f->stack_low = slot->low;
	f->stack_high = slot->stack_high;
	fiber_prepare(f, thread_entry);
	/* A thread inherits its creator's floating-point environment (POSIX pthread_create):
	 * rounding modes, exception masks and flags. */
	__asm__ volatile("stmxcsr %0" : "=m"(f->mxcsr));
	__asm__ volatile("fnstcw %0" : "=m"(f->fpu_control));
	__asm__ volatile("fnstsw %0" : "=m"(f->fpu_status));
	f->thread.op.kind = OP_THREAD_START;
	world_add(&engine_world, &f->thread);
	signal_thread_started(&f->thread, creator);
	return f;
}

static struct fiber *thread_new(struct thread *creator)
{
	struct fiber *f;

	if (slots_used >= pool_size()) {
		if (engine.phase == PHASE_SCHEDULE)
			engine_need_slots(slots_used + 1);
		if (pool_grow(slots_used + 8) != 0)
			return NULL;
	}
	f = new_thread(creator);
	if (access_state.on)
		access_thread_created(creator, &f->thread);
	return f;
}

struct fiber *thread_by_handle(uint64_t handle)
{
	/* In other processes other threads go by the same handles. */
	for (uint32_t i = engine_world.thread_count; i-- > 0;)
		if (engine_fibers[i].thread.handle == handle &&
		    engine_fibers[i].thread.process == world_process)
			return &engine_fibers[i];
	return NULL;
}

/* Does a thread of this process stay besides this one? Who has published its end does nothing any
 * more: two that end side by side must not each take the other for the last one. */
static bool another_stays(void)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		if (t != engine_current && t->process == world_process &&
		    t->status != THREAD_FINISHED && t->op.kind != OP_THREAD_EXIT)
			return true;
	}
	return vtimer_makes_threads();
}

void thread_finish(void *value)
{
	struct fiber *f = fiber_of(engine_current);

	f->thread.exiting = 1;
	f->thread.exit_value = value;
	if (real.call_tls_dtors)
		real.call_tls_dtors();
	key_run_destructors();
	if (!another_stays()) {
		if (access_state.on)
			access_thread_last(&f->thread);
		exit(0);
	}
	engine_publish(OP_THREAD_EXIT, NULL, f->thread.start_routine);
	signal_thread_ended(&f->thread);
	fiber_step();
	insist(!"a finished thread runs on");
	__builtin_unreachable();
}

bool engine_stack_guard(const void *address)
{
	return pool_guard_hit((uintptr_t)address) != NULL;
}

/* ---- engine/thread.h ---- */

struct thread *engine_thread(pthread_t handle)
{
	struct fiber *f = thread_by_handle((uint64_t)handle);

	return f ? &f->thread : NULL;
}

/* The stack that the attributes ask for. False: not possible. */
static bool place_stack(struct fiber *f, const pthread_attr_t *attributes)
{
	size_t size = 0;
	void *stack = NULL;

	f->guard_asked = STACK_PAGE;
	if (!attributes)
		return true;
	if (pthread_attr_getstack(attributes, &stack, &size) == 0 && stack &&
	    (uintptr_t)stack + size > size) {
		f->stack_low = (uintptr_t)stack;
		f->stack_high = ((uintptr_t)stack + size) & ~(uintptr_t)63;
		f->stack_asked = size;
		f->guard_asked = 0;
		return true;
	}
	pthread_attr_getguardsize(attributes, &f->guard_asked);
	f->guard_asked = (f->guard_asked + STACK_PAGE - 1) & ~(STACK_PAGE - 1);
	if (pthread_attr_getstacksize(attributes, &size) != 0 || size == 0)
		return true;
	f->stack_asked = size;
	if (size > POOL_STACK) {
		engine_note("a thread asked for more than 8 MiB of stack; it gets 8 MiB");
		size = POOL_STACK;
	}
	f->stack_low = pool_set_stack(f->slot, size);
	return true;
}

/* A stack that no address space holds, and that mmap() would refuse. */
static bool stack_is_impossible(const pthread_attr_t *attributes)
{
	size_t size = 0;

	return attributes && pthread_attr_getstacksize(attributes, &size) == 0 &&
	       size > ADDRESSES / 2;
}

static struct finding too_many(const struct thread *creator, const void *site)
{
	struct finding f = { .kind = FINDING_MISUSE,
			     .cause = CAUSE_TOO_MANY_THREADS,
			     .severity = SEVERITY_WARNING };

	f.thread = creator->id;
	f.step = engine_world.step;
	f.sites[0] = report_site(creator, SITE_AT);
	f.sites[0].pc = (uint64_t)(uintptr_t)site;
	f.site_count = 1;
	return f;
}

/* Apart from the rest: clearing a finding takes longer than all that a creation does. */
static __attribute__((noinline)) _Noreturn void refuse_thread(const struct thread *creator,
							      const void *site)
{
	const struct finding f = too_many(creator, site);

	engine_end_schedule(&f, 0);
}

struct fiber *thread_new_notified(struct thread *creator, const struct notified *start)
{
	struct fiber *f;

	if (engine_world.thread_count >= engine.threads_limit) {
		const struct finding too = too_many(creator, start->site);

		report_add(&too);
		engine.request = REQUEST_END;
		schedule_end();
	}
	if (slots_used >= pool_size()) {
		engine.result->need_slots = slots_used + 1;
		engine.request = REQUEST_GROW;
		schedule_end();
	}
	f = new_thread(creator);
	place_stack(f, start->attributes);
	fiber_prepare(f, thread_entry);
	f->thread.detached = 1;
	f->thread.notified = 1;
	f->thread.signals_blocked = start->signals_blocked;
	f->thread.start_routine = (void *)(uintptr_t)start->function;
	f->thread.create_site = start->site;
	f->thread.op.site = f->thread.start_routine;
	f->argument = start->value.sival_ptr;
	return f;
}

/* A thread that the current one creates: NULL, there can be none. */
static struct fiber *create(const pthread_attr_t *attributes, void *(*start)(void *),
			    void *argument, void *site)
{
	struct thread *creator = engine_current;
	struct fiber *fiber;
	int state = PTHREAD_CREATE_JOINABLE;

	if (engine.phase == PHASE_SCHEDULE && engine_world.thread_count >= engine.threads_limit)
		refuse_thread(creator, site);
	if (nasty_refuses() || stack_is_impossible(attributes))
		return NULL;
	fiber = engine_world.thread_count < THREADS_MAX ? thread_new(creator) : NULL;
	if (!fiber)
		return NULL;
	place_stack(fiber, attributes);
	/* The context was laid out for the slot's own stack. */
	if (fiber->stack_high != fiber->slot->stack_high) {
		const uint32_t mxcsr = fiber->mxcsr;
		const uint16_t control = fiber->fpu_control, status = fiber->fpu_status;

		fiber_prepare(fiber, thread_entry);
		fiber->mxcsr = mxcsr;
		fiber->fpu_control = control;
		fiber->fpu_status = status;
	}
	if (attributes && pthread_attr_getdetachstate(attributes, &state) == 0)
		fiber->thread.detached = state == PTHREAD_CREATE_DETACHED;
	fiber->start = start;
	fiber->argument = argument;
	fiber->thread.start_routine = (void *)(uintptr_t)start;
	fiber->thread.create_site = site;
	fiber->thread.op.site = (void *)(uintptr_t)start;
	/* The creation was logged before there was a number to log. */
	if (engine.phase == PHASE_SCHEDULE && engine.log->count > event_log_first(engine.log))
		engine.log->events[(engine.log->count - 1) & (EVENT_LOG_MAX - 1)].aux =
			fiber->thread.id;
	return fiber;
}

int engine_thread_create(pthread_t *handle, const pthread_attr_t *attributes,
			 void *(*start)(void *), void *argument, void *site)
{
	const struct fiber *fiber = create(attributes, start, argument, site);

	if (!fiber)
		return EAGAIN;
	*handle = (pthread_t)fiber->thread.handle;
	linger_here(site);
	return 0;
}

bool engine_thread_start(const struct engine_start *start, void *site)
{
	struct fiber *fiber;

	engine_publish(OP_THREAD_CREATE, (void *)(uintptr_t)start->function, site);
	engine_step();
	fiber = create(start->attributes, start->function, start->argument, site);
	if (!fiber)
		return false;
	fiber->thread.detached = 1;
	fiber->thread.notified = start->notified;
	fiber->thread.signals_blocked = start->signals_blocked;
	if (start->name)
		engine_thread_rename(&fiber->thread, start->name);
	linger_here(site);
	return true;
}

void engine_thread_exit(void *value)
{
	thread_unwind(value);
}
