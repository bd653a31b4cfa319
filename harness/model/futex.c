/* SPDX-License-Identifier: Apache-2.0 */
/*
 * phase 0: published; 1: waits; a woken waiter is chosen again and finds neither OP_TIMED_OUT nor
 * OP_INTERRUPTED: it was woken. An unlock of a PI futex hands the word over to the waiter that it
 * wakes, as the kernel does.
 */
#include "model/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>

#include "model/signal.h"

#define PHASE_WAITS 1

static uint32_t word_load(const void *word)
{
	return __atomic_load_n((const uint32_t *)word, __ATOMIC_RELAXED);
}

static void word_store(void *word, uint32_t value)
{
	__atomic_store_n((uint32_t *)word, value, __ATOMIC_RELAXED);
}

/* The n-th waiter of word, published as kind, whose bitset meets bits; NULL: there are fewer. */
static struct thread *waiter(const struct world *w, const void *word, unsigned kind, uint64_t bits,
			     unsigned n)
{
	struct thread *t;

	for (unsigned i = 0; (t = world_waiter_at(w, word, i)) != NULL; i++)
		if (t->op.kind == kind && (t->op.args[1] & bits) && n-- == 0)
			return t;
	return NULL;
}

static unsigned waiter_count(const struct world *w, const void *word, unsigned kind, uint64_t bits)
{
	unsigned n = 0;

	while (waiter(w, word, kind, bits, n))
		n++;
	return n;
}

/* Wakes at most `most` waiters in an order that the strategy chooses; event_aux says woken and
 * waiters there were. */
static unsigned wake(struct world *w, const void *word, uint64_t most, uint64_t bits)
{
	const unsigned there = waiter_count(w, word, OP_FUTEX_WAIT, bits);
	unsigned woken = 0;

	while (woken < most && woken < there) {
		const uint32_t left = there - woken;
		const uint32_t which =
			most - woken >= left ? 0 : world_choose(w, CHOICE_WAITER, left);

		world_wake(w, waiter(w, word, OP_FUTEX_WAIT, bits, which));
		woken++;
	}
	w->event_aux = woken | there << 16;
	return woken;
}

/* Common to both waits: true when the wait is over, with its result set. */
static bool wait_ended(const struct world *w, struct thread *t)
{
	if (t->op.flags & OP_TIMED_OUT)
		t->result = -ETIMEDOUT;
	else if (t->op.flags & OP_INTERRUPTED)
		t->result = -EINTR;
	else if (t->op.phase == PHASE_WAITS)
		t->result = 0;
	else if (t->op.deadline_ns <= w->now_ns)
		t->result = -ETIMEDOUT;
	else
		return false;
	return true;
}

enum model_step model_futex_wait(struct world *w, struct thread *t)
{
	if (t->op.phase == 0 && word_load(t->op.object) != (uint32_t)t->op.args[0])
		t->result = -EAGAIN;
	else if (!wait_ended(w, t)) {
		if (signal_deliverable(t)) {
			t->result = -EINTR;
			return MODEL_DONE;
		}
		t->op.phase = PHASE_WAITS;
		t->op.flags |= OP_INTERRUPTIBLE;
		world_block(w, t, t->op.object);
		return MODEL_BLOCKED;
	}
	return MODEL_DONE;
}

/* The second word's new value, and whether the old one meets the comparison (see futex(2),
 * FUTEX_WAKE_OP). */
