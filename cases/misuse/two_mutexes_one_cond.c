/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two queues with a lock each share one condition, "something arrived". Two threads then wait on
 * one condition with two different mutexes at the same time.
 */
#include "jostle.h"

struct queue {
	pthread_mutex_t lock;
	int items;
};

struct jostle_state {
	struct queue mail, news;
	pthread_cond_t arrived;
	pthread_cond_t news_arrived; /* of the fixed variant */
};

static void take(struct queue *queue, pthread_cond_t *arrived)
{
	pthread_mutex_lock(&queue->lock);
	while (queue->items == 0)
		pthread_cond_wait(arrived, &queue->lock); /* MISUSE: another mutex waits here */
	queue->items--;
	pthread_mutex_unlock(&queue->lock);
}

static void put(struct queue *queue, pthread_cond_t *arrived)
{
	pthread_mutex_lock(&queue->lock);
	queue->items++;
	pthread_cond_broadcast(arrived);
	pthread_mutex_unlock(&queue->lock);
}

static void read_mail(struct jostle_state *s)
{
	take(&s->mail, &s->arrived);
}

static void read_news(struct jostle_state *s)
{
	take(&s->news, &s->arrived);
}

static void deliver(struct jostle_state *s)
{
	put(&s->mail, &s->arrived);
	put(&s->news, &s->arrived);
}

static void read_news_apart(struct jostle_state *s)
{
	take(&s->news, &s->news_arrived);
}

static void deliver_apart(struct jostle_state *s)
{
	put(&s->mail, &s->arrived);
	put(&s->news, &s->news_arrived);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->mail.lock, NULL);

	error = error ? error : pthread_mutex_init(&s->news.lock, NULL);
	error = error ? error : pthread_cond_init(&s->arrived, NULL);
	return error ? error : pthread_cond_init(&s->news_arrived, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->news_arrived);
	pthread_cond_destroy(&s->arrived);
	pthread_mutex_destroy(&s->news.lock);
	pthread_mutex_destroy(&s->mail.lock);
}

JOSTLE_CASE(broken) = {
	.title = "Two threads wait on one condition with two different mutexes",
	.tags = "condition mutex",
	.why = "A condition binds to one mutex as long as somebody waits on it. glibc does not "
	       "check, other systems fail, and it takes both queues to be empty at once.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): more than one mutex for concurrent waits",
	.expect = JOSTLE_MISUSE,
	.cause = "two-mutexes",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "mail", read_mail }, { "news", read_news }, { "deliver", deliver } },
};

JOSTLE_CASE(fixed) = {
	.title = "Each queue has its own lock and its own condition",
	.tags = "condition mutex",
	.why = "A condition belongs to the data that its mutex guards.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "mail", read_mail },
		     { "news", read_news_apart },
		     { "deliver", deliver_apart } },
};
