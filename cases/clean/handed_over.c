/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways in which POSIX hands plain data from one thread to the next: a semaphore, a barrier, a
 * condition, a reader-writer lock, a spin lock, a mutex that was only tried. Nothing here is a bug.
 */
#include "jostle.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	sem_t full;
	pthread_barrier_t meeting;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_rwlock_t rwlock;
	pthread_spinlock_t spin;
	int data, ready; /* plain: what is handed over, and whether it is */
	int seen;
};

static void give_semaphore(struct jostle_state *s)
{
	s->data = 7;
	sem_post(&s->full);
}

static void take_semaphore(struct jostle_state *s)
{
	while (sem_wait(&s->full))
		;
	s->seen = s->data;
}

static void give_barrier(struct jostle_state *s)
{
	s->data = 7;
	pthread_barrier_wait(&s->meeting);
}

static void take_barrier(struct jostle_state *s)
{
	pthread_barrier_wait(&s->meeting);
	s->seen = s->data;
}

static void give_condition(struct jostle_state *s)
{
	s->data = 7; /* needs no lock: the flag hands it over */
	pthread_mutex_lock(&s->lock);
	s->ready = 1;
	pthread_mutex_unlock(&s->lock);
	pthread_cond_signal(&s->changed);
}

static void take_condition(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->ready)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	s->seen = s->data;
}

static void give_rwlock(struct jostle_state *s)
{
	pthread_rwlock_wrlock(&s->rwlock);
	s->data = s->ready = 7;
	pthread_rwlock_unlock(&s->rwlock);
}

static void take_rwlock(struct jostle_state *s)
{
	int ready;

	pthread_rwlock_rdlock(&s->rwlock);
	ready = s->ready;
	pthread_rwlock_unlock(&s->rwlock);
	s->seen = ready ? s->data : 7; /* nobody writes any more */
}

static void give_spin(struct jostle_state *s)
{
	s->data = 7;
	pthread_spin_lock(&s->spin);
	s->ready = 1;
	pthread_spin_unlock(&s->spin);
}

static void take_spin(struct jostle_state *s)
{
	int ready;

	pthread_spin_lock(&s->spin);
	ready = s->ready;
	pthread_spin_unlock(&s->spin);
	s->seen = ready ? s->data : 7;
}

static void give_tried(struct jostle_state *s)
{
	while (pthread_mutex_trylock(&s->lock))
		sched_yield();
	s->data = s->ready = 7;
	pthread_mutex_unlock(&s->lock);
}

static void take_tried(struct jostle_state *s)
{
	s->seen = 7;
	if (pthread_mutex_trylock(&s->lock))
		return;
	if (s->ready)
		s->seen = s->data;
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = sem_init(&s->full, 0, 0) ? errno : 0;

	error = error ? error : pthread_barrier_init(&s->meeting, NULL, 2);
	error = error ? error : pthread_mutex_init(&s->lock, NULL);
	error = error ? error : pthread_cond_init(&s->changed, NULL);
	error = error ? error : pthread_rwlock_init(&s->rwlock, NULL);
	return error ? error : pthread_spin_init(&s->spin, PTHREAD_PROCESS_PRIVATE);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d", s->seen);
}

static void teardown(struct jostle_state *s)
{
	pthread_spin_destroy(&s->spin);
	pthread_rwlock_destroy(&s->rwlock);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	pthread_barrier_destroy(&s->meeting);
	sem_destroy(&s->full);
}

#define HANDED_OVER(how)                                                                           \
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization", .expect = JOSTLE_PASS, .setup = setup, \
	.observe = observe, .teardown = teardown,                                                  \
	.threads = { { "give", give_##how }, { "take", take_##how } },                             \
	.outcomes = { { "7", JOSTLE_ALLOWED, "what was given" } }

JOSTLE_CASE(semaphore) = {
	.title = "Handed over by a semaphore",
	.tags = "clean semaphore",
	.why = "The post comes before the wait that it lets through.",
	HANDED_OVER(semaphore),
};

JOSTLE_CASE(barrier) = {
	.title = "Handed over at a barrier",
	.tags = "clean barrier",
	.why = "What comes before the barrier in one thread comes before what follows it in all.",
	HANDED_OVER(barrier),
};

JOSTLE_CASE(condition) = {
	.title = "Handed over by a flag under a lock, signalled outside of it",
	.tags = "clean condition mutex",
	.why = "The lock orders, the condition only wakes. Who comes late does not wait, and is "
	       "ordered by the lock all the same.",
	HANDED_OVER(condition),
};

JOSTLE_CASE(rwlock) = {
	.title = "Handed from a writer to a reader",
	.tags = "clean rwlock",
	.why = "The reader follows the writer's unlock, and may go on reading after its own.",
	HANDED_OVER(rwlock),
};

JOSTLE_CASE(spin) = {
	.title = "Handed over by a flag under a spin lock",
	.tags = "clean spin",
	.why = "A spin lock orders like a mutex.",
	HANDED_OVER(spin),
};

JOSTLE_CASE(tried) = {
	.title = "Handed over by a lock that was tried",
	.tags = "clean mutex trylock",
	.why = "A try that succeeds orders like a lock; one that fails orders nothing, and "
	       "nothing is read then.",
	HANDED_OVER(tried),
};
