/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams between threads and processes of one schedule.
 *
 *	datagrams              all that holds, natively and in each schedule
 *	datagrams PART         one of them
 *	datagrams lost         a question is asked before anybody has the address, and its answer
 *		waited for
 *	datagrams kept         the same once somebody has
 *	datagrams stuck        two threads write to each other's full queues
 *	datagrams stranger     waits a little for an answer from outside
 */
#include "must.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 3

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_un name;
};

static union address server;
static socklen_t server_size;
static int family = AF_INET;

/* A socket with an address that the system chooses. */
static int bound(union address *own, socklen_t *size)
{
	const int fd = socket(family, SOCK_DGRAM, 0);
	union address any = { .any.sa_family = (sa_family_t)family };

	must(fd >= 0);
	if (family == AF_INET)
		any.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (family == AF_INET6)
		any.six.sin6_addr = in6addr_loopback;
	must(bind(fd, &any.any,
		  family == AF_INET    ? sizeof(any.four)
		  : family == AF_INET6 ? sizeof(any.six)
				       : sizeof(sa_family_t)) == 0);
	*size = sizeof(*own);
	must(getsockname(fd, &own->any, size) == 0);
	return fd;
}

/* Answers each question with the next number, until it is asked with 0. */
static void *serves(void *of)
{
	const int fd = (int)(long)of;
	union address from;
	int number = 1;

	while (number) {
		socklen_t size = sizeof(from);

		must(recvfrom(fd, &number, sizeof(number), 0, &from.any, &size) == sizeof(number));
		number += number != 0;
		must(sendto(fd, &number, sizeof(number), 0, &from.any, size) == sizeof(number));
	}
	return NULL;
}

static void ask(int fd, int question, int connected)
{
	int answer = -1;

	must(sendto(fd, &question, sizeof(question), 0, connected ? NULL : &server.any,
		    connected ? 0 : server_size) == sizeof(question));
	must(recv(fd, &answer, sizeof(answer), 0) == sizeof(answer));
	must(answer == question + (question != 0));
}

/* Has no address before it writes; of a name, one that the system chose. */
static int client(int connects)
{
	union address own;
	socklen_t size;
	const int fd = family == AF_UNIX ? bound(&own, &size) : socket(family, SOCK_DGRAM, 0);

	must(fd >= 0);
	if (connects)
		must(connect(fd, &server.any, server_size) == 0);
	return fd;
}

static void *asks(void *connects)
{
	const int connected = connects != NULL, fd = client(connected);

	for (int i = 1; i <= ROUNDS; i++)
		ask(fd, i, connected);
	close(fd);
	return NULL;
}

static void ends(void)
{
	const int fd = client(0);

	ask(fd, 0, 0);
	close(fd);
}

/* A server and two clients, each a thread. */
static void threads(void)
{
	const int fd = bound(&server, &server_size);
	pthread_t serving, asking[2];

	must(pthread_create(&serving, NULL, serves, (void *)(long)fd) == 0);
	for (long i = 0; i < 2; i++)
		must(pthread_create(&asking[i], NULL, asks, (void *)i) == 0);
	for (int i = 0; i < 2; i++)
		pthread_join(asking[i], NULL);
	ends();
	pthread_join(serving, NULL);
	close(fd);
}

static pid_t forks(void *(*function)(void *), long argument)
{
	const pid_t child = fork();

	must(child >= 0);
	if (child == 0) {
		function((void *)argument);
		_exit(0);
	}
	return child;
}

/* The same as processes. */
static void processes(void)
{
	const int fd = bound(&server, &server_size);
	pid_t child[3];
	int status;

	child[0] = forks(serves, fd);
	close(fd);
	child[1] = forks(asks, 0);
	child[2] = forks(asks, 1);
	for (int i = 1; i < 3; i++)
		must(waitpid(child[i], &status, 0) == child[i] && status == 0);
	ends();
	must(waitpid(child[0], &status, 0) == child[0] && status == 0);
}

/* Waited for by the calls that wait for many. */
static void *waits_for_many(void *of)
{
	const int fd = (int)(long)of, set = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd one = { .fd = fd, .events = POLLIN };
	int number;

	must(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0);
	must(epoll_wait(set, &event, 1, -1) == 1);
	must(recv(fd, &number, sizeof(number), 0) == sizeof(number) && number == 1);
	must(poll(&one, 1, -1) == 1);
	must(recv(fd, &number, sizeof(number), 0) == sizeof(number) && number == 2);
	must(epoll_wait(set, &event, 1, 1) == 0);
	close(set);
	return NULL;
}

