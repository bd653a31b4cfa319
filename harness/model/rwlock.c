/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read-write locks.
 *
 * Readers share, a writer excludes; whoever is chosen first when the lock becomes free gets it. By
 * default, as in glibc, a waiting writer holds up nobody. Under
 * PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP a writer that waits keeps new readers out, even one
 * that reads already and so waits for itself. There, to begin to wait is something that others
 * notice, hence a stage of its own. A reader that wants to write waits for itself under every
 * preference: the upgrade deadlock.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/fork.h"
#include "model/models.h"

enum {
	RWLOCK_STATIC = 0,
	RWLOCK_LIVE = 0x52774c6b,
	RWLOCK_DESTROYED = 0x6b4c7752,
};

/* op.phase of a RWLOCK_WRLOCK. */
enum { WRITER_ARRIVES, WRITER_QUEUED };

/* In the program's pthread_rwlock_t; the preference lies where glibc's initialisers put it, the
 * rest may be zero. */
struct rwlock {
	uint32_t magic;
	uint32_t readers;        /* locks, not threads: one may hold several */
	uint32_t writer;         /* thread id + 1, 0 nobody */
	uint32_t writers_queued; /* only counted when writers are preferred */
	uint32_t contended;      /* somebody may stand in the waiters */
	uint32_t unused;
	struct grave last; /* the destroy */
	uint64_t unused_too;
	uint32_t preference;
	uint32_t unused_tail;
};

static_assert(sizeof(struct rwlock) == sizeof(pthread_rwlock_t),
	      "an rwlock is the program's object");
static_assert(offsetof(struct rwlock, preference) == offsetof(pthread_rwlock_t, __data.__flags),
	      "glibc's initialisers");

static bool prefers_writers(const struct rwlock *rw)
{
	return rw->preference == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
}

static bool is_mine(const struct rwlock *rw, const struct thread *t)
{
	return rw->writer == (uint32_t)t->id + 1;
}

static struct thread *writer_of(const struct world *w, const struct rwlock *rw)
{
	return rw->writer && rw->writer <= w->thread_count ? w->threads[rw->writer - 1] : NULL;
}

static bool is_rwlock(const struct rwlock *rw)
{
	return (rw->magic == RWLOCK_STATIC || rw->magic == RWLOCK_LIVE) &&
	       rw->writer <= THREADS_MAX && !(rw->writer && rw->readers) &&
	       rw->preference <= PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
}

/* A destroyed one is told, and goes on as if it were live, as in glibc. */
static bool check(struct world *w, struct thread *t, const struct rwlock *rw)
{
	if (__builtin_expect(is_rwlock(rw), 1))
		return true;
	if (rw->magic == RWLOCK_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_USE_DESTROYED, &rw->last);
		return true;
	}
	model_misuse(w, t, CAUSE_UNINITIALISED);
	return false;
}

static void wake(struct world *w, struct rwlock *rw)
{
	if (!rw->contended)
		return;
	rw->contended = 0;
	world_wake_all(w, rw);
}

/* Somebody who holds it, to be named in a report; NULL when it is free. */
static struct thread *holder_of(struct world *w, const struct rwlock *rw)
{
	struct thread *writer = writer_of(w, rw);

	return writer ? writer : rw->readers ? hold_owner(w, rw) : NULL;
}

enum model_step model_rwlock_init(struct world *w, struct thread *t)
{
	struct rwlock *rw = t->op.object;
	struct thread *holder;

	/* The bytes alone prove nothing, they may be anything; a thread that is known to hold it
	 * does. */
	if (is_rwlock(rw) && (rw->readers || rw->writer) && (holder = hold_owner(w, rw))) {
		model_misuse_held(w, t, CAUSE_REINITIALISED, holder);
		do
			while (hold_pop(holder, rw))
				;
		while ((holder = hold_owner(w, rw)));
	}
	*rw = (struct rwlock){ .magic = RWLOCK_LIVE, .preference = (uint32_t)t->op.args[0] };
	return model_done(t, 0);
}

enum model_step model_rwlock_destroy(struct world *w, struct thread *t)
{
	struct rwlock *rw = t->op.object;

