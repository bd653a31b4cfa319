/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutexes of all types and protocols.
 *
 * A free mutex belongs to whoever is chosen first: an unlock wakes every waiter and hands nothing
 * over, so any of them, or a newcomer, may be next, which is what glibc's futex protocol allows.
 * Priorities do not exist here; the priority protocols differ from none only in what they return.
 * Most locks and unlocks are mutex_quick()'s: a normal mutex that nobody else wants touches its own
 * words, the thread's holds, and no list.
 */
#include "model/mutex.h"

#include <errno.h>
#include <stdint.h>

#define LIKELY(condition) __builtin_expect(!!(condition), 1)

void mutex_misuse(struct world *w, struct thread *t, struct mutex *m, enum finding_cause cause,
		  const struct grave *g)
{
	if (g && g->site)
		w->ops->misuse(w, t, cause, m, g->thread, g->site, g->step);
	else
		w->ops->misuse(w, t, cause, m, THREAD_NONE, NULL, 0);
}

void mutex_misuse_owned(struct world *w, struct thread *t, struct mutex *m,
			enum finding_cause cause)
{
	struct thread *owner = mutex_owner(w, m);
	const struct hold *h = owner ? hold_find(owner, m) : NULL;

	w->ops->misuse(w, t, cause, m, owner ? owner->id : THREAD_NONE, h ? h->site : NULL,
		       h ? h->step : 0);
}

/* False, and told, when it is none. */
bool mutex_check(struct world *w, struct thread *t, struct mutex *m)
{
	if (LIKELY(mutex_is_valid(m)))
		return true;
	if (m->kind == MUTEX_DESTROYED)
		mutex_misuse(w, t, m, CAUSE_USE_DESTROYED, &m->last);
	else
		mutex_misuse(w, t, m, CAUSE_UNINITIALISED, NULL);
	return false;
}

/* The mutex is free: t gets it. */
static int acquire(struct world *w, struct thread *t, struct mutex *m)
{
	m->word = MUTEX_HELD;
	m->owner = mutex_self(t);
	m->count = 1;
	hold_push(t, m, t->op.site, w->step, FAMILY_MUTEX, HOLD_EXCLUSIVE);
	if (m->kind & MUTEX_ROBUST) {
		struct hold *h = hold_find(t, m);

		if (h)
			h->robust = 1;
	}
	if (m->robustness != MUTEX_OWNER_DIED)
		return 0;
	m->robustness = MUTEX_INCONSISTENT;
	return EOWNERDEAD;
}

static enum model_step lock(struct world *w, struct thread *t, struct mutex *m, bool try)
{
	if (!mutex_check(w, t, m))
		return model_done(t, EINVAL);
	if (m->robustness == MUTEX_NOT_RECOVERABLE)
		return model_done(t, ENOTRECOVERABLE);
	if (m->word == MUTEX_FREE) {
		m->users++;
		return model_done(t, acquire(w, t, m));
	}
	if (mutex_is_mine(m, t) && mutex_type(m) == MUTEX_RECURSIVE) {
		if (m->count == UINT32_MAX)
			return model_done(t, EAGAIN);
		m->count++;
		hold_push(t, m, t->op.site, w->step, FAMILY_MUTEX, HOLD_EXCLUSIVE);
		return model_done(t, 0);
	}
	if (mutex_is_mine(m, t) && mutex_type(m) == MUTEX_ERRORCHECK &&
	    (!try || (m->kind & (MUTEX_ROBUST | MUTEX_INHERIT | MUTEX_PROTECT))))
		return model_done(t, EDEADLK);
	if (try)
		return model_done(t, EBUSY);
	m->word = MUTEX_CONTENDED;
	return model_wait(w, t, m);
}

enum model_step model_mutex_lock(struct world *w, struct thread *t)
{
	if (LIKELY(mutex_quick(w, t)))
		return MODEL_DONE;
	return lock(w, t, t->op.object, false);
}

enum model_step model_mutex_trylock(struct world *w, struct thread *t)
{
	return lock(w, t, t->op.object, true);
}

/* The owner, or on its behalf somebody who may not, gives the mutex up. */
void mutex_release(struct world *w, struct thread *t, struct mutex *m)
{
	const bool contended = m->word == MUTEX_CONTENDED;
	struct thread *owner = m->owner == mutex_self(t) ? t : mutex_owner(w, m);

	if (owner)
		hold_pop(owner, m);
	if (m->robustness == MUTEX_INCONSISTENT)
		m->robustness = MUTEX_NOT_RECOVERABLE;
	m->word = MUTEX_FREE;
	m->owner = 0;
	m->count = 0;
	grave_dig(&m->last, w, t);
	if (contended)
		world_wake_all(w, m);
}

