/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a mutex lies in the program's pthread_mutex_t.
 *
 * The words have the places and the kinds the values of glibc 2.36 on x86-64, so that its static
 * initialisers are free mutexes of the right kind here, too. What glibc needs its list links for we
 * do not; they remember the last unlock, or the destroy.
 */
#ifndef JOSTLE_MODEL_MUTEX_H
#define JOSTLE_MODEL_MUTEX_H

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/models.h"

/* Bits of the kind word. */
enum mutex_kind {
	MUTEX_NORMAL = 0,
	MUTEX_RECURSIVE = 1,
	MUTEX_ERRORCHECK = 2,
	MUTEX_ADAPTIVE = 3,
	MUTEX_TYPE_MASK = 3,
	MUTEX_ROBUST = 16,
	MUTEX_INHERIT = 32, /* PTHREAD_PRIO_INHERIT */
	MUTEX_PROTECT = 64, /* PTHREAD_PRIO_PROTECT */
	MUTEX_PSHARED = 128,
	MUTEX_ELISION = 256 | 512, /* glibc's hints; without meaning here */
	MUTEX_KIND_MASK = 1023,
	MUTEX_DESTROYED = -1,
};

enum mutex_word { MUTEX_FREE, MUTEX_HELD, MUTEX_CONTENDED };

/* Of a robust mutex. */
enum mutex_robustness {
	MUTEX_CONSISTENT,
	MUTEX_OWNER_DIED,   /* free; whoever locks it next gets EOWNERDEAD */
	MUTEX_INCONSISTENT, /* held by one who got EOWNERDEAD; if it unlocks now, nobody ever gets
			       it */
	MUTEX_NOT_RECOVERABLE,
};

struct mutex {
	uint32_t word;  /* enum mutex_word; CONTENDED: somebody may stand in the waiters */
	uint32_t count; /* of locks by the owner, of a recursive mutex */
	uint32_t owner; /* thread id + 1, 0 nobody */
	uint32_t users; /* holders and threads that wait on a condition with it */
	int32_t kind;
	uint8_t robustness; /* enum mutex_robustness */
	uint8_t ceiling;    /* priority, of MUTEX_PROTECT */
	uint16_t robbed;    /* thread id + 1 of an owner for whom another unlocked; 0 nobody */
	struct grave last;  /* last unlock, or the destroy */
};

static_assert(sizeof(struct mutex) == sizeof(pthread_mutex_t), "a mutex is the program's object");
static_assert(MUTEX_FREE == 0, "a mutex's word is a gate");
static_assert(offsetof(struct mutex, kind) == offsetof(pthread_mutex_t, __data.__kind),
	      "glibc's initialisers");

static inline uint32_t mutex_self(const struct thread *t)
{
	return (uint32_t)t->id + 1;
}

static inline bool mutex_is_mine(const struct mutex *m, const struct thread *t)
{
	return m->word != MUTEX_FREE && m->owner == mutex_self(t);
}

static inline int mutex_type(const struct mutex *m)
{
	return m->kind & MUTEX_TYPE_MASK;
}

static inline struct thread *mutex_owner(const struct world *w, const struct mutex *m)
{
	return m->owner && m->owner <= w->thread_count ? w->threads[m->owner - 1] : NULL;
}

/* Are these the bytes of a mutex? */
static inline bool mutex_is_valid(const struct mutex *m)
{
	return (m->kind & ~MUTEX_KIND_MASK) == 0 && m->word <= MUTEX_CONTENDED &&
	       (m->word == MUTEX_FREE) == (m->owner == 0) && m->owner <= THREADS_MAX &&
	       m->robustness <= MUTEX_NOT_RECOVERABLE;
}

/*
 * The gate of a thread that is about to lock: while another one holds a normal mutex it can only
 * wait. The other types have more answers, and bytes that are no mutex are the model's to judge.
 */
static inline const uint32_t *mutex_gate(const struct mutex *m)
{
	return m->kind == MUTEX_NORMAL && m->word <= MUTEX_CONTENDED ? &m->word : &thread_gate_open;
}

/*
 * Locks a free normal mutex for a thread that holds nothing, or unlocks the only one that it holds
 * and that nobody waits for: nearly all that programs do with mutexes. False: it is not that, and
 * nothing was done.
 */
static inline bool mutex_quick(const struct world *w, struct thread *t)
{
	struct mutex *m = (struct mutex *)t->op.object;
	struct hold *h = &t->holds[0];
	const uint32_t self = mutex_self(t);

	if (t->op.kind == OP_MUTEX_LOCK) {
		if (((uint32_t)m->kind | m->word | m->owner | t->hold_count) != 0)
			return false;
		m->word = MUTEX_HELD;
		m->owner = self;
		m->users++;
		t->hold_count = 1;
		*h = (struct hold){
			.object = m,
			.site = t->op.site,
			.step = w->step,
			.family = FAMILY_MUTEX,
			.mode = HOLD_EXCLUSIVE,
			.depth = 1,
		};
	} else {
		if (((uint32_t)m->kind | (m->word ^ MUTEX_HELD) | (m->owner ^ self) |
		     (t->hold_count ^ 1) | (h->depth ^ 1U)) != 0 ||
		    h->object != m)
			return false;
		m->word = MUTEX_FREE;
		m->owner = 0;
		m->users--;
		grave_dig(&m->last, w, t);
		t->hold_count = 0;
	}
	t->result = 0;
	return true;
}

/* False, and told, when it is no mutex or a destroyed one. */
bool mutex_check(struct world *, struct thread *, struct mutex *);
/* Tell a misuse: with what the mutex remembers (last may be NULL), or with where its owner took it.
 */
void mutex_misuse(struct world *, struct thread *, struct mutex *, enum finding_cause,
		  const struct grave *last);
void mutex_misuse_owned(struct world *, struct thread *, struct mutex *, enum finding_cause);
/* The owner, or on its behalf somebody who may not, gives the mutex up. Users are the caller's. */
void mutex_release(struct world *, struct thread *, struct mutex *);

/*
 * The halves of a condition wait. Release: 0, or the error that the wait returns at once (EPERM,
 * EINVAL), mutex untouched; what is undefined is told with t's op.object2 as the object. Reacquire:
 * false when t must wait for the mutex, which then knows that it is contended; otherwise *result is
 * 0, EOWNERDEAD (held) or ENOTRECOVERABLE (not held).
 */
int mutex_wait_release(struct world *, struct thread *, struct mutex *);
bool mutex_wait_reacquire(struct world *, struct thread *, struct mutex *, int *result);

#endif
