/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutexes of all types and protocols.
 *
 * A free mutex belongs to whoever is chosen first: an unlock wakes every waiter and hands nothing
 * over, so any of them, or a newcomer, may be next, which is what glibc's futex protocol allows.
 * Priorities do not exist here; the priority protocols differ from none only in what they return.
 * The first lines of lock and unlock are the hottest of all models: a normal mutex that nobody else
 * wants touches its own words, the thread's holds, and no list.
 */
#include "model/mutex.h"

#include <errno.h>
#include <stdint.h>

#define LIKELY(condition) __builtin_expect(!!(condition), 1)

static inline uint32_t self_of(const struct thread *t)
{
	return (uint32_t)t->id + 1;
}

static inline bool is_mine(const struct mutex *m, const struct thread *t)
{
	return m->word != MUTEX_FREE && m->owner == self_of(t);
}

static inline int type_of(const struct mutex *m)
{
	return m->kind & MUTEX_TYPE_MASK;
}

static struct thread *owner_of(const struct world *w, const struct mutex *m)
{
	return m->owner && m->owner <= w->thread_count ? w->threads[m->owner - 1] : NULL;
}

/* Are these the bytes of a mutex? */
static bool is_mutex(const struct mutex *m)
{
	return (m->kind & ~MUTEX_KIND_MASK) == 0 && m->word <= MUTEX_CONTENDED &&
	       (m->word == MUTEX_FREE) == (m->owner == 0) && m->owner <= THREADS_MAX &&
	       m->robustness <= MUTEX_NOT_RECOVERABLE;
}

static void misuse(struct world *w, struct thread *t, struct mutex *m, enum finding_cause cause,
		   const struct grave *g)
{
	if (g && g->site)
		w->ops->misuse(w, t, cause, m, g->thread, g->site, g->step);
	else
		w->ops->misuse(w, t, cause, m, THREAD_NONE, NULL, 0);
}

static void misuse_of_owned(struct world *w, struct thread *t, struct mutex *m,
			    enum finding_cause cause)
{
	struct thread *owner = owner_of(w, m);
	const struct hold *h = owner ? hold_find(owner, m) : NULL;

	w->ops->misuse(w, t, cause, m, owner ? owner->id : THREAD_NONE, h ? h->site : NULL,
		       h ? h->step : 0);
}

/* False, and told, when it is none. */
static bool check(struct world *w, struct thread *t, struct mutex *m)
{
	if (LIKELY(is_mutex(m)))
		return true;
	if (m->kind == MUTEX_DESTROYED)
		misuse(w, t, m, CAUSE_USE_DESTROYED, &m->last);
	else
		misuse(w, t, m, CAUSE_UNINITIALISED, NULL);
	return false;
}

enum model_step model_mutex_init(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;
	struct thread *owner = is_mutex(m) ? owner_of(w, m) : NULL;

	/* The bytes alone prove nothing, they may be anything; a thread that is known to hold it
	 * does. */
	if (owner && hold_find(owner, m)) {
		misuse_of_owned(w, t, m, CAUSE_REINITIALISED);
		while (hold_pop(owner, m))
			;
	}
	*m = (struct mutex){
		.kind = (int32_t)t->op.args[0] & ~MUTEX_ELISION,
		.ceiling = (uint8_t)t->op.args[1],
	};
	return model_done(t, 0);
}

enum model_step model_mutex_destroy(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;
	int result = 0;

	if (m->kind == MUTEX_DESTROYED) {
		misuse(w, t, m, CAUSE_DOUBLE_DESTROY, &m->last);
		return model_done(t, 0);
	}
	if (!check(w, t, m))
		return model_done(t, 0);
	if (m->word != MUTEX_FREE) {
		misuse_of_owned(w, t, m, CAUSE_DESTROY_HELD);
		result = EBUSY;
	} else if (m->users > 0) {
		for (uint32_t i = 0; i < w->thread_count && !result; i++) {
			struct thread *other = w->threads[i];

			if (other->status != THREAD_FINISHED && other->op.kind == OP_COND_WAIT &&
			    other->op.phase != 0 && other->op.object2 == m) {
				model_misuse_waited(w, t, CAUSE_DESTROY_WAITED, other);
				result = EBUSY;
			}
		}
	}
	if (result && !(m->kind & MUTEX_ROBUST)) /* glibc looks at no users of a robust one */
		return model_done(t, result);
	m->kind = MUTEX_DESTROYED;
	grave_dig(&m->last, w, t);
	return model_done(t, 0);
}

/* The mutex is free: t gets it. */
static int acquire(struct world *w, struct thread *t, struct mutex *m)
{
	m->word = MUTEX_HELD;
	m->owner = self_of(t);
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
	if (!check(w, t, m))
		return model_done(t, EINVAL);
	if (m->robustness == MUTEX_NOT_RECOVERABLE)
		return model_done(t, ENOTRECOVERABLE);
	if (m->word == MUTEX_FREE) {
		m->users++;
		return model_done(t, acquire(w, t, m));
	}
	if (is_mine(m, t) && type_of(m) == MUTEX_RECURSIVE) {
		if (m->count == UINT32_MAX)
			return model_done(t, EAGAIN);
		m->count++;
		hold_push(t, m, t->op.site, w->step, FAMILY_MUTEX, HOLD_EXCLUSIVE);
		return model_done(t, 0);
	}
	if (is_mine(m, t) && type_of(m) == MUTEX_ERRORCHECK &&
	    (!try || (m->kind & (MUTEX_ROBUST | MUTEX_INHERIT | MUTEX_PROTECT))))
		return model_done(t, EDEADLK);
	if (try)
		return model_done(t, EBUSY);
	m->word = MUTEX_CONTENDED;
	return model_wait(w, t, m);
}

