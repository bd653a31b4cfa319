/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes long and ends: `slow sleeps`, `slow computes`, `slow waits` (for a signal that comes late,
 * and for a child). Others do not end: in `slow never` main waits for a wake-up that another
 * thread, busy with naps, never sends; `slow floods` its standard output; `slow escapes` leaves a
 * child in a session of its own that ignores SIGTERM; in `slow listens` a thread reads from a
 * socket to which nobody writes. `slow crashes` while its thread naps.
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static bool rang;
static char flood[1 << 16];

static void nap(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static void compute(long ms)
{
	struct timespec now, begin;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

static void *worker(void *what)
{
	bool ended = false;
	int ends[2];

	while (strcmp(what, "never") == 0 || strcmp(what, "escapes") == 0)
		nap(1000);
	while (strcmp(what, "floods") == 0)
		if (write(STDOUT_FILENO, flood, sizeof(flood)) < 0)
			break;
	if (strcmp(what, "listens") == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0)
		ended = read(ends[0], flood, 1) == 0;
	if (strcmp(what, "computes") == 0)
		compute(400);
	else
		nap(700);
	pthread_mutex_lock(&lock);
	rang = !ended;
	pthread_cond_signal(&bell);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	pid_t child = -1;

	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "waits") == 0 && (child = fork()) == 0) {
		nap(600);
		_exit(0);
	}
	if (strcmp(argv[1], "escapes") == 0) {
		signal(SIGTERM, SIG_IGN);
		if (fork() == 0) {
			setsid();
			for (;;)
				pause();
		}
	}
	pthread_create(&thread, NULL, worker, argv[1]);
	if (strcmp(argv[1], "crashes") == 0)
		raise(SIGSEGV);
	pthread_mutex_lock(&lock);
	while (!rang)
		pthread_cond_wait(&bell, &lock);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	return child > 0 && waitpid(child, NULL, 0) != child;
}