static bool wake_op(uint32_t *word, uint32_t encoded)
{
	const int32_t old = (int32_t)word_load(word);
	const int32_t compared = (int32_t)(encoded << 20) >> 20;
	int32_t operand = (int32_t)(encoded << 8) >> 20;
	uint32_t value = (uint32_t)old;

	if (encoded >> 28 & FUTEX_OP_OPARG_SHIFT)
		operand = (int32_t)(1U << (operand & 31));
	switch (encoded >> 28 & 7) {
	case FUTEX_OP_SET:
		value = (uint32_t)operand;
		break;
	case FUTEX_OP_ADD:
		value += (uint32_t)operand;
		break;
	case FUTEX_OP_OR:
		value |= (uint32_t)operand;
		break;
	case FUTEX_OP_ANDN:
		value &= ~(uint32_t)operand;
		break;
	case FUTEX_OP_XOR:
		value ^= (uint32_t)operand;
		break;
	default:
		break;
	}
	word_store(word, value);
	switch (encoded >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return old == compared;
	case FUTEX_OP_CMP_NE:
		return old != compared;
	case FUTEX_OP_CMP_LT:
		return old < compared;
	case FUTEX_OP_CMP_LE:
		return old <= compared;
	case FUTEX_OP_CMP_GT:
		return old > compared;
	case FUTEX_OP_CMP_GE:
		return old >= compared;
	default:
		return false;
	}
}

enum model_step model_futex_wake(struct world *w, struct thread *t)
{
	const bool second = t->op.object2 && wake_op(t->op.object2, (uint32_t)t->op.args[3]);

	t->result = wake(w, t->op.object, t->op.args[0], t->op.args[1]);
	if (second) {
		const uint32_t aux = w->event_aux;

		t->result += wake(w, t->op.object2, t->op.args[2], FUTEX_BITSET_MATCH_ANY);
		w->event_aux += aux;
	}
	return MODEL_DONE;
}

enum model_step model_futex_requeue(struct world *w, struct thread *t)
{
	struct thread *moved;
	uint64_t count = 0;

	if (t->op.args[2] && word_load(t->op.object) != (uint32_t)t->op.args[3]) {
		t->result = -EAGAIN;
		return MODEL_DONE;
	}
	t->result = wake(w, t->op.object, t->op.args[0], FUTEX_BITSET_MATCH_ANY);
	while (t->op.object != t->op.object2 && count < t->op.args[1] &&
	       (moved = waiter(w, t->op.object, OP_FUTEX_WAIT, FUTEX_BITSET_MATCH_ANY, 0)) !=
		       NULL) {
		moved->op.object = t->op.object2;
		world_requeue(w, moved, t->op.object2);
		count++;
	}
	t->result += (long)count;
	return MODEL_DONE;
}

enum model_step model_futex_lock_pi(struct world *w, struct thread *t)
{
	const uint32_t value = word_load(t->op.object);
	const uint32_t owner = value & FUTEX_TID_MASK;

	if (t->op.phase == PHASE_WAITS && wait_ended(w, t) && t->result != -EINTR)
		return MODEL_DONE;
	if (owner == 0) {
		word_store(t->op.object, (uint32_t)t->op.args[0] | (value & FUTEX_WAITERS));
		t->result = 0;
	} else if (owner == (uint32_t)t->op.args[0]) {
		t->result = -EDEADLK;
	} else if (t->op.args[1] & 1) {
		t->result = -EAGAIN;
	} else if (t->op.deadline_ns <= w->now_ns) {
		t->result = -ETIMEDOUT;
	} else {
		word_store(t->op.object, value | FUTEX_WAITERS);
		t->op.phase = PHASE_WAITS;
		t->op.flags &= ~(uint32_t)OP_INTERRUPTED;
		world_block(w, t, t->op.object);
		return MODEL_BLOCKED;
	}
	return MODEL_DONE;
}

enum model_step model_futex_unlock_pi(struct world *w, struct thread *t)
{
	unsigned there = 0;
	struct thread *heir;

	if ((word_load(t->op.object) & FUTEX_TID_MASK) != (uint32_t)t->op.args[0]) {
		t->result = -EPERM;
		return MODEL_DONE;
	}
	for (struct thread *p; (p = world_waiter_at(w, t->op.object, there)) != NULL;)
		there++;
	t->result = 0;
	if (there == 0) {
		word_store(t->op.object, 0);
		return MODEL_DONE;
	}
	heir = world_waiter_at(w, t->op.object, world_choose(w, CHOICE_WAITER, there));
	word_store(t->op.object, (uint32_t)heir->op.args[0] | (there > 1 ? FUTEX_WAITERS : 0));
	world_wake(w, heir);
	w->event_aux = 1 | there << 16;
	return MODEL_DONE;
}
