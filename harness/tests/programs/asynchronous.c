/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input and output that is asked for and waited for later (aio.h).
 *
 *	asynchronous               all that holds, natively and in each schedule
 *	asynchronous PART          one of them
 *	asynchronous early         the buffer is read before the read is over
 *	asynchronous in_time       behind it
 *	asynchronous stuck         waits for a byte that nobody writes
 *	asynchronous fed           that somebody writes
 */
#include "must.h"

#include <aio.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 6

static sem_t told;
static volatile int value;
static int ends[2];

static int file(void)
{
	char name[] = "asynchronous-XXXXXX";
	const int fd = mkstemp(name);

	must(fd >= 0 && unlink(name) == 0);
	return fd;
}

static struct aiocb block(int fd, void *buffer, size_t size, off_t at)
{
	return (struct aiocb){ .aio_fildes = fd,
			       .aio_buf = buffer,
			       .aio_nbytes = size,
			       .aio_offset = at,
			       .aio_sigevent.sigev_notify = SIGEV_NONE };
}

static void over(struct aiocb *cb, ssize_t result)
{
	const struct aiocb *list[] = { NULL, cb };

	while (aio_error(cb) == EINPROGRESS)
		must(aio_suspend(list, 2, NULL) == 0);
	must(aio_error(cb) == 0 && aio_return(cb) == result);
}

static void files(void)
{
	const int fd = file();
	char written[MANY][4], back[MANY * 4 + 1] = "";
	struct aiocb cb[MANY], sync = block(fd, NULL, 0, 0), all;

	for (int i = 0; i < MANY; i++) {
		memset(written[i], 'a' + i, sizeof(written[i]));
		cb[i] = block(fd, written[i], 4, i * 4);
		must(aio_write(&cb[i]) == 0);
	}
	must(aio_fsync(O_SYNC, &sync) == 0);
	/* Behind all that was asked for before. */
	all = block(fd, back, MANY * 4, 0);
	must(aio_read(&all) == 0);
	over(&all, MANY * 4);
	must(strcmp(back, "aaaabbbbccccddddeeeeffff") == 0);
	over(&sync, 0);
	for (int i = 0; i < MANY; i++)
		over(&cb[i], 4);
	must(aio_cancel(fd, NULL) == AIO_ALLDONE);
	close(fd);
}

static void *feeds(void *nothing)
{
	must(write(ends[1], "xy", 2) == 2);
	return nothing;
}

/* A read that waits, another one behind it, and one of another descriptor that does not. */
static void pipes(void)
{
	const int fd = file();
	char first, second, third = 't';
	struct aiocb one, two, other;
	pthread_t thread;

	must(pipe(ends) == 0);
	one = block(ends[0], &first, 1, 0);
	two = block(ends[0], &second, 1, 0);
	other = block(fd, &third, 1, 0);
	must(aio_read(&one) == 0 && aio_read(&two) == 0 && aio_write(&other) == 0);
	over(&other, 1);
	must(aio_error(&one) == EINPROGRESS && aio_error(&two) == EINPROGRESS);
	must(pthread_create(&thread, NULL, feeds, NULL) == 0);
	over(&two, 1);
	must(aio_error(&one) == 0 && first == 'x' && second == 'y');
	pthread_join(thread, NULL);
	close(ends[0]);
	close(ends[1]);
	close(fd);
}

static void tell(union sigval what)
{
	value = what.sival_int;
	sem_post(&told);
}

static void note(int signo, siginfo_t *info, void *context)
{
	(void)signo, (void)context;
	value = info->si_code == SI_ASYNCIO ? info->si_value.sival_int : -1;
}

/* By a function, by a signal; of one, of a list. */
static void notified(void)
{
	const struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	const int fd = file();
	char bytes[2] = "ab";
	struct aiocb one = block(fd, bytes, 1, 0), two = block(fd, bytes + 1, 1, 1);
	struct aiocb *list[] = { &one, NULL, &two };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = tell,
				  .sigev_value.sival_int = 3 };
	sigset_t mask, old;

	value = 0;
	one.aio_sigevent = event;
	must(aio_write(&one) == 0);
	sem_wait(&told);
	must(value == 3 && aio_error(&one) == 0);
	one.aio_sigevent.sigev_notify = SIGEV_NONE;
	one.aio_lio_opcode = two.aio_lio_opcode = LIO_WRITE;
	must(lio_listio(LIO_WAIT, list, 3, NULL) == 0);
	must(aio_error(&one) == 0 && aio_error(&two) == 0 && aio_return(&two) == 1);
	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &mask, &old);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = SIGUSR1;
	event.sigev_value.sival_int = 5;
	must(lio_listio(LIO_NOWAIT, list, 3, &event) == 0);
	while (value != 5)
		sigsuspend(&old);
	must(aio_error(&one) == 0 && aio_error(&two) == 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(fd);
}

