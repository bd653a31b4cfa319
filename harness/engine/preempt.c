/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endless loops in program text.
 *
 * A timer on the CPU time of the kernel thread ticks every 10 ms. When no operation was performed
 * for many ticks, the program's own code runs on a stack of its own (the fiber's, or a coroutine's
 * that it made itself), and somebody else could run, the fiber yields as if from a signal handler:
 * the frame holds its registers, as with a trapped call. Where exactly it was stopped depends on
 * the machine, so it is inexact; a long computation is therefore left alone for a good while. A
 * place that was found looping once is known, and the next loop there is broken at the first tick.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <ucontext.h>

#include "base/sys.h"
#include "engine/calls/sud.h"
#include "engine/calls/system.h"
#include "engine/engine.h"
#include "engine/fault.h"
#include "engine/fiber.h"
#include "engine/processes/process.h"
#include "engine/processes/shared.h"
#include "engine/text.h"
#include "engine/thread.h"

#define PATIENCE_TICKS 20 /* of computing without an operation */
#define PLACES_MAX     32
#define PLACE_SIZE     128 /* bytes of code around a place that count as the same loop */
#define TICK_NS        10000000L
#define PREEMPT_SIGNAL \
	62 /* a real-time signal; the program's own are virtual, so it cannot meet this one */

uint32_t preempt_count SHARED_STATE;
static int timer = -1;
static uint32_t last_step;
static unsigned still_ticks;
static uintptr_t places[PLACES_MAX];
static unsigned place_count;
static thread_id last_thread;

#if defined(__x86_64__)
static bool known_place(uintptr_t ip)
{
	for (unsigned i = 0; i < place_count; i++)
		if (ip - places[i] + PLACE_SIZE < 2 * PLACE_SIZE)
			return true;
	return false;
}

static void remember_place(uintptr_t ip)
{
	if (place_count < PLACES_MAX && !known_place(ip))
		places[place_count++] = ip;
}

/* On the fiber's stack. Where others run first, one of them may cancel the thread. */
static void yield(int signo, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	struct op *op;

	(void)signo;
	(void)info;
	op = engine_publish(OP_PREEMPT, NULL, (void *)(uintptr_t)uc->uc_mcontext.gregs[REG_RIP]);
	if (engine_current->cancel_async)
		op->flags |= OP_CANCELLATION_POINT;
	engine_step();
}

/*
 * On the alternate stack: a tick comes at any time, and its frame on the fiber's stack would be
 * found by a program that reads stack it never wrote.
 */
static void on_tick(int signo, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	const uintptr_t ip = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	const uintptr_t sp = (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
	const bool still = last_step == engine_world.step && last_thread == engine_current->id;

	if (info->si_code != SI_TIMER || process_is_child)
		return;
	last_step = engine_world.step;
	last_thread = engine_current->id;
	still_ticks = still ? still_ticks + 1 : 0;
	if (!still || engine_aside() || !sud_armed() || !text_is_program(ip) ||
	    fiber_engine_has_stack(sp))
		return;
	if (!thread_is_cancelled(engine_current)) {
		if (engine_world.ready_count < 2 && system_timer_next == UINT64_MAX &&
		    list_empty(&engine_world.timers))
			return; /* nobody could change what it waits for: the command calls it a
				   hang */
		if (!known_place(ip) && still_ticks < PATIENCE_TICKS)
			return;
		remember_place(ip);
	}
	still_ticks = 0;
	preempt_count++;
	system_dirty.uncontrolled = true;
	fault_continue(signo, info, uc, fault_stack_below(uc), yield);
}
#endif

int preempt_start(void)
{
#if defined(__x86_64__)
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = PREEMPT_SIGNAL };
	const struct itimerspec period = { { 0, TICK_NS }, { 0, TICK_NS } };
	long result;

	if (timer >= 0)
		return 0;
	event._sigev_un._tid = (pid_t)sys_gettid();
	result = sud_set_handler(PREEMPT_SIGNAL, on_tick, SA_RESTART | SA_ONSTACK);
	if (result == 0)
		result = sys_call3(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, (long)&event,
				   (long)&timer);
	if (result == 0)
		result = sys_call4(SYS_timer_settime, timer, 0, (long)&period, 0);
	return (int)result;
#else
	return -ENOSYS;
#endif
}

/* Short schedules that all compute at the same step would look like one that stands still. */
void preempt_begin(void)
{
	preempt_count = 0;
	last_step = UINT32_MAX;
	still_ticks = 0;
}

/* In a forked child the timer is not there any more; deleting it then fails harmlessly. */
void preempt_stop(void)
{
	if (timer >= 0)
		sys_call1(SYS_timer_delete, timer);
	timer = -1;
}
