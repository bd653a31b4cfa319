/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store with one shelf. A seller who finds it empty waits, is woken, and believes that there is a
 * loaf because somebody said so. The invariant says what must be true whenever nobody holds the
 * lock: the shelf does not owe loaves.
 */
#include "jostle.h"

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t baked;
	int loaves;
};

static void bake(struct jostle_state *s)
{
	for (int i = 0; i < 2; i++) {
		pthread_mutex_lock(&s->lock);
		s->loaves++;
		pthread_cond_signal(&s->baked);
		pthread_mutex_unlock(&s->lock);
	}
}

static void sell(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	if (s->loaves == 0)
		pthread_cond_wait(&s->baked, &s->lock); /* SEE: woken, and overtaken */
	s->loaves--;
	pthread_mutex_unlock(&s->lock); /* INVARIANT: -1 loaves */
}

static void sell_what_is_there(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->loaves == 0)
		pthread_cond_wait(&s->baked, &s->lock);
	s->loaves--;
	pthread_mutex_unlock(&s->lock);
}

static int loaves_exist(struct jostle_state *s)
{
	return s->loaves >= 0;
}

static pthread_mutex_t *the_lock(struct jostle_state *s)
{
	return &s->lock;
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->baked, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->baked);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A woken thread does not look again whether there is something to take",
	.tags = "condition",
	.why = "Being woken puts a thread into the queue for the lock, not at its head. A seller "
	       "who never waited takes the loaf first, and the woken one sells what is not "
	       "there.",
	.ref = "Lampson, Redell: Experience with Processes and Monitors in Mesa, CACM 23(2), "
	       "1980",
	.expect = JOSTLE_INVARIANT,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "bake", bake }, { "seller 1", sell }, { "seller 2", sell } },
	.invariant = loaves_exist,
	.guarded_by = the_lock,
};

JOSTLE_CASE(fixed) = {
	.title = "A woken thread looks again, and waits again",
	.tags = "condition",
	.why = "In Mesa's monitors, which POSIX follows, a wake-up is a hint. A while loop takes "
	       "it as one.",
	.ref = "Lampson, Redell: Experience with Processes and Monitors in Mesa, CACM 23(2), "
	       "1980",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "bake", bake },
		     { "seller 1", sell_what_is_there },
		     { "seller 2", sell_what_is_there } },
	.invariant = loaves_exist,
	.guarded_by = the_lock,
};
