/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pending signals: a bit per signal and thread says that there is one, the queue says what came
 * with it. A standard signal has at most one entry per target; when the queue is full a standard
 * signal stays pending without its details, as Linux does.
 */
#include "model/signal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct entry {
	thread_id target; /* THREAD_NONE: the process */
	siginfo_t info;
};

struct signal_action signal_actions[SIGNALS_MAX + 1];
uint64_t signal_process_pending;
int signal_fatal;
siginfo_t signal_fatal_info;
bool signal_sent;

static struct entry queue[SIGNAL_QUEUE_MAX]; /* in order of sending */
static unsigned queue_count;
static const char waiters; /* its address: who waits in sigwait, sigsuspend or pause */

void signal_forget(void)
{
	queue_count = 0;
	signal_process_pending = 0;
	signal_fatal = 0;
	signal_sent = false;
}

bool signal_are_handled(void)
{
	for (int signo = 1; signo <= SIGNALS_MAX; signo++)
		if (signal_actions[signo].handler != (uintptr_t)SIG_DFL &&
		    signal_actions[signo].handler != (uintptr_t)SIG_IGN)
			return true;
	return false;
}

static void queue_remove(unsigned n)
{
	queue_count--;
	for (; n < queue_count; n++)
		queue[n] = queue[n + 1];
}

void signal_forget_thread(struct thread *t)
{
	for (unsigned i = queue_count; i-- > 0;)
		if (queue[i].target == t->id)
			queue_remove(i);
	t->signals_pending = 0;
}

void signal_discard(struct world *w, int signo)
{
	for (unsigned i = queue_count; i-- > 0;)
		if (queue[i].info.si_signo == signo)
			queue_remove(i);
	for (uint32_t i = 0; i < w->thread_count; i++)
		if (w->threads[i]->process == world_process)
			w->threads[i]->signals_pending &= ~signal_bit(signo);
	signal_process_pending &= ~signal_bit(signo);
}

enum signal_effect signal_effect_of(int signo)
{
	const uintptr_t handler = signal_actions[signo].handler;

	if (handler == (uintptr_t)SIG_IGN)
		return SIGNAL_IGNORED;
	if (handler != (uintptr_t)SIG_DFL)
		return SIGNAL_HANDLED;
	switch (signo) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return SIGNAL_IGNORED;
	case SIGCONT:
		return SIGNAL_CONTINUES;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return SIGNAL_STOPS;
	default:
		return SIGNAL_TERMINATES;
	}
}

/* Of this process: dispositions and what is pending are a process's own. */
static bool alive(const struct thread *t)
{
	return t->process == world_process &&
	       (t->status == THREAD_READY || t->status == THREAD_BLOCKED);
}

static bool waits_for(const struct thread *t, uint64_t bit)
{
	return t->op.kind == OP_SIGNAL_WAIT && (t->op.args[0] & bit) != 0;
}

/* Whether a handler could run soon: it runs, or its wait can be broken. */
static bool reachable(const struct thread *t)
{
	return t->status == THREAD_READY || (t->op.flags & OP_INTERRUPTIBLE);
}

static thread_id main_of(const struct world *w)
{
	thread_id id = 0;

	while (id + 1U < w->thread_count && w->threads[id]->process != world_process)
		id++;
	return id;
}

/* Who takes a signal that was sent to the process; NULL: everybody blocks it. */
static struct thread *choose_target(struct world *w, uint64_t bit)
{
	struct thread *first = NULL;
	uint32_t count = 0, n;

	for (uint32_t i = 0; i < w->thread_count; i++) {
		struct thread *t = w->threads[i];

		if (!alive(t) || (t->signals_blocked & bit))
			continue;
		if (t->id == main_of(w) && reachable(t))
			return t;
		if (!first)
			first = t;
		count += reachable(t);
	}
	if (count == 0)
		return first;
	n = world_choose(w, CHOICE_OTHER, count);
	for (uint32_t i = 0; i < w->thread_count; i++) {
		struct thread *t = w->threads[i];

		if (alive(t) && !(t->signals_blocked & bit) && reachable(t) && n-- == 0)
			return t;
	}
	return first;
}

/* False: the queue is full. */
static bool enqueue(thread_id target, uint64_t pending, const siginfo_t *info)
{
	const int signo = info->si_signo;

	if (signo < SIGNAL_FIRST_QUEUED && (pending & signal_bit(signo)))
		return true;
	if (queue_count == SIGNAL_QUEUE_MAX)
		return signo < SIGNAL_FIRST_QUEUED;
	queue[queue_count].target = target;
	queue[queue_count].info = *info;
	queue_count++;
	return true;
}

static void interrupt(struct world *w, struct thread *t)
{
	if (t->status != THREAD_BLOCKED || !(t->op.flags & OP_INTERRUPTIBLE))
		return;
	t->op.flags |= OP_INTERRUPTED;
	world_wake(w, t);
}