	if (rw->magic == RWLOCK_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_DOUBLE_DESTROY, &rw->last);
		return model_done(t, 0);
	}
	if (!check(w, t, rw))
		return model_done(t, 0);
	if (rw->writer || rw->readers)
		model_misuse_held(w, t, CAUSE_DESTROY_HELD, holder_of(w, rw));
	rw->magic = RWLOCK_DESTROYED;
	grave_dig(&rw->last, w, t);
	return model_done(t, 0);
}

static enum model_step read_lock(struct world *w, struct thread *t, bool try)
{
	struct rwlock *rw = t->op.object;

	if (!check(w, t, rw))
		return model_done(t, EINVAL);
	if (is_mine(rw, t))
		return model_done(t, try ? EBUSY : EDEADLK);
	if (!rw->writer && !(prefers_writers(rw) && rw->writers_queued)) {
		rw->readers++;
		hold_push(t, rw, t->op.site, w->step, FAMILY_RWLOCK, HOLD_SHARED);
		return model_done(t, 0);
	}
	if (try)
		return model_done(t, EBUSY);
	rw->contended = 1;
	return model_wait(w, t, rw);
}

enum model_step model_rwlock_rdlock(struct world *w, struct thread *t)
{
	return read_lock(w, t, false);
}

enum model_step model_rwlock_tryrdlock(struct world *w, struct thread *t)
{
	return read_lock(w, t, true);
}

/* The writer gets the lock or gives up: it no longer holds up readers. */
static void writer_leaves_queue(struct world *w, struct thread *t, struct rwlock *rw)
{
	if (t->op.phase != WRITER_QUEUED)
		return;
	t->op.phase = WRITER_ARRIVES;
	if (--rw->writers_queued == 0)
		wake(w, rw);
}

static enum model_step write_lock(struct world *w, struct thread *t, bool try)
{
	struct rwlock *rw = t->op.object;
	enum model_step step;

	if (!check(w, t, rw))
		return model_done(t, EINVAL);
	if (is_mine(rw, t))
		return model_done(t, try ? EBUSY : EDEADLK);
	if (!rw->writer && !rw->readers) {
		rw->writer = (uint32_t)t->id + 1;
		hold_push(t, rw, t->op.site, w->step, FAMILY_RWLOCK, HOLD_EXCLUSIVE);
		writer_leaves_queue(w, t, rw);
		return model_done(t, 0);
	}
	if (try)
		return model_done(t, EBUSY);
	rw->contended = 1;
	step = model_wait(w, t, rw);
	if (step == MODEL_DONE) {
		writer_leaves_queue(w, t, rw);
	} else if (prefers_writers(rw) && t->op.phase == WRITER_ARRIVES) {
		t->op.phase = WRITER_QUEUED;
		rw->writers_queued++;
		return model_stage(w, t);
	}
	return step;
}

enum model_step model_rwlock_wrlock(struct world *w, struct thread *t)
{
	return write_lock(w, t, false);
}

enum model_step model_rwlock_trywrlock(struct world *w, struct thread *t)
{
	return write_lock(w, t, true);
}

/* t unlocks, holding nothing as far as is known: whose lock does glibc take away? */
static struct thread *blamed(struct world *w, struct thread *t, struct rwlock *rw)
{
	struct thread *holder = holder_of(w, rw);

	if (!rw->writer && !rw->readers)
		model_misuse(w, t, CAUSE_UNLOCK_UNLOCKED);
	else if (t->holds_lost == 0) /* otherwise it may well hold it */
		model_misuse_held(w, t, CAUSE_UNLOCK_NOT_OWNER, holder);
	return holder;
}

enum model_step model_rwlock_unlock(struct world *w, struct thread *t)
{
	struct rwlock *rw = t->op.object;
	struct thread *holder = t;

	if (!check(w, t, rw))
		return model_done(t, EINVAL);
	if (!is_mine(rw, t) && !(rw->readers && hold_find(t, rw)))
		holder = blamed(w, t, rw);
	if (holder)
		hold_pop(holder, rw);
	if (rw->writer)
		rw->writer = 0;
	else if (rw->readers)
		rw->readers--;
	if (!rw->readers)
		wake(w, rw);
	return model_done(t, 0);
}

void rwlock_forked(void *object, thread_id from, thread_id to)
{
	struct rwlock *rw = object;

	if (rw->writer == (uint32_t)from + 1)
		rw->writer = (uint32_t)to + 1;
}
