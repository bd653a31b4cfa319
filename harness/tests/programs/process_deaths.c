/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that die, for --kill: what each part does stands when any of its children dies at any
 * point, unless its name says that it does not.
 */
#include "must.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
	pthread_mutex_t lock;
	int rounds, broken, repaired;
	int halves[2]; /* equal, whenever the lock is free */
};

static struct shared *share(int robust)
{
	struct shared *s =
		mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;

	must(s != MAP_FAILED);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	if (robust)
		pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	must(pthread_mutex_init(&s->lock, &attributes) == 0);
	return s;
}

/* How many of the children were killed; each other one exited with 0. */
static int deaths(int children)
{
	int status, killed = 0;

	while (children-- > 0) {
		must(wait(&status) > 0);
		if (WIFSIGNALED(status))
			must(WTERMSIG(status) == SIGKILL);
		else
			must(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		killed += WIFSIGNALED(status);
	}
	must(wait(&status) < 0 && errno == ECHILD);
	return killed;
}

static void lock(struct shared *s)
{
	const int error = pthread_mutex_lock(&s->lock);

	if (error == EOWNERDEAD) {
		s->repaired += s->halves[0] != s->halves[1];
		s->halves[1] = s->halves[0];
		must(pthread_mutex_consistent(&s->lock) == 0);
	} else {
		must(error == 0);
		s->broken += s->halves[0] != s->halves[1];
	}
}

static void count(struct shared *s)
{
	for (int i = 0; i < 3; i++) {
		lock(s);
		s->halves[0]++;
		usleep(1); /* a point between the halves, accesses seen or not */
		s->halves[1]++;
		pthread_mutex_unlock(&s->lock);
	}
}

static void robust(void)
{
	struct shared *s = share(1);
	int killed;

	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			count(s);
			_exit(0);
		}
	killed = deaths(2);
	lock(s);
	must(s->broken == 0);
	must(killed || (s->halves[0] == 6 && s->halves[1] == 6));
	must(s->repaired <= killed);
	pthread_mutex_unlock(&s->lock);
}

/* Nobody looks what EOWNERDEAD is about. */
static void careless(void)
{
	struct shared *s = share(1);

	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			if (pthread_mutex_lock(&s->lock) == EOWNERDEAD)
				pthread_mutex_consistent(&s->lock);
			s->halves[0]++;
			usleep(1);
			s->halves[1]++;
			pthread_mutex_unlock(&s->lock);
			_exit(0);
		}
	deaths(2);
	must(s->halves[0] == s->halves[1]);
}

/* The lock stays with the dead. */
static void stalled(void)
{
	struct shared *s = share(0);

	for (int i = 0; i < 2; i++)
		if (fork() == 0) {
			pthread_mutex_lock(&s->lock);
			s->rounds++;
			usleep(1);
			pthread_mutex_unlock(&s->lock);
			_exit(0);
		}
	deaths(2);
}

/* A reader sees the end of a pipe whose writer died. */
static void stream(void)
{
	int ends[2], got = 0;
	ssize_t n;
	char byte;

	must(pipe(ends) == 0);
	if (fork() == 0) {
		close(ends[0]);
		for (int i = 0; i < 4; i++)
			must(write(ends[1], "x", 1) == 1);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], &byte, 1)) == 1)
		got++;
	must(n == 0 && got <= 4);
	must(deaths(1) == 1 || got == 4);
}

/* Threads of one process die together. */
static void *turn(void *s)
{
	count(s);
	return NULL;
}

static void threads(void)
{
	struct shared *s = share(1);

	if (fork() == 0) {
		pthread_t other;

		must(pthread_create(&other, NULL, turn, s) == 0);
		count(s);
		pthread_join(other, NULL);
		_exit(0);
	}
	count(s);
	deaths(1);
	lock(s);
	must(s->broken == 0 && s->halves[0] == s->halves[1]);
	pthread_mutex_unlock(&s->lock);
}

/* Two pass a byte to and fro; who hears no more ends. With "first", the first may be the dead. */
static void pair(void)
{
	int there[2], back[2];
	char byte = 'x';

	must(pipe(there) == 0 && pipe(back) == 0);
	signal(SIGPIPE, SIG_IGN);
	if (fork() == 0) {
		close(there[1]);
		close(back[0]);
		while (read(there[0], &byte, 1) == 1)
			if (write(back[1], &byte, 1) != 1)
				break;
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	for (int i = 0; i < 3; i++)
		if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			break;
	close(there[1]);
	deaths(1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} parts[] = { { "robust", robust }, { "stream", stream },     { "threads", threads },
		      { "pair", pair },     { "careless", careless }, { "stalled", stalled } };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (argc > 1 && strcmp(argv[1], parts[i].name) == 0) {
			parts[i].run();
			return 0;
		}
	fprintf(stderr, "which part?\n");
	return 2;
}