/* Linux: a stop signal cancels a pending continue and the other way round; what is ignored is
 * dropped unless blocked. */
int signal_post(struct world *w, struct thread *target, const siginfo_t *info)
{
	const int signo = info->si_signo;
	const uint64_t bit = signal_bit(signo);
	const enum signal_effect effect = signal_effect_of(signo);
	struct thread *taker = target;
	bool blocked;

	signal_sent = true;
	if (!target) {
		for (uint32_t i = 0; i < w->thread_count && !taker; i++)
			if (alive(w->threads[i]) && waits_for(w->threads[i], bit))
				taker = w->threads[i];
		if (!taker)
			taker = choose_target(w, bit);
		blocked = !taker || (taker->signals_blocked & bit);
	} else {
		blocked = (target->signals_blocked & bit) != 0;
	}
	if (!blocked && !(taker && waits_for(taker, bit))) {
		if (effect == SIGNAL_IGNORED || effect == SIGNAL_CONTINUES)
			return 0;
		if (effect == SIGNAL_TERMINATES) {
			if (signal_fatal == 0) {
				signal_fatal = signo;
				signal_fatal_info = *info;
			}
			return 0;
		}
	}
	if (target || (taker && !blocked)) {
		if (!enqueue(taker->id, taker->signals_pending, info))
			return -EAGAIN;
		taker->signals_pending |= bit;
	} else {
		if (!enqueue(THREAD_NONE, signal_process_pending, info))
			return -EAGAIN;
		signal_process_pending |= bit;
	}
	for (uint32_t i = 0; i < w->thread_count; i++)
		if (alive(w->threads[i]) && w->threads[i]->status == THREAD_BLOCKED &&
		    waits_for(w->threads[i], bit))
			world_wake(w, w->threads[i]);
	if (!blocked && taker)
		interrupt(w, taker);
	return 0;
}

static bool take_from(thread_id target, int signo, uint64_t *pending, siginfo_t *info)
{
	unsigned left = 0;
	bool found = false;

	if (!(*pending & signal_bit(signo)))
		return false;
	memset(info, 0, sizeof(*info));
	info->si_signo = signo;
	for (unsigned i = 0; i < queue_count;) {
		if (queue[i].target != target || queue[i].info.si_signo != signo) {
			i++;
		} else if (!found) {
			*info = queue[i].info;
			found = true;
			queue_remove(i);
		} else {
			left++;
			i++;
		}
	}
	if (left == 0)
		*pending &= ~signal_bit(signo);
	return true;
}

int signal_take(struct thread *t, uint64_t allowed, siginfo_t *info)
{
	const uint64_t own = t->signals_pending & allowed;
	const uint64_t shared = signal_process_pending & allowed;
	const uint64_t all = own ? own : shared;
	const int signo = all ? __builtin_ctzll(all) + 1 : 0;

	if (signo == 0)
		return 0;
	if (own)
		take_from(t->id, signo, &t->signals_pending, info);
	else
		take_from(THREAD_NONE, signo, &signal_process_pending, info);
	return signo;
}

enum model_step model_signal_wait(struct world *w, struct thread *t)
{
	const uint64_t wanted = t->op.args[0];
	siginfo_t info;
	int signo;

	if (t->op.flags & OP_CANCELLED) {
		t->result = MODEL_CANCELLED;
		return MODEL_DONE;
	}
	signo = wanted ? signal_take(t, wanted, &info) : 0;
	if (signo > 0) {
		if (t->op.args[1])
			*(siginfo_t *)(uintptr_t)t->op.args[1] = info;
		t->result = signo;
	} else if ((t->op.flags & OP_INTERRUPTED) || signal_deliverable(t)) {
		t->result = -EINTR;
	} else if ((t->op.flags & OP_TIMED_OUT) || t->op.deadline_ns <= w->now_ns) {
		t->result = -EAGAIN;
	} else {
		t->op.flags |= OP_INTERRUPTIBLE;
		world_block(w, t, (void *)(uintptr_t)&waiters);
		return MODEL_BLOCKED;
	}
	return MODEL_DONE;
}

enum model_step model_signal_send(struct world *w, struct thread *t)
{
	const thread_id id = (thread_id)t->op.args[0];

	if (t->op.phase == 1) { /* to another process: the engine lets that one take it */
		w->event_aux = (uint32_t)t->op.args[0] << 8 | (uint32_t)t->op.args[1];
		t->result = 0;
		return MODEL_DONE;
	}
	t->result = signal_post(w, id == THREAD_NONE ? NULL : w->threads[id],
				(const siginfo_t *)(uintptr_t)t->op.args[1]);
	return MODEL_DONE;
}
