/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key-value store in shared memory, whose users may die at any instruction. The mutex of a bucket
 * is robust: the next one learns that the owner died, and finds the bucket as it was left. So each
 * put() first notes what it is about to overwrite; whoever gets EOWNERDEAD puts that back.
 *
 * The note is data like any other, and it, too, can be half written. What decides is the order of
 * the stores: a record counts from the moment that `armed` is set, so it must be complete by then,
 * and the compiler must know (atomic_signal_fence(): a process that dies is like one that is
 * interrupted by a handler).
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>

#define BUCKETS 2
#define SLOTS   4
#define KEYS    4

struct entry {
	int used, key, value, sum; /* sum: key + value, while the entry is whole */
};

struct bucket {
	pthread_mutex_t lock; /* robust, PTHREAD_PROCESS_SHARED; guards the rest */
	struct entry slots[SLOTS];
	struct {
		int armed; /* the slot holds something unfinished; before, it held old */
		int slot;
		struct entry old;
	} undo;
};

struct jostle_state {
	struct bucket buckets[BUCKETS];
	int acknowledged[KEYS]; /* the last value that put() returned from; each key has one writer
				 */
	void (*note)(struct bucket *b, int slot);
	void (*recover)(struct bucket *b);
};

static void in_this_order(void)
{
	atomic_signal_fence(memory_order_seq_cst);
}

static void note(struct bucket *b, int slot)
{
	b->undo.slot = slot;
	b->undo.old = b->slots[slot];
	in_this_order();
	b->undo.armed = 1;
}

/* Dies it in between, the record of an earlier put() is taken for this one's. */
static void note_armed_first(struct bucket *b, int slot)
{
	b->undo.armed = 1; /* OUTCOME(broken_record): what it says is not written yet */
	in_this_order();
	b->undo.slot = slot;
	b->undo.old = b->slots[slot];
}

/* May be interrupted by a death, too: then the next one does it all again. */
static void put_back(struct bucket *b)
{
	if (!b->undo.armed)
		return;
	b->slots[b->undo.slot] = b->undo.old;
	in_this_order();
	b->undo.armed = 0;
}

static void trust(struct bucket *b)
{
	(void)b; /* OUTCOME(broken): it will have been nearly done */
}

static struct bucket *lock_bucket(struct jostle_state *s, int key)
{
	struct bucket *b = &s->buckets[key % BUCKETS];

	if (pthread_mutex_lock(&b->lock) == EOWNERDEAD) {
		s->recover(b);
		pthread_mutex_consistent(&b->lock);
	}
	return b;
}

static int find(const struct bucket *b, int key)
{
	int i = 0;

	while (i < SLOTS - 1 && b->slots[i].used && b->slots[i].key != key)
		i++;
	return i;
}

static void put(struct jostle_state *s, int key, int value)
{
	struct bucket *b = lock_bucket(s, key);
	const int slot = find(b, key);

	s->note(b, slot);
	in_this_order();
	b->slots[slot].used = 1;
	b->slots[slot].key = key;
	b->slots[slot].value = value;
	b->slots[slot].sum = key + value;
	in_this_order();
	b->undo.armed = 0;
	pthread_mutex_unlock(&b->lock);
	s->acknowledged[key] = value;
}

static void even(struct jostle_state *s)
{
	put(s, 0, 1);
	put(s, 1, 1);
	put(s, 0, 2);
}

static void odd(struct jostle_state *s)
{
	put(s, 2, 1);
	put(s, 3, 1);
	put(s, 2, 2);
}

/* After the last process has ended: is all there that was acknowledged, and nothing half? */
static void observe(struct jostle_state *s, char *text, size_t size)
{
	const char *verdict = "whole";

	for (int key = 0; key < KEYS; key++) {
		struct bucket *b = lock_bucket(s, key);
		const struct entry *e = &b->slots[find(b, key)];

		if (e->used && e->sum != e->key + e->value)
			verdict = "torn";
		else if (s->acknowledged[key] > (e->used ? e->value : 0))
			verdict = "lost";
		pthread_mutex_unlock(&b->lock);
	}
	snprintf(text, size, "%s", verdict);
}

static int setup_locks(struct jostle_state *s)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error)
		return error;
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	for (int i = 0; i < BUCKETS && !error; i++)
		error = pthread_mutex_init(&s->buckets[i].lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return error;
}

static int setup_trusting(struct jostle_state *s)
{
	s->note = note;
	s->recover = trust;
	return setup_locks(s);
}

static int setup_armed_first(struct jostle_state *s)
{
	s->note = note_armed_first;
	s->recover = put_back;
	return setup_locks(s);
}

static int setup(struct jostle_state *s)
{
	s->note = note;
	s->recover = put_back;
	return setup_locks(s);
}

#define OUTCOMES                                                                            \
	{                                                                                   \
		{ "whole", JOSTLE_ALLOWED,                                                  \
		  "each entry is old or new, and what was acknowledged is "                 \
		  "there" },                                                                \
			{ "torn", JOSTLE_FORBIDDEN,                                         \
			  "half of an entry is that of a dead process" },                   \
			{ "lost", JOSTLE_FORBIDDEN, "an acknowledged put was taken back" }, \
	}

JOSTLE_CASE(broken) = {
	.title = "The dead owner's bucket is called consistent, and nobody looks",
	.tags = "process mutex robust kill recovery",
	.why = "pthread_mutex_consistent() repairs nothing: it says that the caller did. An entry "
	       "of "
	       "which the dead process had written half is served to all others.",
	.ref = "POSIX.1-2017, pthread_mutex_consistent()",
	.expect = JOSTLE_OUTCOME,
	.setup = setup_trusting,
	.observe = observe,
	.processes = { { "even", even }, { "odd", odd } },
	.outcomes = OUTCOMES,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.opt_in = JOSTLE_KILL,
	.schedules = 2000, /* each forks */
};

JOSTLE_CASE(broken_record) = {
	.title = "The undo record is armed before it is complete",
	.tags = "process mutex robust kill recovery",
	.why = "Whoever dies between the two stores leaves a record of an earlier put, which the "
	       "recovery believes: it takes back what another process was told is stored.",
	.ref = "Mohan et al., ARIES, ACM TODS 17(1), 1992, section 3: the log record comes first",
	.expect = JOSTLE_OUTCOME,
	.setup = setup_armed_first,
	.observe = observe,
	.processes = { { "even", even }, { "odd", odd } },
	.outcomes = OUTCOMES,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.opt_in = JOSTLE_KILL,
	.schedules = 10000,
};

JOSTLE_CASE(fixed) = {
	.title = "A complete undo record, armed last, disarmed last",
	.tags = "process mutex robust kill recovery",
	.why = "At each store the record either does not count yet, or says all that it takes to "
	       "go "
	       "back. Going back twice is the same as once, so a death in the recovery is no harm.",
	.ref = "Mohan et al., ARIES, ACM TODS 17(1), 1992, section 3: the log record comes first",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.processes = { { "even", even }, { "odd", odd } },
	.outcomes = OUTCOMES,
	.opt_in = JOSTLE_KILL,
	.schedules = 2000, /* each forks */
};
