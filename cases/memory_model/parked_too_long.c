/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker that finds no work says that it will sleep, looks once more, and sleeps. Who brings work
 * wakes it if it said so. Each stores first and looks then, and if both stores are still on their
 * way, the worker misses the work and is not woken: it sleeps beside it for ever.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>

struct jostle_state {
	sem_t woken;
	atomic_int work;
	atomic_bool sleeps;
	int done;
};

static void worker(struct jostle_state *s)
{
	atomic_store_explicit(&s->sleeps, 1, memory_order_release);
	if (atomic_load_explicit(&s->work, memory_order_acquire) == 0)
		sem_wait(&s->woken); /* DEADLOCK: nobody saw that it would sleep */
	s->done = atomic_load_explicit(&s->work, memory_order_acquire);
}

static void bring(struct jostle_state *s)
{
	atomic_store_explicit(&s->work, 1, memory_order_release);
	if (atomic_load_explicit(&s->sleeps, memory_order_acquire))
		sem_post(&s->woken);
}

static void worker_fenced(struct jostle_state *s)
{
	atomic_store_explicit(&s->sleeps, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&s->work, memory_order_acquire) == 0)
		sem_wait(&s->woken);
	s->done = atomic_load_explicit(&s->work, memory_order_acquire);
}

static void bring_fenced(struct jostle_state *s)
{
	atomic_store_explicit(&s->work, 1, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&s->sleeps, memory_order_relaxed))
		sem_post(&s->woken);
}

static int setup(struct jostle_state *s)
{
	return sem_init(&s->woken, 0, 0) ? errno : 0;
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->woken);
}

JOSTLE_CASE(broken) = {
	.title = "A worker goes to sleep beside work that it missed",
	.tags = "weak-memory store-buffering parking event-count atomic",
	.why = "The worker's flag and the work are each stored before the other one is looked "
	       "at, and a release store does not wait until everybody can see it.",
	.ref = "C11 7.17.3",
	.expect = JOSTLE_DEADLOCK,
	.cause = "semaphore",
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "worker", worker }, { "bring", bring } },
};

JOSTLE_CASE(fixed) = {
	.title = "Both put a fence between what they say and what they look at",
	.tags = "weak-memory store-buffering parking event-count fence atomic",
	.why = "Of two sequentially consistent fences one comes first, and what was stored before "
	       "it is seen behind the other.",
	.ref = "C11 7.17.3 paragraphs 9 to 11",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "worker", worker_fenced }, { "bring", bring_fenced } },
};
