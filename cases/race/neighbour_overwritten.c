/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two settings, two locks, each setting changed only with its own lock held. Then somebody adds
 * "back to defaults" and assigns the whole struct, with one of the two locks.
 */
#include "jostle.h"

#include <stdio.h>

struct settings {
	long volume;     /* guarded by volume_lock */
	long brightness; /* guarded by brightness_lock */
};

struct jostle_state {
	pthread_mutex_t volume_lock, brightness_lock;
	struct settings settings;
};

static const struct settings defaults = { 5, 5 };

static void brighten(struct jostle_state *s)
{
	pthread_mutex_lock(&s->brightness_lock);
	s->settings.brightness += 3; /* RACE: the whole struct may be written meanwhile */
	pthread_mutex_unlock(&s->brightness_lock);
}

static void reset(struct jostle_state *s)
{
	pthread_mutex_lock(&s->volume_lock);
	s->settings = defaults; /* RACE: the brightness as well */
	pthread_mutex_unlock(&s->volume_lock);
}

static void reset_with_both(struct jostle_state *s)
{
	pthread_mutex_lock(&s->volume_lock);
	pthread_mutex_lock(&s->brightness_lock);
	s->settings = defaults;
	pthread_mutex_unlock(&s->brightness_lock);
	pthread_mutex_unlock(&s->volume_lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->volume_lock, NULL);

	s->settings.volume = s->settings.brightness = 1;
	return error ? error : pthread_mutex_init(&s->brightness_lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%ld", s->settings.brightness);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->brightness_lock);
	pthread_mutex_destroy(&s->volume_lock);
}

JOSTLE_CASE(broken) = {
	.title = "A struct is assigned with the lock of one of its members",
	.tags = "mutex lost-update",
	.why = "An assignment to a struct writes every member. Whoever locks member by member "
	       "must take all of the locks for it.",
	.ref = "C11 6.5.16.1: simple assignment",
	.expect = JOSTLE_RACE,
	.also = JOSTLE_ALSO(JOSTLE_OUTCOME),
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "brighten", brighten }, { "reset", reset } },
	.outcomes = { { "5", JOSTLE_ALLOWED, "brightened, then reset" },
		      { "8", JOSTLE_ALLOWED, "reset, then brightened" },
		      { "4", JOSTLE_FORBIDDEN, "the reset came between read and write" } },
};

JOSTLE_CASE(fixed) = {
	.title = "All locks of the struct are taken to assign it",
	.tags = "mutex",
	.why = "Now nobody can be between reading and writing either member.",
	.ref = "C11 6.5.16.1: simple assignment",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "brighten", brighten }, { "reset", reset_with_both } },
	.outcomes = { { "5", JOSTLE_ALLOWED, "brightened, then reset" },
		      { "8", JOSTLE_ALLOWED, "reset, then brightened" } },
};
