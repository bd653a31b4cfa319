/* SPDX-License-Identifier: Apache-2.0 */
/* poll.h, sys/select.h, sys/epoll.h, sys/eventfd.h */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include "differential.h"

static int ends[2];
static sigset_t none, alarms;

static void *writes_later(void *unused)
{
	if (write(ends[1], "x", 1) != 1)
		abort();
	return unused;
}

static pthread_t later(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, writes_later, NULL))
		abort();
	return thread;
}

static void empty(void)
{
	char byte;

	if (read(ends[0], &byte, 1) != 1)
		abort();
}

static void polling(void)
{
	struct pollfd fds[3] = { { .fd = ends[0], .events = POLLIN },
				 { .fd = ends[1], .events = POLLOUT },
				 { .fd = -1, .events = POLLIN } };
	const struct timespec soon = { 0, 20000000 }, zero = { 0, 0 };
	struct timespec start;
	pthread_t thread;

	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(poll(fds, 1, 20));
	with(", revents %d, late enough %d", fds[0].revents, elapsed(CLOCK_MONOTONIC, &start, 20));
	SETS(poll(fds, 1, 0));
	SETS(poll(fds, 3, -1));
	with(", revents %d %d %d", fds[0].revents, fds[1].revents, fds[2].revents);
	SETS(poll(NULL, 0, 10));
	thread = later();
	SETS(poll(fds, 1, -1));
	with(", revents %d", fds[0].revents);
	pthread_join(thread, NULL);
	SETS(poll(fds, 1, -1));
	with(", revents %d", fds[0].revents);
	empty();
	SETS(poll(NULL, 1, 0));
	fds[2].fd = 1 << 20;
	SETS(poll(fds, 3, 0));
	with(", revents %d %d %d", fds[0].revents, fds[1].revents, fds[2].revents);

	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(ppoll(fds, 1, &soon, NULL));
	with(", late enough %d, unchanged %d", elapsed(CLOCK_MONOTONIC, &start, 20),
	     soon.tv_nsec == 20000000);
	SETS(ppoll(fds, 2, &zero, &none));
	SETS(ppoll(fds, 1, &invalid, NULL));
	SETS(ppoll(NULL, 1, &zero, NULL));
	thread = later();
	SETS(ppoll(fds, 1, NULL, NULL));
	with(", revents %d", fds[0].revents);
	pthread_join(thread, NULL);
	empty();
	pester(1);
	SETS(poll(fds, 1, -1));
	SETS(poll(fds, 1, 600000));
	SETS(ppoll(fds, 1, NULL, NULL));
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	SETS(ppoll(fds, 1, NULL, &none)); /* open to it meanwhile */
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	pester(0);
}

static void selecting(void)
{
	const struct timespec soon = { 0, 20000000 }, zero = { 0, 0 };
	struct timespec start;
	struct timeval time = { 0, 20000 };
	pthread_t thread;
	fd_set in, out;
	const int most = (ends[0] > ends[1] ? ends[0] : ends[1]) + 1, closed = dup(ends[0]);

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(ends[0], &in);
	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(select(most, &in, NULL, NULL, &time));
	with(", in %d, late enough %d, time left %ld", FD_ISSET(ends[0], &in),
	     elapsed(CLOCK_MONOTONIC, &start, 20), (long)(time.tv_sec + time.tv_usec));
	FD_SET(ends[0], &in);
	FD_SET(ends[1], &out);
	time = (struct timeval){ 100, 0 };
	SETS(select(most, &in, &out, NULL, &time));
	with(", in %d out %d, time left %d", FD_ISSET(ends[0], &in), FD_ISSET(ends[1], &out),
	     time.tv_sec > 50);
	SETS(select(-1, NULL, NULL, NULL, &time));
	time.tv_usec = -1;
	SETS(select(0, NULL, NULL, NULL, &time));
	time = (struct timeval){ 0, 0 };
	SETS(select(0, NULL, NULL, NULL, &time));
	FD_SET(ends[0], &in);
	thread = later();
	SETS(select(most, &in, NULL, NULL, NULL));
	with(", in %d", FD_ISSET(ends[0], &in));
	pthread_join(thread, NULL);
	empty();
	FD_ZERO(&in);
	close(closed);
	FD_SET(closed, &in);
	SETS(select(closed + 1, &in, NULL, NULL, &time));

	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(pselect(most, &in, NULL, NULL, &soon, NULL));
	with(", late enough %d, unchanged %d", elapsed(CLOCK_MONOTONIC, &start, 20),
	     soon.tv_nsec == 20000000);
	FD_SET(ends[1], &out);
	SETS(pselect(most, NULL, &out, NULL, NULL, &none));
	SETS(pselect(-1, NULL, NULL, NULL, &zero, NULL));
	SETS(pselect(0, NULL, NULL, NULL, &invalid, NULL));
	FD_SET(ends[0], &in);
	thread = later();
	SETS(pselect(most, &in, NULL, NULL, NULL, NULL));
	pthread_join(thread, NULL);
	empty();
	pester(1);
	FD_SET(ends[0], &in);
	SETS(select(most, &in, NULL, NULL, NULL));
	SETS(pselect(0, NULL, NULL, NULL, NULL, NULL));
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	SETS(pselect(0, NULL, NULL, NULL, NULL, &none));
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	pester(0);
}

