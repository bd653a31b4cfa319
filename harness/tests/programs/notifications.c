/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that run in a thread because a timer expired or a message came (SIGEV_THREAD).
 *
 *	notifications               all that holds, natively and in each schedule
 *	notifications PART          one of them
 */
#include "notifications.h"

#include <limits.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t happened, ticked, go_on;
static int count, ticks, seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void tick(union sigval value)
{
	pthread_mutex_lock(&lock);
	count += value.sival_int;
	pthread_mutex_unlock(&lock);
	sem_post(&happened);
}

/* ---- timers ---- */

static void once(void)
{
	const timer_t timer = timer_of(tick, 7, NULL);
	struct itimerspec left;

	count = 0;
	arm(timer, 10, 0);
	sem_wait(&happened);
	pthread_mutex_lock(&lock);
	must(count == 7);
	pthread_mutex_unlock(&lock);
	must(timer_gettime(timer, &left) == 0 && left.it_value.tv_nsec == 0);
	must(timer_getoverrun(timer) == 0);
	must(timer_delete(timer) == 0);
	must(timer_delete(timer) == -1 && errno == EINVAL);
	must(sem_trywait(&happened) != 0);
}

/* The last one may still run when the timer is gone. */
static void tick_again(union sigval value)
{
	pthread_mutex_lock(&lock);
	ticks += value.sival_int;
	pthread_mutex_unlock(&lock);
	sem_post(&ticked);
}

/* Some may be overruns. */
static void periodic(void)
{
	const timer_t timer = timer_of(tick_again, 1, NULL);

	arm(timer, 5, 5);
	for (int i = 0; i < 4; i++)
		sem_wait(&ticked);
	must(timer_getoverrun(timer) >= 0);
	must(timer_delete(timer) == 0);
	pthread_mutex_lock(&lock);
	must(ticks >= 4);
	pthread_mutex_unlock(&lock);
}

