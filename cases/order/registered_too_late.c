/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request is sent, and then the function is registered that the answer will be given to. A quick
 * answer finds nobody.
 */
#include "jostle.h"

#include <errno.h>
#include <semaphore.h>
#include <stdio.h>

struct jostle_state {
	pthread_mutex_t lock;
	sem_t request;
	void (*callback)(struct jostle_state *s); /* guarded by lock */
	int answers, unheard;                     /* guarded by lock */
};

static void on_answer(struct jostle_state *s)
{
	s->answers++;
}

static void answer(struct jostle_state *s)
{
	while (sem_wait(&s->request))
		;
	pthread_mutex_lock(&s->lock);
	if (s->callback)
		s->callback(s);
	else
		s->unheard++; /* OUTCOME: nobody is registered yet */
	pthread_mutex_unlock(&s->lock);
}

static void start_listening(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	s->callback = on_answer;
	pthread_mutex_unlock(&s->lock);
}

static void ask_then_listen(struct jostle_state *s)
{
	sem_post(&s->request);
	start_listening(s);
}

static void listen_then_ask(struct jostle_state *s)
{
	start_listening(s);
	sem_post(&s->request);
}

static int setup(struct jostle_state *s)
{
	if (sem_init(&s->request, 0, 0))
		return errno;
	return pthread_mutex_init(&s->lock, NULL);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%s", s->answers ? "heard" : "unheard");
}

static void teardown(struct jostle_state *s)
{
	pthread_mutex_destroy(&s->lock);
	sem_destroy(&s->request);
}

JOSTLE_CASE(broken) = {
	.title = "The callback is registered after the request was sent",
	.tags = "callback event",
	.why = "Sending takes long and answering longer, so it works, until the answer comes "
	       "from a cache.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: order violations",
	.expect = JOSTLE_OUTCOME,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "ask", ask_then_listen }, { "answer", answer } },
	.outcomes = { { "heard", JOSTLE_ALLOWED, "registered in time" },
		      { "unheard", JOSTLE_FORBIDDEN, "the answer was quicker" } },
};

JOSTLE_CASE(fixed) = {
	.title = "The callback is registered before the request is sent",
	.tags = "callback event",
	.why = "First listen, then ask.",
	.ref = "Lu, Park, Seo, Zhou: Learning from Mistakes, ASPLOS 2008: order violations",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.teardown = teardown,
	.threads = { { "ask", listen_then_ask }, { "answer", answer } },
	.outcomes = { { "heard", JOSTLE_ALLOWED, "always" } },
};
