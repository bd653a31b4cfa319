/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pointer is looked up with the lock held, and used with the lock held; in between the lock was
 * given up. What the pointer named may be freed by then, and the lock does not help: it guards the
 * table, not a pointer in somebody's hand.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct user {
	char name[16];
	int age;
	int references; /* for the fixed variant */
};

struct jostle_state {
	pthread_mutex_t lock;
	struct user *user; /* guarded by lock, and so is what it points to */
	int age;
};

static void show(struct jostle_state *s)
{
	struct user *user;

	pthread_mutex_lock(&s->lock);
	user = s->user;
	pthread_mutex_unlock(&s->lock); /* SEE: from here on nobody protects the user */
	if (!user)
		return;
	pthread_mutex_lock(&s->lock);
	s->age = user->age; /* LIFETIME: may be freed */
	pthread_mutex_unlock(&s->lock);
}

/* With the lock held. */
static void drop(struct user *user)
{
	if (--user->references == 0)
		free(user); /* SEE: here it is freed */
}

static void delete_user(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	drop(s->user);
	s->user = NULL;
	pthread_mutex_unlock(&s->lock);
}

static void show_with_reference(struct jostle_state *s)
{
	struct user *user;

	pthread_mutex_lock(&s->lock);
	user = s->user;
	if (user)
		user->references++;
	pthread_mutex_unlock(&s->lock);
	if (!user)
		return;
	pthread_mutex_lock(&s->lock);
	s->age = user->age;
	drop(user);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	s->user = calloc(1, sizeof(*s->user)); /* SEE: here it is allocated */
	if (!s->user)
		return ENOMEM;
	s->user->age = 30;
	s->user->references = 1;
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A pointer is kept from one critical section to the next",
	.tags = "mutex use-after-free",
	.why = "Every access is locked, so there is no data race. The object is gone all the "
	       "same: between the two critical sections another thread deleted it.",
	.ref = "CWE-416: Use After Free",
	.expect = JOSTLE_LIFETIME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "show", show }, { "delete", delete_user } },
};

JOSTLE_CASE(fixed) = {
	.title = "A reference is taken with the lock held, before the pointer is kept",
	.tags = "mutex refcount",
	.why = "As long as somebody holds a reference the object is not freed.",
	.ref = "CWE-416: Use After Free",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "show", show_with_reference }, { "delete", delete_user } },
};