enum model_step model_mutex_lock(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;

	if (LIKELY(m->kind == MUTEX_NORMAL && m->word == MUTEX_FREE)) {
		m->word = MUTEX_HELD;
		m->owner = self_of(t);
		m->users++;
		hold_push(t, m, t->op.site, w->step, FAMILY_MUTEX, HOLD_EXCLUSIVE);
		return model_done(t, 0);
	}
	return lock(w, t, m, false);
}

enum model_step model_mutex_trylock(struct world *w, struct thread *t)
{
	return lock(w, t, t->op.object, true);
}

/* The owner, or on its behalf somebody who may not, gives the mutex up. */
static void release(struct world *w, struct thread *t, struct mutex *m)
{
	const bool contended = m->word == MUTEX_CONTENDED;
	struct thread *owner = m->owner == self_of(t) ? t : owner_of(w, m);

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
	return (m->kind & MUTEX_ROBUST) || type_of(m) == MUTEX_ERRORCHECK ||
	       type_of(m) == MUTEX_RECURSIVE;
}

/* Tells that t unlocks what it does not own, unless that is only what an earlier such unlock led
 * to. */
static void blame(struct world *w, struct thread *t, struct mutex *m)
{
	const bool robbed = m->robbed == self_of(t);

	if (!robbed && m->word == MUTEX_FREE)
		misuse(w, t, m, CAUSE_UNLOCK_UNLOCKED, &m->last);
	else if (!robbed)
		misuse_of_owned(w, t, m, CAUSE_UNLOCK_NOT_OWNER);
	m->robbed = (uint16_t)m->owner;
}

static enum model_step unlock(struct world *w, struct thread *t, struct mutex *m)
{
	if (!check(w, t, m))
		return model_done(t, EINVAL);
	if (!is_mine(m, t)) {
		if (answers_eperm(m))
			return model_done(t, EPERM);
		blame(w, t, m);
		if (m->kind & MUTEX_INHERIT) /* the kernel knows the owner */
			return model_done(t, EPERM);
		if (m->word == MUTEX_FREE)
			return model_done(t, 0);
	} else if (type_of(m) == MUTEX_RECURSIVE && m->count > 1) {
		m->count--;
		hold_pop(t, m);
		/* glibc's warning that this goes wrong with the last unlock. */
		return model_done(t, m->robustness == MUTEX_INCONSISTENT ? ENOTRECOVERABLE : 0);
	}
	if (m->users > 0)
		m->users--;
	release(w, t, m);
	return model_done(t, 0);
}

enum model_step model_mutex_unlock(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;

	if (LIKELY(m->kind == MUTEX_NORMAL && m->word == MUTEX_HELD && m->owner == self_of(t))) {
		m->word = MUTEX_FREE;
		m->owner = 0;
		m->users--;
		grave_dig(&m->last, w, t);
		hold_pop(t, m);
		return model_done(t, 0);
	}
	return unlock(w, t, m);
}

enum model_step model_mutex_consistent(struct world *w, struct thread *t)
{
	struct mutex *m = t->op.object;

	/* glibc lets another than the owner do it, and then loses track of who the owner is. */
	if (!check(w, t, m) || m->robustness != MUTEX_INCONSISTENT || !is_mine(m, t))
		return model_done(t, EINVAL);
	m->robustness = MUTEX_CONSISTENT;
	return model_done(t, 0);
}

int mutex_wait_release(struct world *w, struct thread *t, struct mutex *m)
{
	if (!check(w, t, m))
		return EINVAL;
	if (!is_mine(m, t)) {
		/* POSIX gives errorcheck and robust mutexes EPERM; that glibc gives it to recursive
		 * ones is luck. */
		if ((m->kind & MUTEX_ROBUST) || type_of(m) == MUTEX_ERRORCHECK)
			return EPERM;
		misuse_of_owned(w, t, m, CAUSE_WAIT_NOT_HELD);
		if (answers_eperm(m) || (m->kind & MUTEX_INHERIT))
			return EPERM;
		if (m->word == MUTEX_FREE)
			m->users++; /* t will hold it when it comes back, and then unlock it */
		else
			release(w, t, m);
		return 0;
	}
	if (type_of(m) == MUTEX_RECURSIVE && m->count > 1) {
		misuse_of_owned(w, t, m, CAUSE_WAIT_RECURSIVE);
		m->count--;
		hold_pop(t, m);
		return 0;
	}
	release(w, t, m);
	return 0;
}

bool mutex_wait_reacquire(struct world *w, struct thread *t, struct mutex *m, int *result)
{
	*result = 0;
	if (!check(w, t, m)) {
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
	if (is_mine(m, t) && type_of(m) == MUTEX_RECURSIVE) {
		m->count++;
		hold_push(t, m, t->op.site, w->step, FAMILY_MUTEX, HOLD_EXCLUSIVE);
		return true;
	}
	m->word = MUTEX_CONTENDED;
	return false;
}

void model_thread_exited(struct world *w, struct thread *t)
{
	/* Only robust mutexes are looked at: the memory of another may be gone, and nobody would
	 * mind. */
	for (uint32_t i = t->hold_count; i-- > 0;) {
		struct mutex *m = t->holds[i].object;

		if (t->holds[i].family != FAMILY_MUTEX || !t->holds[i].robust)
			continue;
		if (!is_mutex(m) || !(m->kind & MUTEX_ROBUST) || !is_mine(m, t))
			continue;
		t->holds[i].depth = 1;
		if (m->users > 0)
			m->users--;
		m->robustness = MUTEX_CONSISTENT;
		release(w, t, m);
		m->robustness = MUTEX_OWNER_DIED;
	}
}
