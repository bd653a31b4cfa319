/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that counts, and its client, for --with.
 *
 *	server fork|threads|racy|unix|stubborn|fails    each connection adds to one counter, in a
 *		child, a thread, a thread without a lock; on a socket in the file system; never
 *		ends by itself; ends before it serves
 *	server client N [unix]     N connections, one after the other; fails unless the counter
 *		rises
 *	server two N               two such clients at once, and the count at the end
 */
#include "must.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORT 7117
#define NAME "counter.socket"

struct counter {
	pthread_mutex_t lock;
	int value;
};

static struct counter *counter;
static volatile sig_atomic_t ended;
static int locks = 1;

static void on_term(int number)
{
	(void)number;
	ended = 1;
}

static int open_socket(int in_files, int serve)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_port = htons(PORT),
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = NAME };
	const int fd = socket(in_files ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	const struct sockaddr *at =
		in_files ? (const struct sockaddr *)&name : (const struct sockaddr *)&address;
	const socklen_t size = in_files ? sizeof(name) : sizeof(address);

	must(fd >= 0);
	if (serve)
		must(bind(fd, at, size) == 0 && listen(fd, 4) == 0);
	else
		must(connect(fd, at, size) == 0);
	return fd;
}

/* What was asked is added, and the sum is the answer. */
static void serve(int fd)
{
	int amount, sum;

	while (read(fd, &amount, sizeof(amount)) == sizeof(amount)) {
		if (locks)
			pthread_mutex_lock(&counter->lock);
		sum = counter->value;
		if (!locks)
			usleep(1);
		sum += amount;
		counter->value = sum;
		if (locks)
			pthread_mutex_unlock(&counter->lock);
		must(write(fd, &sum, sizeof(sum)) == sizeof(sum));
	}
	close(fd);
}

static void *serve_in_thread(void *fd)
{
	serve((int)(long)fd);
	return NULL;
}

static void accept_all(int listener, int forks)
{
	pthread_t thread;
	int fd;

	while (!ended) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0) {
			must(errno == EINTR);
		} else if (forks) {
			if (fork() == 0) {
				close(listener);
				serve(fd);
				_exit(0);
			}
			close(fd);
		} else {
			must(pthread_create(&thread, NULL, serve_in_thread, (void *)(long)fd) == 0);
			pthread_detach(thread);
		}
	}
}

static int server(const char *how)
{
	const struct sigaction action = { .sa_handler = on_term };
	const int in_files = strcmp(how, "unix") == 0;
	pthread_mutexattr_t attributes;
	int listener;

	if (strcmp(how, "fails") == 0)
		return 4;
	if (strcmp(how, "stubborn") == 0)
		signal(SIGTERM, SIG_IGN);
	else
		sigaction(SIGTERM, &action, NULL);
	locks = strcmp(how, "racy") != 0;
	counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	must(counter != MAP_FAILED);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&counter->lock, &attributes);
	listener = open_socket(in_files, 1);
	accept_all(listener, strcmp(how, "fork") == 0);
	close(listener);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return 0;
}

/* The last answer. */
static int client(int connections, int in_files)
{
	const int one = 1;
	int last = 0;

	for (int i = 0; i < connections; i++) {
		const int fd = open_socket(in_files, 0);
		int sum = 0;

		must(write(fd, &one, sizeof(one)) == sizeof(one));
		must(read(fd, &sum, sizeof(sum)) == sizeof(sum));
		must(sum > last);
		last = sum;
		close(fd);
	}
	return last;
}

static void *client_in_thread(void *connections)
{
	client((int)(long)connections, 0);
	return NULL;
}

int main(int argc, char **argv)
{
	const int n = argc > 2 ? atoi(argv[2]) : 0;
	pthread_t threads[2];

	must(argc > 1);
	if (strcmp(argv[1], "client") == 0) {
		must(client(n, argc > 3) == n);
	} else if (strcmp(argv[1], "two") == 0) {
		for (int i = 0; i < 2; i++)
			must(pthread_create(&threads[i], NULL, client_in_thread, (void *)(long)n) ==
			     0);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
		must(client(1, 0) == 2 * n + 1);
	} else {
		return server(argv[1]);
	}
	return 0;
}
