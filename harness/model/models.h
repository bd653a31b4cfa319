/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The models of the synchronisation primitives: which there are, what their operations carry in
 * op.args, and what they share.
 *
 * Each returns what POSIX says the caller gets: 0 or an error number (the semaphore functions' -1
 * and errno are made by the interception layer). A use that the standard leaves undefined is told
 * to world->ops->misuse and then has the effect that glibc 2.36 gives it, as far as that effect is
 * defined at all; an error that the standard defines is returned, not told.
 *
 * A blocking operation ends early with ETIMEDOUT when its deadline passed, with EINTR when a signal
 * handler is to run, or with MODEL_CANCELLED, but only if it cannot be performed: whoever can have
 * the lock gets it, late or not. So the race between a timeout and an unlock goes both ways, by who
 * is chosen first. For all but semaphores EINTR is the interception layer's business: it comes back
 * once the handler has run.
 *
 * Operations of several stages (condition and barrier waits, a writer queueing at an rwlock that
 * prefers writers) log one event for each; those that are not the last have EVENT_AUX_STAGE in aux,
 * the last has EVENT_AUX_TIMED_OUT if it timed out.
 */
#ifndef JOSTLE_MODEL_MODELS_H
#define JOSTLE_MODEL_MODELS_H

#include <stdint.h>

#include "model/world.h"

/* The deadline of an operation whose timespec was invalid: it performs if it can at once, and fails
 * with EINVAL otherwise. */
#define MODEL_DEADLINE_INVALID (UINT64_MAX - 1)

/* X(KIND, function): the primitives' share of model_table. */
#define MODEL_PRIMITIVES(X)                   \
	X(ONCE_BEGIN, once_begin)             \
	X(ONCE_END, once_end)                 \
	X(ONCE_ABANDON, once_abandon)         \
	X(MUTEX_INIT, mutex_init)             \
	X(MUTEX_DESTROY, mutex_destroy)       \
	X(MUTEX_LOCK, mutex_lock)             \
	X(MUTEX_TRYLOCK, mutex_trylock)       \
	X(MUTEX_UNLOCK, mutex_unlock)         \
	X(MUTEX_CONSISTENT, mutex_consistent) \
	X(COND_INIT, cond_init)               \
	X(COND_DESTROY, cond_destroy)         \
	X(COND_WAIT, cond_wait)               \
	X(COND_SIGNAL, cond_signal)           \
	X(COND_BROADCAST, cond_broadcast)     \
	X(RWLOCK_INIT, rwlock_init)           \
	X(RWLOCK_DESTROY, rwlock_destroy)     \
	X(RWLOCK_RDLOCK, rwlock_rdlock)       \
	X(RWLOCK_TRYRDLOCK, rwlock_tryrdlock) \
	X(RWLOCK_WRLOCK, rwlock_wrlock)       \
	X(RWLOCK_TRYWRLOCK, rwlock_trywrlock) \
	X(RWLOCK_UNLOCK, rwlock_unlock)       \
	X(SPIN_INIT, spin_init)               \
	X(SPIN_DESTROY, spin_destroy)         \
	X(SPIN_LOCK, spin_lock)               \
	X(SPIN_TRYLOCK, spin_trylock)         \
	X(SPIN_UNLOCK, spin_unlock)           \
	X(BARRIER_INIT, barrier_init)         \
	X(BARRIER_DESTROY, barrier_destroy)   \
	X(BARRIER_WAIT, barrier_wait)         \
	X(SEM_INIT, sem_init)                 \
	X(SEM_DESTROY, sem_destroy)           \
	X(SEM_WAIT, sem_wait)                 \
	X(SEM_TRYWAIT, sem_trywait)           \
	X(SEM_POST, sem_post)                 \
	X(SEM_GETVALUE, sem_getvalue)         \
	X(SEM_OPEN, sem_name)                 \
	X(SEM_CLOSE, sem_name)                \
	X(SEM_UNLINK, sem_name)

/*
 * model_<function>(). Arguments: MUTEX_INIT the kind word and the priority ceiling (mutex.h),
 * COND_INIT the flags (cond.h), RWLOCK_INIT the preference, BARRIER_INIT the count, SEM_INIT the
 * value and whether it is shared between processes. Results beyond error numbers: BARRIER_WAIT
 * PTHREAD_BARRIER_SERIAL_THREAD, SEM_GETVALUE the value, ONCE_BEGIN enum once_result.
 */
#define X(kind, function) enum model_step model_##function(struct world *, struct thread *);
MODEL_PRIMITIVES(X) /* some more than once */
#undef X

enum once_result {
	ONCE_DONE,
	ONCE_RUN
}; /* ONCE_RUN: the caller runs the initialiser, then ends or abandons */

/* The thread ended: robust mutexes that it held go to EOWNERDEAD, their waiters are woken. Other
 * locks stay as they are. */
void model_thread_exited(struct world *, struct thread *);

/* ---- for the models themselves ---- */

static inline enum model_step model_done(struct thread *t, long result)
{
	t->result = result;
	return MODEL_DONE;
}

/* One stage of t's operation was performed. */
static inline enum model_step model_stage(struct world *w, struct thread *t)
{
	t->result = 0;
	w->event_aux = EVENT_AUX_STAGE;
	return MODEL_AGAIN;
}

/* t's operation is not enabled: it waits at object, or gives up if something ended its wait. */
enum model_step model_wait(struct world *, struct thread *, void *object);

/* A handler is to run before t may wait, or on. */
bool model_interrupted(const struct thread *);

/* Where an object was destroyed (or last unlocked); lies in the object. */
struct grave {
	void *site;
	uint32_t step;
	uint16_t thread;
	uint16_t unused;
};

static inline void grave_dig(struct grave *g, const struct world *w, const struct thread *t)
{
	g->site = t->op.site;
	g->step = w->step;
	g->thread = t->id;
	g->unused = 0;
}

/* Tells a misuse of t's op.object in which nobody else took part. */
void model_misuse(struct world *, struct thread *t, enum finding_cause);
/* ... together with what is remembered in the object. */
void model_misuse_grave(struct world *, struct thread *t, enum finding_cause, const struct grave *);
/* ... together with where other (may be NULL) holds the object, or waits. */
void model_misuse_held(struct world *, struct thread *t, enum finding_cause, struct thread *other);
void model_misuse_waited(struct world *, struct thread *t, enum finding_cause,
			 const struct thread *other);

/* Another thread than t that is in an operation of this kind on object, the first by number, or
 * NULL. */
struct thread *model_other_at(const struct world *, const struct thread *t, enum op_kind,
			      const void *object);

#endif