/*
 * t, which is not the owner, unlocks or waits with the mutex. The standard says EPERM for these
 * types; for the others it says nothing, and then it is a misuse.
 */
static bool answers_eperm(const struct mutex *m)
{
	return (m->kind & MUTEX_ROBUST) || mutex_type(m) == MUTEX_ERRORCHECK ||
	       mutex_type(m) == MUTEX_RECURSIVE;
}

/* Tells that t unlocks what it does not own, unless that is only what an earlier such unlock led
 * to. */
static void blame(struct world *w, struct thread *t, struct mutex *m)
{
	const bool robbed = m->robbed == mutex_self(t);

	if (!robbed && m->word == MUTEX_FREE)
		mutex_misuse(w, t, m, CAUSE_UNLOCK_UNLOCKED, &m->last);
	else if (!robbed)
		mutex_misuse_owned(w, t, m, CAUSE_UNLOCK_NOT_OWNER);
	m->robbed = (uint16_t)m->owner;
}

static enum model_step unlock(struct world *w, struct thread *t, struct mutex *m)
{
	if (!mutex_check(w, t, m))
		return model_done(t, EINVAL);
	if (!mutex_is_mine(m, t)) {
		if (answers_eperm(m))
			return model_done(t, EPERM);
		blame(w, t, m);
		if (m->kind & MUTEX_INHERIT) /* the kernel knows the owner */
			return model_done(t, EPERM);
		if (m->word == MUTEX_FREE)
			return model_done(t, 0);
	} else if (mutex_type(m) == MUTEX_RECURSIVE && m->count > 1) {
		m->count--;
		hold_pop(t, m);
		/* glibc's warning that this goes wrong with the last unlock. */
		return model_done(t, m->robustness == MUTEX_INCONSISTENT ? ENOTRECOVERABLE : 0);
	}
	if (m->users > 0)
		m->users--;
	mutex_release(w, t, m);
	return model_done(t, 0);
}

enum model_step model_mutex_unlock(struct world *w, struct thread *t)
{
	if (LIKELY(mutex_quick(w, t)))
		return MODEL_DONE;
	return unlock(w, t, t->op.object);
}

enum model_step model_mutex_consistent(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;

	/* glibc lets another than the owner do it, and then loses track of who the owner is. */
	if (!mutex_check(w, t, m) || m->robustness != MUTEX_INCONSISTENT || !mutex_is_mine(m, t))
		return model_done(t, EINVAL);
	m->robustness = MUTEX_CONSISTENT;
	return model_done(t, 0);
}

int mutex_wait_release(struct world *w, struct thread *t, struct mutex *m)
{
	if (!mutex_check(w, t, m))
		return EINVAL;
	if (!mutex_is_mine(m, t)) {
		/* POSIX gives errorcheck and robust mutexes EPERM; that glibc gives it to recursive
		 * ones is luck. */
		if ((m->kind & MUTEX_ROBUST) || mutex_type(m) == MUTEX_ERRORCHECK)
			return EPERM;
		mutex_misuse_owned(w, t, m, CAUSE_WAIT_NOT_HELD);
		if (answers_eperm(m) || (m->kind & MUTEX_INHERIT))
			return EPERM;
		if (m->word == MUTEX_FREE)
			m->users++; /* t will hold it when it comes back, and then unlock it */
		else
			mutex_release(w, t, m);
		return 0;
	}
	if (mutex_type(m) == MUTEX_RECURSIVE && m->count > 1) {
		mutex_misuse_owned(w, t, m, CAUSE_WAIT_RECURSIVE);
		m->count--;
		hold_pop(t, m);
		return 0;
	}
	mutex_release(w, t, m);
	return 0;
}

bool mutex_wait_reacquire(struct world *w, struct thread *t, struct mutex *m, int *result)
{
	*result = 0;
	if (!mutex_check(w, t, m)) {
		*result = EINVAL;
		return true;
	}
	if (m->robustness == MUTEX_NOT_RECOVERABLE) {
		*result = ENOTRECOVERABLE;
		return true;
	}
	if (m->word == MUTEX_FREE) {
		*result = acquire(w, t, m);
		return true;
	}
	if (mutex_is_mine(m, t) && mutex_type(m) == MUTEX_RECURSIVE) {
		m->count++;
		hold_push(t, m, t->op.site, w->step, FAMILY_MUTEX, HOLD_EXCLUSIVE);
		return true;
	}
	m->word = MUTEX_CONTENDED;
	return false;
}
