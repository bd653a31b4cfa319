/* SPDX-License-Identifier: Apache-2.0 */
/* The side after the exec; see exec.h. */
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/insist.h"
#include "base/sys.h"
#include "engine/calls/call.h"
#include "engine/calls/call_wait.h"
#include "engine/calls/queue_notify.h"
#include "engine/calls/system.h"
#include "engine/campaign.h"
#include "engine/detectors.h"
#include "engine/nasty.h"
#include "engine/output.h"
#include "engine/pool.h"
#include "engine/processes/exec.h"
#include "engine/processes/exec_handover.h"
#include "engine/processes/keys.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/signal.h"
#include "engine/state.h"
#include "engine/takeover/fini.h"
#include "engine/takeover/real.h"
#include "model/fd.h"

#define POOL_LEAST 9

struct joining {
	process_id id;
	int fd;
	uintptr_t address;
	int pid;
};

static bool number(const char **text, unsigned base, unsigned long *value)
{
	const char *at = *text;

	*value = 0;
	for (;; at++) {
		unsigned digit;

		if (*at >= '0' && *at <= '9')
			digit = (unsigned)(*at - '0');
		else if (*at >= 'a' && *at <= 'f')
			digit = (unsigned)(*at - 'a') + 10;
		else
			break;
		if (digit >= base)
			return false;
		*value = *value * base + digit;
	}
	if (at == *text)
		return false;
	*text = *at == ':' ? at + 1 : at;
	return true;
}

static bool parse(const char *value, struct joining *j)
{
	unsigned long id, fd, address, pid;

	if (!number(&value, 10, &id) || !number(&value, 10, &fd) || !number(&value, 16, &address) ||
	    !number(&value, 10, &pid))
		return false;
	*j = (struct joining){ (process_id)id, (int)fd, address, (int)pid };
	return id < PROCESSES_MAX;
}

bool exec_is_meant(const char *value)
{
	struct joining j;

	return parse(value, &j) && j.pid == (int)sys_getpid();
}

/* The others wait for us: whoever is the heir goes on, and we do without. */
static void leave(const struct joining *j)
{
	const size_t size = shared_size();
	const long base =
		sys_call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_SHARED, j->fd, 0);
	struct processes *p;
	process_id heir;

	if (base < 0)
		return;
	p = (struct processes *)(base + (long)((uintptr_t)&processes - shared_address()));
	heir = p->list[j->id].parent;
	if (p->list[heir].state != PROCESS_LIVES)
		heir = 0;
	p->list[j->id].state = PROCESS_FREE;
	p->list[j->id].vforked = false;
	p->message.word = BATON_FREED;
	p->message.about = j->id;
	p->message.from = j->id;
	p->holder = heir;
	processes_tell(&p->list[heir]);
	__atomic_store_n(&p->list[heir].turn, 1, __ATOMIC_RELEASE);
	sys_call3(SYS_futex, (long)&p->list[heir].turn, FUTEX_WAKE, 1);
	sys_call2(SYS_munmap, base, (long)size);
}

/*
 * When there are too few the schedule is run again with more, by a template or by the program that
 * the schedule began with. Alone in its process it has neither once that has become another
 * program, which therefore begins with all that it may have.
 */
static uint32_t slots_at_first(process_id id)
{
	const struct board_config *config = &engine.board->config;
	const bool alone =
		config->mode == MODE_REPLAY || config->exec_schedule != BOARD_NO_SCHEDULE;
	uint32_t slots = engine.board->status.slots;

	if (id == 0 && alone)
		slots = engine.threads_limit;
	if (slots < POOL_LEAST)
		slots = POOL_LEAST;
	return slots < THREADS_MAX ? slots : THREADS_MAX;
}

/* Everything that is this process's own; still with a world of its own. */
static bool prepare(process_id id)
{
	if (engine_world.thread_count > 1) /* of constructors */
		return false;
	real_load_unwinder();
	fini_look();
	nasty_init();
	/* All that it may have may be more than the system allows. */
	if (pool_grow(slots_at_first(id)) != 0 && pool_size() < POOL_LEAST)
		return false;
	return system_init() == 0 && system_take() == 0;
}

static void inherit(const struct exec_handover *h, struct thread *t)
{
	for (int fd = 0; fd < FD_MAX; fd++) {
		struct fd_record *r = fd_at(fd);

		if (h->classes[fd] == FD_ENGINE)
			system_own_fd(fd);
		else if (r->class != FD_CLOSED &&
			 (h->classes[fd] == FD_INSIDE || h->classes[fd] == FD_DATAGRAM))
			r->class = h->classes[fd];
	}
	for (int signo = 1; signo <= SIGNALS_MAX; signo++)
		signal_actions[signo] =
			(struct signal_action){ .handler = h->ignored & signal_bit(signo)
								   ? (uintptr_t)SIG_IGN
								   : (uintptr_t)SIG_DFL };
	t->signals_blocked = h->blocked;
	for (int signo = 1; signo <= SIGNALS_MAX; signo++)
		if (h->pending & signal_bit(signo)) {
			const siginfo_t info = signal_info(signo, SI_USER);

			signal_post(&engine_world, t, &info);
		}
}

static struct fiber *become(const struct joining *j)
{
	struct fiber *f;

	world_process = j->id;
	processes_drop_threads(j->id);
	queue_forget_process(j->id);
	processes.list[j->id].vforked = false;
	processes.list[j->id].main = (thread_id)engine_world.thread_count;
	processes.list[j->id].timer_next = UINT64_MAX;
	f = thread_new_main(report_image());
	processes.list[j->id].image = f->image;
	processes_tell(&processes.list[j->id]);
	inherit(&exec_handover, &f->thread);
	return f;
}

void exec_join(const char *value)
{
	struct joining j;
	struct fiber *f;

	if (!parse(value, &j))
		return;
	if (j.address != shared_address() || !prepare(j.id) || shared_join(j.fd) != 0) {
		leave(&j);
		return;
	}
	system_own_fd(j.fd);
	output_init();
	f = become(&j);
	real_tell_stack_end(pool_slot(0)->stack_high);
	if (exec_handover.first) {
		campaign.child = engine.forked_schedule;
		campaign.number = engine.result->number;
	}
	keys_use();
	keys_look();
	insist(sud_arm() == 0);
	engine_current = &f->thread;
	call_serial++; /* what was closed by the exec may have been locked */
	fd_recheck(&engine_world);
	fiber_enter(engine_dispatch().to);
}
