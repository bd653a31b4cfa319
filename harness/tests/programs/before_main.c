/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constructors that do what others do in main: lock a mutex while they hold another (nested), run
 * and join a thread (thread), leave one behind (left), start a program (program). Main then does
 * the same as ever, with a thread of its own.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "must.h"

static pthread_mutex_t outer = PTHREAD_MUTEX_INITIALIZER, inner = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int jobs, started;

static void nest(void)
{
	pthread_mutex_lock(&outer);
	pthread_mutex_lock(&inner);
	pthread_mutex_unlock(&inner);
	pthread_mutex_unlock(&outer);
}

/* Takes one job. */
static void *serve(void *unused)
{
	char used[2000];

	memset(used, 'x',
	       sizeof(used)); /* of its stack, over which it comes back to main's schedule */
	pthread_mutex_lock(&outer);
	started++;
	pthread_cond_broadcast(&changed);
	while (jobs == 0)
		pthread_cond_wait(&changed, &outer);
	jobs--;
	pthread_mutex_unlock(&outer);
	for (size_t i = 0; i < sizeof(used); i++)
		must(used[i] == 'x');
	return unused;
}

static void give_job(void)
{
	pthread_mutex_lock(&outer);
	jobs++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&outer);
}

static pthread_t left;

__attribute__((constructor)) static void before(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "nested") == 0)
		nest();
	if (strcmp(what, "program") == 0)
		must(WEXITSTATUS(system("exit 4")) == 4);
	if (strcmp(what, "thread") != 0 && strcmp(what, "left") != 0)
		return;
	must(pthread_create(&left, NULL, serve, NULL) == 0);
	pthread_mutex_lock(&outer);
	while (started == 0)
		pthread_cond_wait(&changed, &outer);
	pthread_mutex_unlock(&outer);
	if (strcmp(what, "left") == 0)
		return;
	give_job();
	must(pthread_join(left, NULL) == 0);
	left = 0;
}

int main(void)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, serve, NULL) == 0);
	nest();
	give_job();
	if (left) {
		give_job();
		must(pthread_join(left, NULL) == 0);
	}
	must(pthread_join(thread, NULL) == 0);
	must(jobs == 0);
	return 0;
}
