/* SPDX-License-Identifier: Apache-2.0 */
/* semaphore.h: unnamed and named. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "differential.h"

static void value_of(sem_t *sem)
{
	int value = -1;

	SETS(sem_getvalue(sem, &value));
	with(", value %d", value);
}

static void *waits(void *sem)
{
	SETS(sem_wait(sem));
	return NULL;
}

static void *posts(void *sem)
{
	SETS(sem_post(sem));
	return NULL;
}

static void counting(void)
{
	sem_t s;

	SETS(sem_init(&s, 0, (unsigned)INT_MAX + 1));
	SETS(sem_init(&s, 0, UINT_MAX));
	SETS(sem_init(&s, 1, INT_MAX));
	value_of(&s);
	SETS(sem_post(&s));
	SETS(sem_trywait(&s));
	SETS(sem_post(&s));
	SETS(sem_destroy(&s));
	SETS(sem_init(&s, 0, 1));
	value_of(&s);
	SETS(sem_wait(&s));
	value_of(&s);
	SETS(sem_trywait(&s));
	SETS(sem_post(&s));
	in_thread(waits, &s);
	in_thread(posts, &s);
	SETS(sem_wait(&s));
	SETS(sem_post(&s));
	SETS(sem_post(&s));
	value_of(&s);
	SETS(sem_trywait(&s));
	SETS(sem_wait(&s));
	SETS(sem_trywait(&s));
	SETS(sem_destroy(&s));
}

static void timed(int shared)
{
	const struct timespec negative = { 1, -1 }, before = { -1, 0 };
	struct timespec soon;
	sem_t s;

	SETS(sem_init(&s, shared, 0));
	SETS(sem_timedwait(&s, &past));
	SETS(sem_timedwait(&s, &before));
	SETS(sem_timedwait(&s, &invalid));
	SETS(sem_timedwait(&s, &negative));
	soon = from_now(CLOCK_REALTIME, 20);
	SETS(sem_timedwait(&s, &soon));
	with(", late enough %d", elapsed(CLOCK_REALTIME, &soon, 0));
	SETS(sem_clockwait(&s, CLOCK_MONOTONIC, &past));
	SETS(sem_clockwait(&s, CLOCK_MONOTONIC, &invalid));
	SETS(sem_clockwait(&s, CLOCK_PROCESS_CPUTIME_ID, &past));
	SETS(sem_clockwait(&s, 77, &past));
	soon = from_now(CLOCK_MONOTONIC, 20);
	SETS(sem_clockwait(&s, CLOCK_MONOTONIC, &soon));
	with(", late enough %d", elapsed(CLOCK_MONOTONIC, &soon, 0));
	SETS(sem_post(&s));
	SETS(sem_timedwait(&s, &past));
	SETS(sem_post(&s));
	SETS(sem_timedwait(&s, &invalid));
	value_of(&s);
	SETS(sem_clockwait(&s, CLOCK_REALTIME, &past));
	SETS(sem_destroy(&s));
}

/* A handler ends the wait. */
static void interrupted(void)
{
	const struct timespec late = from_now(CLOCK_REALTIME, 600000);
	const struct timespec monotonic = from_now(CLOCK_MONOTONIC, 600000);
	sem_t s;

	SETS(sem_init(&s, 0, 0));
	pester(1);
	SETS(sem_wait(&s));
	SETS(sem_timedwait(&s, &late));
	SETS(sem_clockwait(&s, CLOCK_MONOTONIC, &monotonic));
	with(", handled %d", handled > 0);
	pester(0);
	SETS(sem_destroy(&s));
}

static sem_t *opens(const char *call, const char *name, int flags, unsigned value)
{
	errno = 0;
	sem_t *sem = sem_open(name, flags, 0600, value);

	says(call, "%s", sem == SEM_FAILED ? error_name(errno) : "a semaphore");
	return sem;
}

static void named(void)
{
	char name[64], other[80], elsewhere[80], longest[300];
	sem_t *a, *b, *c;

	snprintf(name, sizeof(name), "/jostle-test-%d", (int)getpid());
	snprintf(other, sizeof(other), "%s.2", name + 1);
	snprintf(elsewhere, sizeof(elsewhere), "/none%s", name);
	memset(longest, 'x', sizeof(longest));
	longest[NAME_MAX] = '\0';
	opens("sem_open(missing)", name, 0, 0);
	opens("sem_open(with a slash)", elsewhere, O_CREAT, 1);
	opens("sem_open(empty)", "", O_CREAT, 1);
	opens("sem_open(a slash alone)", "/", O_CREAT, 1);
	opens("sem_open(too long)", longest, O_CREAT, 1);
	opens("sem_open(too large)", name, O_CREAT, (unsigned)INT_MAX + 1);
	SETS(sem_unlink(elsewhere));
	SETS(sem_unlink("/"));
	SETS(sem_unlink(longest));
	a = opens("sem_open(new)", name, O_CREAT | O_EXCL, 2);
	opens("sem_open(exists)", name, O_CREAT | O_EXCL, 2);
	b = opens("sem_open(again)", name, O_CREAT, 7);
	with(", the same %d", a == b);
	c = opens("sem_open(other)", other, O_CREAT, 0);
	with(", another %d", a != c);
	value_of(b);
	SETS(sem_wait(a));
	SETS(sem_close(b));
	SETS(sem_wait(a));
	SETS(sem_trywait(a));
	SETS(sem_timedwait(a, &past));
	SETS(sem_unlink(name));
	SETS(sem_unlink(name));
	opens("sem_open(unlinked)", name, 0, 0);
	SETS(sem_post(a));
	value_of(a);
	b = opens("sem_open(another of that name)", name, O_CREAT, 5);
	with(", another %d", a != b);
	SETS(sem_close(a));
	SETS(sem_close(b));
	SETS(sem_unlink(name));
	SETS(sem_post(c));
	SETS(sem_unlink(other + 0));
	SETS(sem_wait(c));
	SETS(sem_close(c));
	a = opens("sem_open(new)", name, O_CREAT, 0);
	SETS(sem_close(a));
	a = opens("sem_open(closed, not unlinked)", name, 0, 0);
	SETS(sem_close(a));
	SETS(sem_unlink(name));
}

void semaphores(void)
{
	counting();
	timed(0);
	timed(1);
	interrupted();
	named();
}
