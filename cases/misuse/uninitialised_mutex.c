/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread sets the object up, another one uses it, and nothing says that the first comes first.
 * Fresh memory is often zero, and zeroes happen to be an unlocked mutex: it works until the block
 * is a recycled one.
 */
#include "jostle.h"

#include <string.h>

struct jostle_state {
	pthread_mutex_t lock;
	int uses;
};

static void prepare(struct jostle_state *s)
{
	pthread_mutex_init(&s->lock, NULL); /* SEE: perhaps too late */
}

static void use(struct jostle_state *s)
{
	if (pthread_mutex_lock(&s->lock)) /* MISUSE: perhaps not initialised yet */
		return;
	s->uses++;
	pthread_mutex_unlock(&s->lock);
}

static void nothing(struct jostle_state *s)
{
	(void)s;
}

/* As a block that another object used before. */
static int setup_recycled(struct jostle_state *s)
{
	memset(&s->lock, 0xa5, sizeof(s->lock));
	return 0;
}

static int setup(struct jostle_state *s)
{
	setup_recycled(s);
	return pthread_mutex_init(&s->lock, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A mutex is locked before another thread has initialised it",
	.tags = "mutex initialisation order",
	.why = "Both threads start at once, and the user may be faster. What it locks is "
	       "whatever the memory held before.",
	.ref = "POSIX.1-2017, pthread_mutex_init(); 2.9.9 Synchronization Object Copies",
	.expect = JOSTLE_MISUSE,
	.cause = "uninitialised",
	.setup = setup_recycled,
	.threads = { { "prepare", prepare }, { "use", use } },
};

JOSTLE_CASE(fixed) = {
	.title = "The mutex is initialised before the threads start",
	.tags = "mutex initialisation order",
	.why = "What happened before pthread_create() is done and visible when the thread "
	       "begins.",
	.ref = "POSIX.1-2017, 4.12 Memory Synchronization",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "prepare", nothing }, { "use", use } },
};
