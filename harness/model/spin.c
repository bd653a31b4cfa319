/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spinlocks.
 *
 * A thread that would spin waits instead: nobody can tell the difference, and the schedule is not
 * filled with turns of its loop. All state is in the one word of pthread_spinlock_t; there is no
 * room for where it was destroyed. Free is glibc's value (1 on x86-64), which makes a lock that was
 * only zeroed an uninitialised one: natively it hangs, here it is told and serves.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/fork.h"
#include "model/models.h"

#if defined(__x86_64__)
#define SPIN_FREE 1U
#else
#define SPIN_FREE 0U
#endif

#define SPIN_HELD       0x40000000U /* with the owner's thread id */
#define SPIN_CONTENDED  0x20000000U /* besides: somebody may stand in the waiters */
#define SPIN_DESTROYED  0x05de5701U
#define SPIN_OWNER_MASK 0xffffU

static_assert(sizeof(pthread_spinlock_t) == sizeof(uint32_t), "a spinlock is one word");
static_assert(THREADS_MAX <= SPIN_OWNER_MASK, "the owner fits");

static bool is_held(uint32_t word)
{
	return (word & SPIN_HELD) && !(word & ~(SPIN_HELD | SPIN_CONTENDED | SPIN_OWNER_MASK)) &&
	       (word & SPIN_OWNER_MASK) < THREADS_MAX;
}

static struct thread *owner_of(const struct world *w, uint32_t word)
{
	const uint32_t owner = word & SPIN_OWNER_MASK;

	return owner < w->thread_count ? w->threads[owner] : NULL;
}

/* The lock's word; after telling that it is none, FREE. */
static uint32_t check(struct world *w, struct thread *t)
{
	const uint32_t word = *(uint32_t *)t->op.object;

	if (word == SPIN_FREE || is_held(word))
		return word;
	model_misuse(w, t, word == SPIN_DESTROYED ? CAUSE_USE_DESTROYED : CAUSE_UNINITIALISED);
	return SPIN_FREE;
}

enum model_step model_spin_init(struct world *w, struct thread *t)
{
	uint32_t *lock = t->op.object;
	struct thread *owner = is_held(*lock) ? owner_of(w, *lock) : NULL;

	if (owner && hold_find(owner, lock)) {
		model_misuse_held(w, t, CAUSE_REINITIALISED, owner);
		hold_pop(owner, lock);
	}
	*lock = SPIN_FREE;
	return model_done(t, 0);
}

enum model_step model_spin_destroy(struct world *w, struct thread *t)
{
	uint32_t *lock = t->op.object;

	if (*lock == SPIN_DESTROYED)
		model_misuse(w, t, CAUSE_DOUBLE_DESTROY);
	else if (is_held(check(w, t)))
		model_misuse_held(w, t, CAUSE_DESTROY_HELD, owner_of(w, *lock));
	*lock = SPIN_DESTROYED;
	return model_done(t, 0);
}

static enum model_step spin_take(struct world *w, struct thread *t, bool try)
{
	uint32_t *lock = t->op.object;

	if (check(w, t) == SPIN_FREE) {
		*lock = SPIN_HELD | t->id;
		hold_push(t, lock, t->op.site, w->step, FAMILY_SPIN, HOLD_EXCLUSIVE);
		return model_done(t, 0);
	}
	if (try)
		return model_done(t, EBUSY);
	*lock |= SPIN_CONTENDED;
	return model_wait(w, t, lock);
}

enum model_step model_spin_lock(struct world *w, struct thread *t)
{
	return spin_take(w, t, false);
}

enum model_step model_spin_trylock(struct world *w, struct thread *t)
{
	return spin_take(w, t, true);
}

enum model_step model_spin_unlock(struct world *w, struct thread *t)
{
	uint32_t *lock = t->op.object;
	const uint32_t word = *lock;
	struct thread *owner;

	if (!is_held(word)) {
		if (word == SPIN_FREE)
			model_misuse(w, t, CAUSE_UNLOCK_UNLOCKED);
		else
			check(w, t);
		*lock = SPIN_FREE;
		return model_done(t, 0);
	}
	owner = owner_of(w, word);
	if (owner != t)
		model_misuse_held(w, t, CAUSE_UNLOCK_NOT_OWNER, owner);
	if (owner)
		hold_pop(owner, lock);
	*lock = SPIN_FREE;
	if (word & SPIN_CONTENDED)
		world_wake_all(w, lock);
	return model_done(t, 0);
}

void spin_forked(void *object, thread_id from, thread_id to)
{
	uint32_t *lock = object;

	if (is_held(*lock) && (*lock & SPIN_OWNER_MASK) == from)
		*lock = (*lock & ~SPIN_OWNER_MASK) | to;
}
