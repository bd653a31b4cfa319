/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locking each time seems too dear, so the pointer is tested first without the lock, and once more
 * with it. Only one thread makes the object. But a thread that finds the pointer set skips the
 * lock, and with it all order: it may see the pointer before what it points to.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct font {
	int points;
};

struct jostle_state {
	pthread_mutex_t lock;
	struct font font;
	struct font *loaded; /* NULL until the font is loaded */
	struct font *_Atomic loaded_atomic;
	int seen[2];
};

static void font_load(struct jostle_state *s)
{
	s->font.points = 12; /* RACE: before or after the pointer, as others see it */
}

static int font_points(struct jostle_state *s)
{
	if (!s->loaded) { /* RACE: tested without the lock */
		pthread_mutex_lock(&s->lock);
		if (!s->loaded) {
			font_load(s);
			s->loaded = &s->font; /* RACE: set with the lock */
		}
		pthread_mutex_unlock(&s->lock);
	}
	return s->loaded->points; /* RACE: by a thread that never took the lock */
}

static int font_points_acquired(struct jostle_state *s)
{
	struct font *font = atomic_load_explicit(&s->loaded_atomic, memory_order_acquire);

	if (!font) {
		pthread_mutex_lock(&s->lock);
		font = atomic_load_explicit(&s->loaded_atomic, memory_order_relaxed);
		if (!font) {
			font_load(s);
			font = &s->font;
			atomic_store_explicit(&s->loaded_atomic, font, memory_order_release);
		}
		pthread_mutex_unlock(&s->lock);
	}
	return font->points;
}

static void title(struct jostle_state *s)
{
	s->seen[0] = font_points(s);
}

static void text(struct jostle_state *s)
{
	s->seen[1] = font_points(s);
}

static void title_acquired(struct jostle_state *s)
{
	s->seen[0] = font_points_acquired(s);
}

static void text_acquired(struct jostle_state *s)
{
	s->seen[1] = font_points_acquired(s);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->loaded_atomic, NULL);
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->seen[0], s->seen[1]);
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "Double-checked locking with a plain pointer",
	.tags = "lazy singleton publication mutex",
	.why = "The lock orders only those who take it. The second user reads the pointer that "
	       "the first one wrote under the lock, without taking it, and follows it.",
	.ref = "Bacon and others: The \"Double-Checked Locking is Broken\" Declaration, 2001",
	.expect = JOSTLE_RACE,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "title", title }, { "text", text } },
	.outcomes = { { "12 12", JOSTLE_ALLOWED, "both saw the font" } },
};

JOSTLE_CASE(fixed) = {
	.title = "Double-checked locking with release and acquire",
	.tags = "lazy singleton publication mutex atomic",
	.why = "The store of the pointer releases the font, the load outside of the lock "
	       "acquires it. The load inside may be relaxed: the lock orders it.",
	.ref = "C11 7.17.3 paragraphs 3 to 5: release and acquire",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "title", title_acquired }, { "text", text_acquired } },
	.outcomes = { { "12 12", JOSTLE_ALLOWED, "both saw the font" } },
};
