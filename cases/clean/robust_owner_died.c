/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread ends with a robust mutex locked. The next one gets the lock all the same, is told that
 * the owner died, repairs what the lock guards and declares it consistent. The dead owner never
 * unlocked, and yet all it did comes before.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "jostle.h"

#include <errno.h>
#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock; /* robust */
	int left, right;      /* guarded by lock, equal outside of it */
	int repairs;          /* guarded by lock */
};

static void dies(struct jostle_state *s)
{
	int error = pthread_mutex_lock(&s->lock);

	if (error)
		return;
	s->left++; /* and right never follows */
}

static void repairs(struct jostle_state *s)
{
	int error = pthread_mutex_lock(&s->lock);

	if (error == EOWNERDEAD) {
		s->right = s->left;
		s->repairs++;
		error = pthread_mutex_consistent(&s->lock);
	}
	if (error)
		return;
	s->left++;
	s->right++;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	pthread_mutexattr_t attributes;
	int error = pthread_mutexattr_init(&attributes);

	if (error)
		return error;
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	error = pthread_mutex_init(&s->lock, &attributes);
	pthread_mutexattr_destroy(&attributes);
	return error;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d repairs %d", s->left, s->right, s->repairs);
}

JOSTLE_CASE(repaired) = {
	.title = "A robust mutex whose owner died is locked by the next thread",
	.tags = "clean mutex robust",
	.why = "EOWNERDEAD is a successful lock: the caller owns the mutex, and follows the dead "
	       "owner's last step as it would follow an unlock.",
	.ref = "POSIX.1-2017, pthread_mutex_lock(), EOWNERDEAD; pthread_mutex_consistent()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "dies", dies }, { "repairs", repairs } },
	.outcomes = { { "2 2 repairs 1", JOSTLE_ALLOWED, "repaired, then used" },
		      { "2 1 repairs 0", JOSTLE_ALLOWED, "died last, and nobody came" } },
};
