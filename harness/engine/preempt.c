/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endless loops in program text.
 *
 * A timer on the CPU time of the kernel thread ticks every 10 ms. When a tick finds that no
 * operation was performed since the last one and that the program's own code runs, on a fiber's
 * stack, the fiber yields from within the signal handler: the frame holds its registers, as with a
 * trapped call. Where exactly it was stopped depends on the machine, so it is inexact.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <ucontext.h>

#include "base/sys.h"
#include "engine/engine.h"
#include "engine/fiber.h"
#include "engine/process.h"
#include "engine/sud.h"
#include "engine/system.h"
#include "engine/text.h"

#define TICK_NS 10000000L
#define PREEMPT_SIGNAL \
	62 /* a real-time signal; the program's own are virtual, so it cannot meet this one */

uint64_t preempt_count;
static int timer = -1;
static uint32_t last_step;
static thread_id last_thread;

#if defined(__x86_64__)
static void on_tick(int signo, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const uintptr_t ip = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	const uintptr_t sp = (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
	const struct fiber *f = fiber_of(engine_current);
	const bool still = last_step == engine_world.step && last_thread == engine_current->id;

	(void)signo;
	if (info->si_code != SI_TIMER || process_is_child)
		return;
	last_step = engine_world.step;
	last_thread = engine_current->id;
	if (!still || engine_aside() || !sud_armed() || !text_is_program(ip) || sp < f->stack_low ||
	    sp >= f->stack_high)
		return;
	preempt_count++;
	system_dirty.uncontrolled = true;
	engine_publish(OP_PREEMPT, NULL, (void *)ip);
	engine_step();
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
	result = sud_set_handler(PREEMPT_SIGNAL, on_tick, SA_RESTART);
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

/* In a forked child the timer is not there any more; deleting it then fails harmlessly. */
void preempt_stop(void)
{
	if (timer >= 0)
		sys_call1(SYS_timer_delete, timer);
	timer = -1;
}
