/* SPDX-License-Identifier: Apache-2.0 */
/* See linger.h. */
#include "engine/linger.h"

#include <errno.h>
#include <stddef.h>

#include "engine/access/access.h"
#include "engine/calls/system.h"
#include "engine/fiber.h"
#include "model/signal.h"

void linger_begin(uint64_t seed)
{
	engine.lingers_any = (seed >> 32) % LINGER_ODDS == 0;
	engine.lingers = engine.lingers_any && !access_instrumented;
}

/* May others go on, or see something new, once this was performed? Creations and forks are not
 * among them: what they make is there later (linger_here). */
static bool lets_others(unsigned kind)
{
	static const bool set[OP_KIND_COUNT] = {
		[OP_ONCE_END] = true,       [OP_MUTEX_UNLOCK] = true,  [OP_COND_SIGNAL] = true,
		[OP_COND_BROADCAST] = true, [OP_RWLOCK_UNLOCK] = true, [OP_SPIN_UNLOCK] = true,
		[OP_BARRIER_WAIT] = true,   [OP_SEM_POST] = true,      [OP_SEM_OPERATE] = true,
		[OP_FUTEX_WAKE] = true,     [OP_FUTEX_REQUEUE] = true, [OP_FUTEX_UNLOCK_PI] = true,
		[OP_FD_WRITE] = true,       [OP_FD_CLOSE] = true,      [OP_QUEUE_SEND] = true,
		[OP_FD_UNLOCK] = true,      [OP_QUEUE_RECEIVE] = true, [OP_THREAD_KILL] = true,
		[OP_SIGNAL_SEND] = true,
	};

	return set[kind];
}

static struct op linger_at(void *site)
{
	return (struct op){ .kind = OP_LINGER, .site = site, .deadline_ns = OP_NO_DEADLINE };
}

bool linger_stays(struct thread *t)
{
	struct fiber *f = fiber_of(t);

	if (t->op.kind == OP_LINGER) {
		if (f->lingering) {
			t->op = f->performed;
			t->result = f->performed_result;
			f->lingering = false;
		}
		return false;
	}
	/* A signal to oneself, and one of which the process dies, come before the call returns. */
	if (engine.phase != PHASE_SCHEDULE || !lets_others(t->op.kind) || t->result == EINTR ||
	    t->result == MODEL_CANCELLED || signal_pending_for(t))
		return false;
	f->performed = t->op;
	f->performed_result = t->result;
	f->lingering = true;
	t->op = linger_at(t->op.site);
	return true;
}

static void linger(void *site)
{
	if (engine.phase != PHASE_SCHEDULE || engine_is_aside)
		return;
	engine_publish(OP_LINGER, NULL, site);
	engine_step();
}

void linger_here(void *site)
{
	if (engine.lingers_any)
		linger(site);
}

void linger_at_end(void)
{
	linger(NULL);
}

void linger_before_wait(void *site)
{
	if (engine.lingers_any && signal_are_handled())
		linger(site);
}
