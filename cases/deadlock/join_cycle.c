/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each stage of a pipeline waits until the next one has ended before it ends itself. When the last
 * stage feeds the first again, the waiting goes round in a ring and no stage ever ends.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>

#define STAGES 3

struct stage {
	struct jostle_state *pipeline;
	pthread_t thread;
	int number;
};

struct jostle_state {
	pthread_mutex_t starting; /* held until every stage has its thread */
	sem_t ended;
	struct stage stages[STAGES];
};

static void wait_until_started(struct jostle_state *s)
{
	pthread_mutex_lock(&s->starting);
	pthread_mutex_unlock(&s->starting);
}

static void *stage_in_ring(void *arg)
{
	struct stage *stage = arg;
	struct jostle_state *s = stage->pipeline;

	wait_until_started(s);
	pthread_join(s->stages[(stage->number + 1) % STAGES].thread, NULL); /* DEADLOCK: ring */
	sem_post(&s->ended);
	return NULL;
}

static void *stage_in_line(void *arg)
{
	struct stage *stage = arg;
	struct jostle_state *s = stage->pipeline;

	wait_until_started(s);
	if (stage->number + 1 < STAGES)
		pthread_join(s->stages[stage->number + 1].thread, NULL);
	sem_post(&s->ended);
	return NULL;
}

static int start(struct jostle_state *s, void *(*run)(void *))
{
	int error = 0;

	pthread_mutex_lock(&s->starting);
	for (int i = 0; i < STAGES && !error; i++) {
		s->stages[i] = (struct stage){ .pipeline = s, .number = i };
		error = pthread_create(&s->stages[i].thread, NULL, run, &s->stages[i]);
	}
	pthread_mutex_unlock(&s->starting);
	return error;
}

static void pipeline_ring(struct jostle_state *s)
{
	if (start(s, stage_in_ring))
		return;
	for (int i = 0; i < STAGES; i++)
		sem_wait(&s->ended); /* DEADLOCK: no stage gets that far */
}

static void pipeline_line(struct jostle_state *s)
{
	if (start(s, stage_in_line))
		return;
	for (int i = 0; i < STAGES; i++)
		sem_wait(&s->ended);
	pthread_join(s->stages[0].thread, NULL);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->ended, 0, 0))
		return errno;
	return pthread_mutex_init(&s->starting, NULL);
}

static void teardown(struct jostle_state *s)
{
	sem_destroy(&s->ended);
	pthread_mutex_destroy(&s->starting);
}

JOSTLE_CASE(broken) = {
	.title = "Three threads join each other in a ring",
	.tags = "join",
	.why = "No thread can end before the next one has ended. glibc notices two threads that "
	       "join each other and returns EDEADLK; a ring of three it does not see.",
	.ref = "POSIX.1-2017, pthread_join(): EDEADLK may be detected",
	.expect = JOSTLE_DEADLOCK,
	.cause = "join-cycle",
	.setup = setup,
	.teardown = teardown,
	.body = pipeline_ring,
};

JOSTLE_CASE(fixed) = {
	.title = "The stages join along a line, and main joins its head",
	.tags = "join",
	.why = "The last stage waits for nobody, so that the ends come back along the line.",
	.ref = "POSIX.1-2017, pthread_join()",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.teardown = teardown,
	.body = pipeline_line,
};
