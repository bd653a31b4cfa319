/* SPDX-License-Identifier: Apache-2.0 */
/* poll, select, epoll, timerfd, sockets, FIFOs, queues: whatever a thread can wait on, fed by
 * another thread. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

static int ends[2];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *feed(void *unused)
{
	(void)unused;
	must(write(ends[1], "y", 1) == 1);
	return NULL;
}

static void with_feeder(void (*body)(void))
{
	pthread_t t;
	char byte;

	must(pipe(ends) == 0);
	must(pthread_create(&t, NULL, feed, NULL) == 0);
	body();
	must(read(ends[0], &byte, 1) == 1 && byte == 'y');
	must(pthread_join(t, NULL) == 0);
	close(ends[0]);
	close(ends[1]);
}

static void by_poll(void)
{
	struct pollfd p = { .fd = ends[0], .events = POLLIN };

	must(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
}

static void by_select(void)
{
	fd_set in;

	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	must(select(ends[0] + 1, &in, NULL, NULL, NULL) == 1 && FD_ISSET(ends[0], &in));
}

static void by_epoll(void)
{
	struct epoll_event e = { .events = EPOLLIN, .data = { .u64 = 77 } };
	const int fd = epoll_create1(0);

	must(fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &e) == 0);
	e.data.u64 = 0;
	must(epoll_wait(fd, &e, 1, -1) == 1 && e.data.u64 == 77);
	close(fd);
}

static void timeouts(void)
{
	struct pollfd p;
	struct timeval brief = { 2, 0 };
	struct timespec soon = { 1, 500000000 };
	struct epoll_event e;
	double begin;
	fd_set in;
	int fd;

	must(pipe(ends) == 0);
	p = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	begin = now();
	must(poll(&p, 1, 0) == 0);
	must(poll(&p, 1, 1000) == 0 && p.revents == 0);
	must(now() - begin >= 1);
	must(poll(NULL, 0, 100) == 0);
	must(ppoll(&p, 1, &soon, NULL) == 0 && soon.tv_sec == 1);
	FD_ZERO(&in);
	FD_SET(ends[0], &in);
	must(select(ends[0] + 1, &in, NULL, NULL, &brief) == 0 && !FD_ISSET(ends[0], &in));
	must(brief.tv_sec == 0 && brief.tv_usec == 0);
	fd = epoll_create1(0);
	must(epoll_wait(fd, &e, 1, 500) == 0);
	must(now() - begin >= 5.0);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

static void timer_descriptors(void)
{
	struct itimerspec t = { .it_value = { 3, 0 }, .it_interval = { 1, 0 } }, left;
	const int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t times;

	must(fd >= 0 && timerfd_settime(fd, 0, &t, NULL) == 0);
	must(timerfd_gettime(fd, &left) == 0 && left.it_value.tv_sec <= 3 &&
	     left.it_interval.tv_sec == 1);
	must(poll(&p, 1, -1) == 1);
	must(read(fd, &times, 8) == 8 && times >= 1);
	must(read(fd, &times, 8) == 8 && times >= 1);
	memset(&t, 0, sizeof(t));
	must(timerfd_settime(fd, 0, &t, NULL) == 0);
	must(poll(&p, 1, 10) == 0);
	close(fd);
}

static struct sockaddr_in address;

static void *serve(void *listener)
{
	const int fd = accept4((int)(intptr_t)listener, NULL, NULL, SOCK_CLOEXEC);
	char byte;

	must(fd >= 0);
	while (recv(fd, &byte, 1, 0) == 1) {
		byte++;
		must(send(fd, &byte, 1, 0) == 1);
	}
	close(fd);
	return NULL;
}

static void internet(void)
{
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = sizeof(address);
	pthread_t t;
	char byte;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 5) == 0);
	must(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
	must(pthread_create(&t, NULL, serve, (void *)(intptr_t)listener) == 0);
	must(connect(fd, (struct sockaddr *)&address, size) == 0);
	for (char c = 'a'; c < 'f'; c++) {
		must(send(fd, &c, 1, 0) == 1 && recv(fd, &byte, 1, 0) == 1);
		must(byte == c + 1);
	}
	shutdown(fd, SHUT_WR);
	must(recv(fd, &byte, 1, 0) == 0);
	must(pthread_join(t, NULL) == 0);
	close(fd);
	close(listener);
}

static void *talk(void *unused)
{
	static char many[300000];
	struct iovec v[2] = { { many, 100000 }, { many + 100000, 200000 } };

	memset(many, 'm', sizeof(many));
	must(writev(ends[1], v, 2) == 300000);
	close(ends[1]);
	return unused;
}

static void unix_sockets(void)
{
	struct timeval brief = { 1, 0 };
	char piece[5000];
	pthread_t t;
	ssize_t size;
	long total = 0;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief)) == 0);
	must(recv(ends[0], piece, 1, 0) == -1 && errno == EAGAIN);
	must(recv(ends[0], piece, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
	must(send(ends[1], "abc", 3, 0) == 3 && recv(ends[0], piece, 2, MSG_PEEK) == 2);
	must(recv(ends[0], piece, 3, MSG_WAITALL) == 3);
	brief.tv_sec = 0;
	must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief)) == 0);
	must(pthread_create(&t, NULL, talk, NULL) == 0);
	while ((size = read(ends[0], piece, sizeof(piece))) > 0)
		total += size;
	must(size == 0 && total == 300000);
	must(pthread_join(t, NULL) == 0);
	close(ends[0]);
}

static char fifo[64];

static void *fifo_writer(void *unused)
{
	const int fd = open(fifo, O_WRONLY);

	must(fd >= 0 && write(fd, "fifo", 4) == 4);
	close(fd);
	return unused;
}

static void fifos(void)
{
	char word[8];
	pthread_t t;
	int fd;

	snprintf(fifo, sizeof(fifo), "/tmp/jostle-fifo.%d", getpid());
	unlink(fifo);
	must(mkfifo(fifo, 0600) == 0);
	must(pthread_create(&t, NULL, fifo_writer, NULL) == 0);
	fd = open(fifo, O_RDONLY);
	must(fd >= 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK));
	must(read(fd, word, 8) == 4 && memcmp(word, "fifo", 4) == 0);
	must(read(fd, word, 8) == 0);
	must(pthread_join(t, NULL) == 0);
	close(fd);
	unlink(fifo);
}

static mqd_t queue;
static int message_queue, semaphores, locks[2];

static void *queue_reader(void *unused)
{
	struct {
		long type;
		char text[8];
	} m;
	struct sembuf up = { 0, 1, 0 };
	char text[16];

	must(mq_receive(queue, text, sizeof(text), NULL) == 3);
	must(msgrcv(message_queue, &m, 8, 0, 0) == 2);
	must(semop(semaphores, &up, 1) == 0);
	must(flock(locks[1], LOCK_EX) == 0);
	return unused;
}

static void queues(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 2, .mq_msgsize = 16 };
	struct {
		long type;
		char text[8];
	} m = { 1, "ab" };
	struct sembuf down = { 0, -1, 0 };
	struct timespec past = { 1, 0 };
	char name[64], name_of_file[64], text[16];
	pthread_t t;
	int file;

	snprintf(name, sizeof(name), "/jostle.%d", getpid());
	mq_unlink(name);
	queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
	must(queue >= 0);
	must(mq_timedreceive(queue, text, sizeof(text), NULL, &past) == -1 && errno == ETIMEDOUT);
	message_queue = msgget(IPC_PRIVATE, 0600);
	semaphores = semget(IPC_PRIVATE, 1, 0600);
	file = memfd_create("locks", 0);
	snprintf(name_of_file, sizeof(name_of_file), "/proc/self/fd/%d", file);
	locks[0] = open(name_of_file, O_RDONLY);
	locks[1] = open(name_of_file, O_RDONLY);
	must(message_queue >= 0 && semaphores >= 0);
	must(flock(locks[0], LOCK_EX) == 0 && flock(locks[1], LOCK_EX | LOCK_NB) == -1 &&
	     errno == EWOULDBLOCK);
	must(pthread_create(&t, NULL, queue_reader, NULL) == 0);
	must(mq_send(queue, "abc", 3, 0) == 0);
	must(msgsnd(message_queue, &m, 2, 0) == 0);
	must(semop(semaphores, &down, 1) == 0);
	must(flock(locks[0], LOCK_UN) == 0);
	must(pthread_join(t, NULL) == 0);
	mq_close(queue);
	mq_unlink(name);
	msgctl(message_queue, IPC_RMID, NULL);
	semctl(semaphores, 0, IPC_RMID);
	close(locks[0]);
	close(locks[1]);
	close(file);
}

static void *cancelled(void *unused)
{
	char byte;

	(void)unused;
	(void)!read(ends[0], &byte, 1);
	return NULL;
}

/* Within stdio, whose read is a cancellation point, too; the stream's lock must not stay taken. */
static void *cancelled_in_stdio(void *stream)
{
	char line[16];

	must(fgets(line, sizeof(line), stream) == NULL);
	return NULL;
}

static void cancellation_in_libc(void)
{
	FILE *stream;
	pthread_t t;
	void *value;

	must(pipe(ends) == 0);
	stream = fdopen(ends[0], "r");
	must(pthread_create(&t, NULL, cancelled_in_stdio, stream) == 0);
	must(pthread_cancel(t) == 0 && pthread_join(t, &value) == 0 && value == PTHREAD_CANCELED);
	must(ftrylockfile(stream) == 0);
	funlockfile(stream);
	fclose(stream);
	close(ends[1]);
}

static void cancellation(void)
{
	pthread_t t;
	void *value;

	must(pipe(ends) == 0);
	must(pthread_create(&t, NULL, cancelled, NULL) == 0);
	must(pthread_cancel(t) == 0 && pthread_join(t, &value) == 0 && value == PTHREAD_CANCELED);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	with_feeder(by_poll);
	with_feeder(by_select);
	with_feeder(by_epoll);
	timeouts();
	timer_descriptors();
	internet();
	unix_sockets();
	fifos();
	queues();
	cancellation();
	cancellation_in_libc();
	return 0;
}