/* What has begun goes on, what waits behind it does not. */
static void cancelled(void)
{
	char first, second;
	struct aiocb one, two;
	int what;

	must(pipe(ends) == 0);
	one = block(ends[0], &first, 1, 0);
	two = block(ends[0], &second, 1, 0);
	must(aio_read(&one) == 0 && aio_read(&two) == 0);
	must(aio_cancel(ends[0], &two) == AIO_CANCELED);
	must(aio_error(&two) == ECANCELED && aio_return(&two) == -1);
	what = aio_cancel(ends[0], &one);
	must(what == AIO_NOTCANCELED || what == AIO_CANCELED);
	if (what == AIO_NOTCANCELED) {
		must(write(ends[1], "x", 1) == 1);
		over(&one, 1);
	}
	must(aio_cancel(ends[0], &one) == AIO_ALLDONE);
	close(ends[0]);
	close(ends[1]);
}

static void wrong(void)
{
	char byte;
	struct aiocb cb = block(-1, &byte, 1, 0);
	const struct aiocb *list[] = { &cb };
	const struct timespec little = { 0, 1000000 };

	must(aio_read(&cb) == 0);
	while (aio_error(&cb) == EINPROGRESS)
		must(aio_suspend(list, 1, NULL) == 0);
	must(aio_error(&cb) == EBADF && aio_return(&cb) == -1);
	must(pipe(ends) == 0);
	cb = block(ends[0], &byte, 1, 0);
	must(aio_read(&cb) == 0);
	must(aio_suspend(list, 1, &little) == -1 && errno == EAGAIN);
	must(write(ends[1], "z", 1) == 1);
	over(&cb, 1);
	close(ends[0]);
	close(ends[1]);
}

/* A child has none of its parent's. */
static void forked(void)
{
	char byte;
	struct aiocb cb, own;
	pid_t child;
	int status;

	must(pipe(ends) == 0);
	cb = block(ends[0], &byte, 1, 0);
	must(aio_read(&cb) == 0);
	child = fork();
	must(child >= 0);
	if (child == 0) {
		own = block(ends[1], "c", 1, 0);
		must(aio_write(&own) == 0);
		over(&own, 1);
		_exit(0);
	}
	over(&cb, 1);
	must(waitpid(child, &status, 0) == child && status == 0 && byte == 'c');
	close(ends[0]);
	close(ends[1]);
}

/* ---- what goes wrong, and what does not ---- */

static char letter;

static void looks(int in_time)
{
	const int fd = file();
	struct aiocb cb = block(fd, &letter, 1, 0);

	must(write(fd, "l", 1) == 1);
	must(aio_read(&cb) == 0);
	if (in_time)
		over(&cb, 1);
	value = letter;
	if (!in_time)
		over(&cb, 1);
}

static void waits(int fed)
{
	struct aiocb cb;
	pthread_t thread;

	must(pipe(ends) == 0);
	cb = block(ends[0], &letter, 1, 0);
	must(aio_read(&cb) == 0);
	if (fed)
		must(pthread_create(&thread, NULL, feeds, NULL) == 0);
	over(&cb, 1);
	if (fed)
		pthread_join(thread, NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "files", files },         { "pipes", pipes }, { "notified", notified },
	{ "cancelled", cancelled }, { "wrong", wrong }, { "forked", forked },
};

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	must(sem_init(&told, 0, 0) == 0);
	if (strcmp(part, "early") == 0 || strcmp(part, "in_time") == 0)
		looks(part[0] == 'i');
	else if (strcmp(part, "stuck") == 0 || strcmp(part, "fed") == 0)
		waits(part[0] == 'f');
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!*part || strcmp(part, parts[i].name) == 0)
			parts[i].run();
	return 0;
}