static void epolling(void)
{
	struct epoll_event got[4], event = { .events = EPOLLIN, .data.u32 = 17 };
	struct timespec start;
	pthread_t thread;
	const int fd = epoll_create1(0);

	SETS(epoll_create(0));
	SETS(epoll_create1(77));
	SETS(epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event));
	SETS(epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event));
	SETS(epoll_ctl(fd, EPOLL_CTL_MOD, ends[1], &event));
	SETS(epoll_ctl(fd, EPOLL_CTL_DEL, ends[1], NULL));
	SETS(epoll_ctl(fd, EPOLL_CTL_ADD, fd, &event));
	SETS(epoll_ctl(fd, EPOLL_CTL_ADD, -1, &event));
	SETS(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[0], &event));
	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(epoll_wait(fd, got, 4, 20));
	with(", late enough %d", elapsed(CLOCK_MONOTONIC, &start, 20));
	SETS(epoll_wait(fd, got, 4, 0));
	SETS(epoll_wait(fd, got, 0, 0));
	SETS(epoll_wait(fd, got, -1, 0));
	SETS(epoll_wait(-1, got, 4, 0));
	SETS(epoll_wait(ends[0], got, 4, 0));
	thread = later();
	SETS(epoll_wait(fd, got, 4, -1));
	with(", events %u data %u", got[0].events, got[0].data.u32);
	pthread_join(thread, NULL);
	SETS(epoll_pwait(fd, got, 4, -1, NULL));
	with(", events %u data %u", got[0].events, got[0].data.u32);
	empty();
	SETS(epoll_pwait(fd, got, 4, 10, &none));
	SETS(epoll_pwait(fd, got, 0, 10, &none));
	SETS(epoll_pwait(-1, got, 4, 10, &none));
	SETS(epoll_pwait(ends[0], got, 4, 10, &none));
	pester(1);
	SETS(epoll_wait(fd, got, 4, -1));
	SETS(epoll_pwait(fd, got, 4, 600000, NULL));
	pthread_sigmask(SIG_BLOCK, &alarms, NULL);
	SETS(epoll_pwait(fd, got, 4, -1, &none));
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	pester(0);
	event.events = EPOLLIN | EPOLLET | EPOLLONESHOT;
	SETS(epoll_ctl(fd, EPOLL_CTL_MOD, ends[0], &event));
	writes_later(NULL);
	SETS(epoll_wait(fd, got, 4, -1));
	SETS(epoll_wait(fd, got, 4, 10));
	empty();
	SETS(epoll_ctl(fd, EPOLL_CTL_DEL, ends[0], NULL));
	close(fd);
}

static int counter;

static void *adds_later(void *unused)
{
	const uint64_t three = 3;

	SETS(write(counter, &three, sizeof(three)));
	return unused;
}

static void events(void)
{
	uint64_t value = 0;
	pthread_t thread;

	SETS(eventfd(0, 77));
	counter = eventfd(2, EFD_NONBLOCK);
	SETS(read(counter, &value, sizeof(value)));
	with(", %d", (int)value);
	SETS(read(counter, &value, sizeof(value)));
	SETS(read(counter, &value, 4));
	value = UINT64_MAX;
	SETS(write(counter, &value, sizeof(value)));
	value = UINT64_MAX - 1;
	SETS(write(counter, &value, sizeof(value)));
	value = 1;
	SETS(write(counter, &value, sizeof(value)));
	close(counter);
	counter = eventfd(0, EFD_SEMAPHORE);
	if (pthread_create(&thread, NULL, adds_later, NULL))
		abort();
	{
		const long got = read(counter, &value, sizeof(value)); /* waits */

		pthread_join(thread, NULL);
		says("read", "%ld, %d", got, (int)value);
	}
	SETS(read(counter, &value, sizeof(value)));
	SETS(poll(&(struct pollfd){ .fd = counter, .events = POLLIN | POLLOUT }, 1, 0));
	SETS(read(counter, &value, sizeof(value)));
	fcntl(counter, F_SETFL, O_NONBLOCK);
	SETS(read(counter, &value, sizeof(value)));
	close(counter);
}

static void hang_up(void)
{
	struct pollfd fd = { .fd = ends[0], .events = POLLIN };

	close(ends[1]);
	SETS(poll(&fd, 1, -1));
	with(", revents %d", fd.revents);
	close(ends[0]);
	SETS(poll(&fd, 1, -1));
	with(", revents %d", fd.revents);
}

void polls(void)
{
	sigemptyset(&none);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	if (pipe(ends))
		abort();
	polling();
	selecting();
	epolling();
	events();
	hang_up();
}
