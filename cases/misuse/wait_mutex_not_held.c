/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wait on a condition gives the mutex up and takes it again. A thread that does not have it
 * cannot give it up. The flag is atomic, so somebody thought that no lock was needed around it.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <time.h>

struct jostle_state {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_int done;
};

static struct timespec in_ten_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += 10 * 1000 * 1000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void waiter(struct jostle_state *s)
{
	struct timespec deadline = in_ten_ms();

	if (atomic_load(&s->done))
		return;
	pthread_cond_timedwait(&s->changed, &s->lock, &deadline); /* MISUSE: nobody locked it */
	pthread_mutex_unlock(&s->lock);
}

static void finisher(struct jostle_state *s)
{
	atomic_store(&s->done, 1);
	pthread_cond_signal(&s->changed);
}

static void waiter_with_lock(struct jostle_state *s)
{
	struct timespec deadline = in_ten_ms();

	pthread_mutex_lock(&s->lock);
	if (!atomic_load(&s->done))
		pthread_cond_timedwait(&s->changed, &s->lock, &deadline);
	pthread_mutex_unlock(&s->lock);
}

static void finisher_with_lock(struct jostle_state *s)
{
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->done, 1);
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int setup(struct jostle_state *s)
{
	int error = pthread_mutex_init(&s->lock, NULL);

	return error ? error : pthread_cond_init(&s->changed, NULL);
}

static void teardown(struct jostle_state *s)
{
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

JOSTLE_CASE(broken) = {
	.title = "A thread waits on a condition without holding its mutex",
	.tags = "condition mutex",
	.why = "The wait unlocks a mutex that it does not own, perhaps while another thread "
	       "does, and nothing keeps the flag from being set between the test and the wait. "
	       "The time-out hides the second half.",
	.ref = "POSIX.1-2017, pthread_cond_wait(): called with mutex locked by the calling "
	       "thread",
	.expect = JOSTLE_MISUSE,
	.cause = "wait-mutex-not-held",
	.setup = setup,
	.teardown = teardown,
	.threads = { { "waiter", waiter }, { "finisher", finisher } },
};

JOSTLE_CASE(fixed) = {
	.title = "The mutex is held around the test and the wait",
	.tags = "condition mutex",
	.why = "An atomic flag does not replace the mutex: it is the mutex that joins the test "
	       "to the wait.",
	.ref = "POSIX.1-2017, pthread_cond_wait()",
	.expect = JOSTLE_PASS,
	.opt_in = JOSTLE_SPURIOUS,
	.setup = setup,
	.teardown = teardown,
	.threads = { { "waiter", waiter_with_lock }, { "finisher", finisher_with_lock } },
};