/* What is set to zero does not come, and can be set again. */
static void disarmed(void)
{
	const timer_t timer = timer_of(tick, 1, NULL);
	struct timespec now;
	struct itimerspec at = { { 0, 0 }, { 0, 0 } }, old;

	count = 0;
	at.it_value.tv_sec = 1000;
	must(timer_settime(timer, 0, &at, NULL) == 0);
	at.it_value.tv_sec = 0;
	must(timer_settime(timer, 0, &at, &old) == 0);
	must(old.it_value.tv_sec > 900);
	usleep(1000);
	must(sem_trywait(&happened) != 0 && count == 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	at.it_value = now;
	must(timer_settime(timer, TIMER_ABSTIME, &at, NULL) == 0);
	sem_wait(&happened);
	must(timer_delete(timer) == 0);
}

static void slow(union sigval value)
{
	sem_post(&happened);
	sem_wait(&go_on);
	seen = value.sival_int;
	sem_post(&happened);
}

/* The timer goes while its function runs. */
static void deleted(void)
{
	const timer_t timer = timer_of(slow, 3, NULL);

	seen = 0;
	arm(timer, 1, 0);
	sem_wait(&happened);
	must(timer_delete(timer) == 0);
	sem_post(&go_on);
	sem_wait(&happened);
	must(seen == 3);
}

static void look_around(union sigval value)
{
	pthread_attr_t own;
	size_t size;
	int state;

	must(value.sival_int == 9);
	must(pthread_getattr_np(pthread_self(), &own) == 0);
	must(pthread_attr_getstacksize(&own, &size) == 0 && size <= 256 << 10);
	must(pthread_attr_getdetachstate(&own, &state) == 0 && state == PTHREAD_CREATE_DETACHED);
	pthread_attr_destroy(&own);
	sem_post(&happened);
	pthread_exit(NULL);
}

/* The function's thread is as it was asked for. */
static void attributes(void)
{
	pthread_attr_t small;
	timer_t timer;

	must(pthread_attr_init(&small) == 0 && pthread_attr_setstacksize(&small, 128 << 10) == 0);
	timer = timer_of(look_around, 9, &small);
	pthread_attr_destroy(&small);
	arm(timer, 1, 0);
	sem_wait(&happened);
	must(timer_delete(timer) == 0);
}

/* Nobody inherits a timer. */
static void forked(void)
{
	const timer_t timer = timer_of(tick, 1, NULL);
	int status;
	pid_t child;
	struct itimerspec left;

	count = 0;
	child = fork();
	must(child >= 0);
	if (child == 0) {
		const timer_t own = timer_of(tick, 5, NULL);

		must(own == timer || (timer_gettime(timer, &left) == -1 && errno == EINVAL));
		arm(own, 1, 0);
		sem_wait(&happened);
		_exit(count == 5 ? 0 : 1);
	}
	arm(timer, 1, 0);
	must(waitpid(child, &status, 0) == child && status == 0);
	sem_wait(&happened);
	must(timer_delete(timer) == 0);
}

/* One that tells nobody, as often as it likes. */
static void silent(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct itimerspec left;
	timer_t timer;

	must(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	arm(timer, 1, 7);
	usleep(30000);
	must(timer_gettime(timer, &left) == 0);
	must(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 7 * MS);
	must(timer_delete(timer) == 0);
}

/* ---- queues ---- */

/* It blocks nothing of what blocks whoever asked for it. */
static void received(union sigval value)
{
	char message[16];
	sigset_t mask;
	ssize_t got;

	must(pthread_sigmask(SIG_BLOCK, NULL, &mask) == 0 && !sigismember(&mask, SIGUSR1));
	seen = value.sival_int;
	while ((got = mq_receive(queue, message, sizeof(message), NULL)) > 0)
		count += (int)got;
	must(errno == EAGAIN);
	sem_post(&happened);
}

static void messages(void)
{
	const struct sigevent event = telling(received);
	char message[16];
	sigset_t mask, old;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &mask, &old);
	mq_close(open_queue());
	count = seen = 0;
	must(mq_notify(queue, &event) == 0);
	must(mq_notify(queue, &event) == -1 && errno == EBUSY);
	must(mq_send(queue, "abc", 3, 0) == 0);
	sem_wait(&happened);
	must(seen == 4 && count == 3);
	/* It was told once. */
	must(mq_send(queue, "abc", 3, 0) == 0);
	must(mq_notify(queue, &event) == 0);
	must(mq_send(queue, "de", 2, 0) == 0); /* not into an empty queue */
	must(mq_receive(queue, message, sizeof(message), NULL) == 3);
	must(mq_receive(queue, message, sizeof(message), NULL) == 2);
	must(sem_trywait(&happened) != 0);
	must(mq_send(queue, "f", 1, 0) == 0);
	sem_wait(&happened);
	must(count == 4);
	must(mq_notify(queue, &event) == 0);
	must(mq_notify(queue, NULL) == 0);
	must(mq_notify(queue, NULL) == 0);
	must(mq_send(queue, "g", 1, 0) == 0);
	usleep(1000);
	must(sem_trywait(&happened) != 0);
	must(mq_close(queue) == 0);
	must(mq_notify(queue, &event) == -1 && errno == EBADF);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void *waits_for_one(void *blocking)
{
	char message[16];

	must(mq_receive(*(mqd_t *)blocking, message, sizeof(message), NULL) > 0);
	return NULL;
}

/*
 * Who waits for a message gets it, and nobody is told; of the next one somebody is. When nobody
 * waited yet it is the first that is told of: one of the two in any case.
 */
static void waited_for(void)
{
	const struct sigevent event = telling(received);
	mqd_t blocking;
	pthread_t thread;

	blocking = open_queue();
	must(pthread_create(&thread, NULL, waits_for_one, &blocking) == 0);
	must(mq_notify(queue, &event) == 0);
	must(mq_send(queue, "ab", 2, 0) == 0);
	must(mq_send(queue, "c", 1, 0) == 0);
	sem_wait(&happened);
	must(mq_send(queue, "d", 1, 0) == 0); /* the function may have taken both */
	pthread_join(thread, NULL);
	must(sem_trywait(&happened) != 0);
	must(mq_close(blocking) == 0 && mq_close(queue) == 0);
}

/* A close of any of its descriptors ends what a process asked for. */
static void closed(void)
{
	const struct sigevent event = telling(received);
	mqd_t other;

	other = open_queue();
	must(mq_notify(queue, &event) == 0);
	must(mq_close(other) == 0);
	must(mq_notify(queue, &event) == 0);
	must(mq_close(queue) == 0);
}

static volatile sig_atomic_t signalled;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	signalled = info->si_code == SI_MESGQ ? info->si_value.sival_int : -1;
}

/* A signal instead, of a message of another process. */
static void signals(void)
{
	const struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR2,
				  .sigev_value.sival_int = 6 };
	sigset_t mask, old;
	pid_t child;
	int status;

	mq_close(open_queue());
	signalled = 0;
	sigaction(SIGUSR2, &action, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &mask, &old);
	must(mq_notify(queue, &event) == 0);
	child = fork();
	must(child >= 0);
	if (child == 0) {
		must(mq_notify(queue, &event) == -1 && errno == EBUSY);
		must(mq_notify(queue, NULL) == 0); /* not its own */
		must(mq_send(queue, "x", 1, 0) == 0);
		_exit(0);
	}
	while (!signalled)
		sigsuspend(&old);
	must(signalled == 6);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	must(waitpid(child, &status, 0) == child && status == 0);
	event.sigev_signo = 77;
	must(mq_notify(queue, &event) == -1 && errno == EINVAL);
	event.sigev_notify = 77;
	must(mq_notify(queue, &event) == -1 && errno == EINVAL);
	must(mq_notify(0, NULL) == -1 && errno == EBADF);
	must(mq_close(queue) == 0);
}

/* The function runs in the process that asked for it. */
static void of_a_child(void)
{
	const struct sigevent event = telling(received);
	pid_t child;
	int status;

	mq_close(open_queue());
	count = 0;
	must(mq_notify(queue, &event) == 0);
	child = fork();
	must(child >= 0);
	if (child == 0) {
		must(mq_send(queue, "child", 5, 0) == 0);
		_exit(0);
	}
	sem_wait(&happened);
	must(count == 5);
	must(waitpid(child, &status, 0) == child && status == 0);
	must(mq_close(queue) == 0);
}

/* signals: first, since a thread that a queue made takes any signal. */
static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "signals", signals },       { "once", once },
	{ "periodic", periodic },     { "disarmed", disarmed },
	{ "deleted", deleted },       { "attributes", attributes },
	{ "forked", forked },         { "silent", silent },
	{ "messages", messages },     { "waited_for", waited_for },
	{ "of_a_child", of_a_child }, { "closed", closed },
};

int main(int argc, char **argv)
{
	must(sem_init(&happened, 0, 0) == 0 && sem_init(&ticked, 0, 0) == 0 &&
	     sem_init(&go_on, 0, 0) == 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc == 1 || strcmp(argv[1], parts[i].name) == 0)
			parts[i].run();
	return 0;
}
