/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads, mutex and condition of <threads.h>. In libc they do not call the pthread functions by
 * name, so that a tool that listens there hears nothing and takes everything for a race.
 */
#include "jostle.h"

#include <errno.h>
#include <stdio.h>
#include <threads.h>

struct jostle_state {
	mtx_t lock;
	cnd_t changed;
	int ready, count; /* guarded by lock */
	int result;
};

static int count(void *arg)
{
	struct jostle_state *s = (struct jostle_state *)arg;

	mtx_lock(&s->lock);
	s->count++;
	s->ready = 1;
	cnd_signal(&s->changed);
	mtx_unlock(&s->lock);
	s->result = 5; /* handed over by the join */
	return 2;
}

static void run(struct jostle_state *s)
{
	thrd_t thread;
	int returned = 0;

	if (thrd_create(&thread, count, s) != thrd_success)
		return;
	mtx_lock(&s->lock);
	while (!s->ready)
		cnd_wait(&s->changed, &s->lock);
	s->count++;
	mtx_unlock(&s->lock);
	thrd_join(thread, &returned);
	s->result += returned;
}

static int setup(struct jostle_state *s)
{
	if (mtx_init(&s->lock, mtx_plain) != thrd_success)
		return ENOMEM;
	return cnd_init(&s->changed) == thrd_success ? 0 : ENOMEM;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->count, s->result);
}

static void teardown(struct jostle_state *s)
{
	cnd_destroy(&s->changed);
	mtx_destroy(&s->lock);
}

JOSTLE_CASE(joined) = {
	.title = "The threads of C11, with mutex, condition and join",
	.tags = "clean c11 join condition",
	.why = "They order what their POSIX cousins order.",
	.ref = "C11 7.26.5: thread functions",
	.expect = JOSTLE_PASS,
	.body = run,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.outcomes = { { "2 7", JOSTLE_ALLOWED, "all there" } },
};
