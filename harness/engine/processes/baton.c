/* SPDX-License-Identifier: Apache-2.0 */
/* Handing the baton round; see processes.h. */
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

#include "base/insist.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/calls/system.h"
#include "engine/processes/processes.h"
#include "engine/signal.h"
#include "engine/state.h"
#include "model/fd.h"

#define LOOK_NS 200000000L /* between two looks whether the holder, or P0, is alive */

static struct process *self(void)
{
	return &processes.list[world_process];
}

static void give(process_id to, enum baton_word word)
{
	struct process *p = &processes.list[to];

	processes.message.word = (uint8_t)word;
	processes.message.from = world_process;
	processes.holder = to;
	processes_tell(p);
	/* Pairs with the acquire in await(). */
	__atomic_store_n(&p->turn, 1, __ATOMIC_RELEASE);
	sys_call3(SYS_futex, (long)&p->turn, FUTEX_WAKE, 1);
}

/* Whether the holder ended without handing the baton on: somebody outside killed it, or it became a
 * program that did not start. Then it is ours, and the process to be buried. */
static bool is_lost(process_id *which)
{
	const process_id holder = processes.holder;

	if (world_process != 0) {
		/* Nobody is left to end the schedule. */
		if (processes_has_ended(processes.list[0].pid))
			sys_call1(SYS_exit_group, 0);
		return false;
	}
	if (holder == 0 || !processes_has_ended(processes.list[holder].pid) ||
	    __atomic_load_n(&self()->turn, __ATOMIC_ACQUIRE) || processes.holder != holder)
		return false;
	processes.holder = 0;
	processes_tell(self());
	processes.list[holder].state = PROCESS_ENDED;
	processes.list[holder].vforked = false;
	processes_drop_threads(holder);
	*which = holder;
	return true;
}

/* False: the baton was lost; *lost had it. */
static bool await(process_id *lost)
{
	struct process *p = self();
	const struct timespec wait = { 0, LOOK_NS };

	while (!__atomic_load_n(&p->turn, __ATOMIC_ACQUIRE))
		if (sys_call4(SYS_futex, (long)&p->turn, FUTEX_WAIT, 0, (long)&wait) ==
			    -ETIMEDOUT &&
		    is_lost(lost))
			return false;
	p->turn = 0;
	access_resumed();
	return true;
}

static void take_signal(void)
{
	const struct baton_message m = processes.message;

	signal_make_dirty();
	processes.message.result =
		signal_post(&engine_world,
			    m.thread == THREAD_NONE ? NULL : engine_world.threads[m.thread],
			    &m.info);
	signal_refresh_fds();
	fd_recheck_own(&engine_world);
}

/* Does what another process asks for, and answers. */
static void serve(void)
{
	const process_id from = processes.message.from;
	struct baton_message *m = &processes.message;

	switch (m->word) {
	case BATON_SIGNAL:
		take_signal();
		if (signal_fatal)
			process_die(signal_fatal);
		break;
	case BATON_DIE:
		process_die(m->info.si_signo);
	case BATON_RECHECK:
		m->result = (int32_t)fd_recheck_own(&engine_world);
		break;
	case BATON_TIMERS:
		system_timers_run_own();
		break;
	case BATON_IDLE:
		m->result = system_idle_own();
		break;
	case BATON_OUTSIDE:
		m->result = system_waits_outside_own();
		break;
	case BATON_ADOPT:
		process_adopt(m->about);
		break;
	case BATON_CHILD:
		process_child_ended(m->about);
		break;
	case BATON_DUMP:
		dump_own();
		break;
	default:
		insist(!"a word that nobody says");
	}
	give(from, BATON_REPLY);
}

struct thread *baton_wait(void)
{
	for (;;) {
		process_id lost;

		if (!await(&lost)) {
			process_bury(lost);
			return NULL;
		}
		switch (processes.message.word) {
		case BATON_RUN:
			return engine_world.threads[processes.message.thread];
		case BATON_END:
			insist(world_process == 0);
			schedule_end();
		case BATON_BURY:
			process_bury(processes.message.about);
			return NULL;
		case BATON_FREED:
			process_freed(processes.message.about);
			return NULL;
		default:
			serve();
		}
	}
}

struct thread *baton_pass(struct thread *chosen)
{
	processes.message.thread = chosen->id;
	give(chosen->process, BATON_RUN);
	return baton_wait();
}

long baton_ask(process_id to, enum baton_word word)
{
	process_id lost;

	if (to == world_process || !processes_alive(to))
		return 0;
	processes.message.result = 0;
	give(to, word);
	if (!await(&lost)) {
		process_bury(lost);
		return 0;
	}
	if (processes.message.word == BATON_END)
		schedule_end();
	if (processes.message.word == BATON_BURY) {
		process_bury(processes.message.about);
		return 0;
	}
	insist(processes.message.word == BATON_REPLY);
	return processes.message.result;
}

long baton_ask_all(enum baton_word word)
{
	long sum = 0;

	for (uint32_t i = 0; i < processes.count; i++)
		sum += baton_ask((process_id)i, word);
	return sum;
}

void baton_end(void)
{
	if (world_process == 0)
		schedule_end();
	give(0, BATON_END);
	for (;;) /* P0 may ask for what lies in this process's memory, and then kills it */
		baton_wait();
}

void baton_leave(enum baton_word word)
{
	const struct process *p = self();
	const bool asked =
		processes.message.word == BATON_DIE || processes.message.word == BATON_SIGNAL;
	process_id heir = asked                        ? processes.message.from
			  : processes_alive(p->parent) ? p->parent
						       : 0;

	processes.message.about = world_process;
	give(heir, word);
}
