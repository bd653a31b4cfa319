/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a thread does behind a call, before its next one, that should have come before it: one part
 * each, wrong, or right with a second argument. In an ordinary build all of it is two steps only if
 * somebody can come between the call and what follows.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int right;
static volatile int *ready; /* shared with a child in forked() */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static int announced;
static sem_t posted;
static int ends[2];

static void prepare(int first)
{
	if (first == right)
		*ready = 1;
}

static int start(void *(*body)(void *))
{
	pthread_t t;
	void *seen;

	if (pthread_create(&t, NULL, body, NULL) != 0)
		return 2;
	prepare(0);
	pthread_join(t, &seen);
	return seen == NULL;
}

static void *look(void *unused)
{
	(void)unused;
	return *ready ? &right : NULL;
}

static int created(void)
{
	prepare(1);
	return start(look);
}

static void *await_unlock(void *unused)
{
	pthread_mutex_lock(&lock);
	while (!announced)
		pthread_cond_wait(&told, &lock);
	pthread_mutex_unlock(&lock);
	return look(unused);
}

static void *await_post(void *unused)
{
	sem_wait(&posted);
	return look(unused);
}

static void *await_byte(void *unused)
{
	char byte;

	return read(ends[0], &byte, 1) == 1 ? look(unused) : NULL;
}

static int awaited(void *(*body)(void *), void (*tell)(void))
{
	pthread_t t;
	void *seen;

	if (pthread_create(&t, NULL, body, NULL) != 0)
		return 2;
	prepare(1);
	tell();
	prepare(0);
	pthread_join(t, &seen);
	return seen == NULL;
}

static void by_unlock(void)
{
	pthread_mutex_lock(&lock);
	announced = 1;
	pthread_cond_signal(&told);
	pthread_mutex_unlock(&lock);
}

static void by_post(void)
{
	sem_post(&posted);
}

static void by_byte(void)
{
	(void)!write(ends[1], "x", 1);
}

static int forked(void)
{
	int status;

	prepare(1);
	if (fork() == 0)
		_exit(!*ready);
	prepare(0);
	wait(&status);
	return status != 0;
}

static volatile sig_atomic_t came;

static void on_signal(int signo)
{
	(void)signo;
	came = 1;
}

static void wait_in_pause(const sigset_t *mask)
{
	if (right)
		sigsuspend(mask);
	else
		pause();
}

static void wait_in_poll(const sigset_t *mask)
{
	if (right)
		ppoll(NULL, 0, NULL, mask);
	else
		poll(NULL, 0, -1);
}

static void wait_in_read(const sigset_t *mask)
{
	struct pollfd end = { .fd = ends[0], .events = POLLIN };
	char byte;

	if (!right || ppoll(&end, 1, NULL, mask) == 1)
		(void)!read(ends[0], &byte, 1);
}

/* A signal that comes between the question and the wait is not waited for. */
static int signalled(void (*wait_for_it)(const sigset_t *mask))
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t all, before;

	sigaction(SIGUSR1, &action, NULL);
	sigfillset(&all);
	if (right)
		sigprocmask(SIG_BLOCK, &all, &before);
	if (fork() == 0) {
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	while (!came)
		wait_for_it(&before);
	return 0;
}

/* Two FIFOs that both sides open in the same order of directions: each waits for the other. */
static int fifos(void)
{
	const char *const names[] = { "behind.a", "behind.b" };
	int first, second, child;

	if (mkfifo(names[0], 0600) != 0 || mkfifo(names[1], 0600) != 0)
		return 2;
	child = fork() == 0;
	first = open(names[child && !right], O_WRONLY - child * right);
	second = open(names[!(child && !right)], O_RDONLY + child * right);
	if (child)
		_exit(first < 0 || second < 0);
	wait(&child);
	unlink(names[0]);
	unlink(names[1]);
	return child != 0 || first < 0 || second < 0;
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	right = argc > 2;
	ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (strcmp(part, "create") == 0)
		return created();
	if (strcmp(part, "unlock") == 0)
		return awaited(await_unlock, by_unlock);
	if (strcmp(part, "post") == 0)
		return sem_init(&posted, 0, 0) ? 2 : awaited(await_post, by_post);
	if (strcmp(part, "write") == 0)
		return pipe(ends) ? 2 : awaited(await_byte, by_byte);
	if (strcmp(part, "fork") == 0)
		return forked();
	if (strcmp(part, "pause") == 0)
		return signalled(wait_in_pause);
	if (strcmp(part, "poll") == 0)
		return signalled(wait_in_poll);
	if (strcmp(part, "read") == 0)
		return pipe(ends) ? 2 : signalled(wait_in_read);
	if (strcmp(part, "fifo") == 0)
		return fifos();
	return 3;
}
