/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The count of an object's users is guarded by a mutex inside the object. Whoever lowers it to zero
 * unlocks, destroys the mutex and frees the object; the other user has unlocked before, and that
 * was its last touch. POSIX promises that this works, and tools that see the end of an unlock too
 * late report it.
 */
#include "jostle.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct object {
	pthread_mutex_t lock;
	atomic_int references;
	int users; /* guarded by lock */
	int work;  /* guarded by lock, or each user's last touch before letting go */
};

struct jostle_state {
	struct object *object;
};

static void object_destroy(struct object *object)
{
	pthread_mutex_destroy(&object->lock);
	free(object);
}

static void release_locked(struct jostle_state *s)
{
	struct object *object = s->object;
	int last;

	pthread_mutex_lock(&object->lock);
	object->work++;
	last = --object->users == 0;
	pthread_mutex_unlock(&object->lock);
	if (last)
		object_destroy(object);
}

static void release_by_fence(struct jostle_state *s)
{
	struct object *object = s->object;

	pthread_mutex_lock(&object->lock);
	object->work++;
	pthread_mutex_unlock(&object->lock);
	if (atomic_fetch_sub_explicit(&object->references, 1, memory_order_release) == 1) {
		atomic_thread_fence(memory_order_acquire);
		object_destroy(object);
	}
}

static int setup(struct jostle_state *s)
{
	s->object = calloc(1, sizeof(*s->object));
	if (!s->object)
		return ENOMEM;
	s->object->users = 2;
	atomic_init(&s->object->references, 2);
	return pthread_mutex_init(&s->object->lock, NULL);
}

JOSTLE_CASE(by_count) = {
	.title = "An object with its own lock is freed by its last user",
	.tags = "clean mutex refcount destroy",
	.why = "The last user locked after the other one's unlock, and nobody comes after it.",
	.ref = "POSIX.1-2017, pthread_mutex_destroy(), rationale: reference-counted object",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.threads = { { "user 1", release_locked }, { "user 2", release_locked } },
};

JOSTLE_CASE(by_fence) = {
	.title = "A reference count that releases, and a fence before the object is freed",
	.tags = "clean atomic refcount fence",
	.why = "Each subtraction releases what its user did; only the one that reaches zero has "
	       "to acquire, and does it by a fence.",
	.ref = "C11 7.17.4: fences",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.threads = { { "user 1", release_by_fence }, { "user 2", release_by_fence } },
};
