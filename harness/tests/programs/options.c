/* SPDX-License-Identifier: Apache-2.0 */
/* A program for each option of the command: without the option it ends in one way, with it in
 * another. The first argument says which. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "must.h"

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready, ends[2];

static void *one_other(void *unused)
{
	pthread_mutex_lock(&one);
	pthread_mutex_lock(&other);
	pthread_mutex_unlock(&other);
	pthread_mutex_unlock(&one);
	return unused;
}

static void *other_one(void *unused)
{
	pthread_mutex_lock(&other);
	pthread_mutex_lock(&one);
	pthread_mutex_unlock(&one);
	pthread_mutex_unlock(&other);
	return unused;
}

/* Waits as if no wait ever ended by itself. */
static void *wait_once(void *unused)
{
	pthread_mutex_lock(&one);
	if (!ready)
		pthread_cond_wait(&changed, &one);
	must(ready);
	pthread_mutex_unlock(&one);
	return unused;
}

static void *set_ready(void *unused)
{
	pthread_mutex_lock(&one);
	ready = 1;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&one);
	return unused;
}

/* Writes until the pipe has it all, so that only the reader can be disappointed. */
static void *send_twelve(void *unused)
{
	size_t at = 0;

	while (at < 12) {
		const ssize_t size = write(ends[1], "twelve bytes" + at, 12 - at);

		at += size > 0 ? (size_t)size : 0;
	}
	return unused;
}

static void *yield_often(void *unused)
{
	for (int i = 0; i < 200; i++)
		sched_yield();
	return unused;
}

static void *write_much(void *unused)
{
	for (int i = 0; i < 300; i++)
		must(printf("line %d\n", i) > 0);
	return unused;
}

static void two(void *(*first)(void *), void *(*second)(void *))
{
	pthread_t a, b;

	must(pthread_create(&a, NULL, first, NULL) == 0);
	must(pthread_create(&b, NULL, second, NULL) == 0);
	must(pthread_join(a, NULL) == 0);
	must(pthread_join(b, NULL) == 0);
}

static void *read_twelve(void *how)
{
	char text[12];
	size_t at = 0;

	/* "eintr": believes that no call is interrupted; "short": that messages come whole. */
	while (at < sizeof(text)) {
		const ssize_t size = read(ends[0], text + at, sizeof(text) - at);

		must(size > 0 || strcmp(how, "short") == 0);
		at += size > 0 ? (size_t)size : 0;
		must(at == sizeof(text) || size < 0 || strcmp(how, "eintr") == 0);
	}
	return NULL;
}

static void pass_twelve(char *how)
{
	pthread_t a, b;

	must(pipe(ends) == 0);
	must(pthread_create(&a, NULL, send_twelve, NULL) == 0);
	must(pthread_create(&b, NULL, read_twelve, how) == 0);
	must(pthread_join(a, NULL) == 0);
	must(pthread_join(b, NULL) == 0);
}

/* What is in the pipe can be read: so one thinks. */
static void *read_ready(void *unused)
{
	char byte;

	must(pipe2(ends, O_NONBLOCK) == 0);
	while (write(ends[1], "x", 1) != 1)
		must(errno == EAGAIN);
	must(read(ends[0], &byte, 1) == 1);
	return unused;
}

static void *allocate(void *unused)
{
	void *memory = malloc(4 << 20);

	must(memory != NULL);
	free(memory);
	return unused;
}

static void *nothing(void *unused)
{
	return unused;
}

static void *stay(void *unused)
{
	pause();
	return unused;
}

/* A child that nobody kills comes back. */
static void have_child(void)
{
	const pid_t child = fork();
	int status;

	if (child == 0)
		_exit(0);
	must(waitpid(child, &status, 0) == child && status == 0);
}

/* Until somebody ends it. */
static void *serve(void *unused)
{
	sigset_t term;
	int number;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	must(sigwait(&term, &number) == 0);
	return unused;
}

static void many_threads(void)
{
	pthread_t threads[12];

	for (int i = 0; i < 12; i++)
		must(pthread_create(&threads[i], NULL, nothing, NULL) == 0);
	for (int i = 0; i < 12; i++)
		must(pthread_join(threads[i], NULL) == 0);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	sigset_t term;
	pthread_t left;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	if (strcmp(mode, "term") == 0)
		pthread_sigmask(SIG_BLOCK, &term, NULL);
	if (strcmp(mode, "order") == 0)
		two(one_other, other_one);
	else if (strcmp(mode, "wait") == 0)
		two(wait_once, set_ready);
	else if (strcmp(mode, "short") == 0 || strcmp(mode, "eintr") == 0)
		pass_twelve(argv[1]);
	else if (strcmp(mode, "eagain") == 0)
		two(read_ready, nothing);
	else if (strcmp(mode, "memory") == 0)
		two(allocate, nothing);
	else if (strcmp(mode, "steps") == 0)
		two(yield_often, yield_often);
	else if (strcmp(mode, "much") == 0)
		two(write_much, nothing);
	else if (strcmp(mode, "threads") == 0)
		many_threads();
	else if (strcmp(mode, "child") == 0)
		have_child();
	else if (strcmp(mode, "term") == 0)
		two(serve, nothing);
	else if (strcmp(mode, "left") == 0)
		must(pthread_create(&left, NULL, stay, NULL) == 0);
	else
		two(nothing, nothing);
	if (strcmp(mode, "status") == 0)
		return 3;
	if (strcmp(mode, "file") == 0)
		return access("marker", R_OK) == 0 ? 0 : 4;
	if (strcmp(mode, "input") == 0)
		return getchar() == 'x' ? 0 : 5;
	if (strcmp(mode, "endless") == 0)
		for (volatile int i = 0;; i = !i)
			;
	return 0;
}