static void sets(void)
{
	const int fd = bound(&server, &server_size), from = client(0);
	pthread_t thread;

	must(pthread_create(&thread, NULL, waits_for_many, (void *)(long)fd) == 0);
	for (int i = 1; i <= 2; i++)
		must(sendto(from, &i, sizeof(i), 0, &server.any, server_size) == sizeof(i));
	pthread_join(thread, NULL);
	close(fd);
	close(from);
}

static void *reads_all(void *of)
{
	const int fd = (int)(long)of;
	int number, next = 0;

	do
		must(recv(fd, &number, sizeof(number), 0) == sizeof(number) && number == next);
	while (next++ < 199);
	return NULL;
}

/* More than a queue of a name holds. */
static void full(void)
{
	const int before = family;
	int fd, from;
	pthread_t thread;

	family = AF_UNIX;
	fd = bound(&server, &server_size);
	from = client(0);
	must(pthread_create(&thread, NULL, reads_all, (void *)(long)fd) == 0);
	for (int i = 0; i < 200; i++)
		must(sendto(from, &i, sizeof(i), 0, &server.any, server_size) == sizeof(i));
	pthread_join(thread, NULL);
	close(fd);
	close(from);
	family = before;
}

static void of_all_families(void (*run)(void))
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX };

	for (int i = 0; i < 3; i++) {
		family = families[i];
		run();
	}
	family = AF_INET;
}

/* ---- what goes wrong, and what does not ---- */

static void *binds_and_serves(void *nothing)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int number;
	union address from;
	socklen_t size = sizeof(from);

	must(bind(fd, &server.any, server_size) == 0);
	must(recvfrom(fd, &number, sizeof(number), 0, &from.any, &size) == sizeof(number));
	number++;
	must(sendto(fd, &number, sizeof(number), 0, &from.any, size) == sizeof(number));
	close(fd);
	return nothing;
}

static void asked_early(int kept)
{
	int fd = bound(&server, &server_size);
	const int from = client(0);
	pthread_t thread;

	/* The address is free from here on, and known. */
	if (!kept) {
		close(fd);
		must(pthread_create(&thread, NULL, binds_and_serves, NULL) == 0);
		ask(from, 5, 0);
	} else {
		must(pthread_create(&thread, NULL, serves, (void *)(long)fd) == 0);
		ask(from, 5, 0);
		ask(from, 0, 0);
	}
	pthread_join(thread, NULL);
}

static union address other;
static socklen_t other_size;

static void *fills(void *of)
{
	const int *fds = of;
	const int number = 1;

	for (int i = 0; i < 200; i++)
		must(sendto(fds[0], &number, sizeof(number), 0, fds[1] ? &other.any : &server.any,
			    fds[1] ? other_size : server_size) == sizeof(number));
	return NULL;
}

/* Neither reads before it has written all. */
static void stuck(void)
{
	int fds[2][2];
	pthread_t thread;

	family = AF_UNIX;
	fds[0][0] = bound(&server, &server_size);
	fds[0][1] = 1;
	fds[1][0] = bound(&other, &other_size);
	fds[1][1] = 0;
	must(pthread_create(&thread, NULL, fills, fds[0]) == 0);
	fills(fds[1]);
	pthread_join(thread, NULL);
}

/* To a port of this machine that nobody of us has. */
static void stranger(void)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct timeval little = { 0, 20000 };
	int number = 1;

	server.four = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(9) };
	server.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &little, sizeof(little)) == 0);
	must(sendto(fd, &number, sizeof(number), 0, &server.any, sizeof(server.four)) ==
	     sizeof(number));
	must(recv(fd, &number, sizeof(number), 0) == -1);
}

int main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	if (strcmp(part, "lost") == 0 || strcmp(part, "kept") == 0)
		asked_early(part[0] == 'k');
	else if (strcmp(part, "stuck") == 0)
		stuck();
	else if (strcmp(part, "stranger") == 0)
		stranger();
	if (!*part || strcmp(part, "threads") == 0)
		of_all_families(threads);
	if (!*part || strcmp(part, "sets") == 0)
		of_all_families(sets);
	if (!*part || strcmp(part, "full") == 0)
		full();
	if (!*part || strcmp(part, "processes") == 0)
		of_all_families(processes);
	return 0;
}
