/* SPDX-License-Identifier: Apache-2.0 */
/* sys/socket.h: connections by name and by address, datagrams, messages with descriptors. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "differential.h"

static char buffer[65536];

static void pairs(void)
{
	int s[2];

	SETS(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	SETS(send(s[0], "hello", 5, 0));
	memset(buffer, 0, 16);
	SETS(recv(s[1], buffer, 3, MSG_PEEK));
	with(", \"%s\"", buffer);
	SETS(recv(s[1], buffer, 16, 0));
	with(", \"%s\"", buffer);
	SETS(recv(s[1], buffer, 16, MSG_DONTWAIT));
	SETS(send(s[0], "ab", 2, MSG_MORE));
	SETS(send(s[0], "cd", 2, 0));
	SETS(recv(s[1], buffer, 4, MSG_WAITALL));
	with(", \"%.4s\"", buffer);
	SETS(sendto(s[0], "x", 1, 0, NULL, 0));
	SETS(recvfrom(s[1], buffer, 1, 0, NULL, NULL));
	SETS(recvfrom(s[1], buffer, 1, MSG_DONTWAIT, NULL, NULL));
	SETS(recvfrom(-1, buffer, 1, 0, NULL, NULL));
	SETS(shutdown(s[0], SHUT_WR));
	SETS(recv(s[1], buffer, 16, 0));
	SETS(recvfrom(s[1], buffer, 16, 0, NULL, NULL));
	SETS(send(s[0], "x", 1, MSG_NOSIGNAL));
	SETS(send(-1, "x", 1, 0));
	SETS(sendto(-1, "x", 1, 0, NULL, 0));
	SETS(recv(-1, buffer, 1, 0));
	SETS(recv(0, buffer, 1, 0)); /* no socket */
	SETS(send(0, buffer, 1, 0));
	close(s[0]);
	handled = 0;
	handle(SIGPIPE, count_signal, 0);
	SETS(send(s[1], "x", 1, 0));
	with(", handled %d", handled);
	SETS(send(s[1], "x", 1, MSG_NOSIGNAL));
	with(", handled %d", handled);
	signal(SIGPIPE, SIG_DFL);
	close(s[1]);
	SETS(socketpair(AF_INET, SOCK_STREAM, 0, s));
	SETS(socketpair(AF_UNIX, 77, 0, s));
	SETS(socket(77, SOCK_STREAM, 0));
}

static void messages(void)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
	struct iovec parts[2] = { { buffer, 3 }, { buffer + 3, 3 } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	struct cmsghdr *header;
	int s[2], passed, null = open("/dev/null", O_WRONLY);

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
		abort();
	memcpy(buffer, "abcdef", 6);
	SETS(sendmsg(s[0], &message, 0));
	memset(buffer, 0, 8);
	SETS(recvmsg(s[1], &message, 0));
	with(", \"%s\" flags %d", buffer, message.msg_flags);
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
				    .cmsg_type = SCM_RIGHTS,
				    .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(header), &null, sizeof(int));
	SETS(sendmsg(s[0], &message, 0));
	memset(control, 0, sizeof(control));
	SETS(recvmsg(s[1], &message, 0));
	memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	with(", a descriptor that writes %ld", (long)write(passed, "x", 1));
	close(passed);
	message.msg_control = NULL;
	message.msg_controllen = 0;
	SETS(send(s[0], "too long for it", 15, 0));
	SETS(recvmsg(s[1], &message, 0));
	with(", truncated %d", message.msg_flags == MSG_TRUNC);
	SETS(recvmsg(s[1], &message, MSG_DONTWAIT));
	SETS(recvmsg(-1, &message, 0));
	SETS(sendmsg(-1, &message, 0));
	memset(control, 0, sizeof(control));
	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	header = CMSG_FIRSTHDR(&message);
	*header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
				    .cmsg_type = SCM_RIGHTS,
				    .cmsg_len = CMSG_LEN(sizeof(int)) };
	passed = -1;
	memcpy(CMSG_DATA(header), &passed, sizeof(int));
	SETS(sendmsg(s[0], &message, 0)); /* no such descriptor to pass */
	SETS(sendmsg(s[0], NULL, 0));
	close(s[0]);
	close(s[1]);
	close(null);
}

/* ---- a server and its client ---- */

static struct sockaddr_in server_address;

static void *is_client(void *text)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	char reply[16] = "";
	long connected = connect(fd, (struct sockaddr *)&server_address, sizeof(server_address));
	long sent = send(fd, text, strlen(text), 0), got = recv(fd, reply, sizeof(reply), 0);

	close(fd);
	return (void *)(connected * 10000 + sent * 100 + got);
}

static void serve(int flags)
{
	struct sockaddr_in peer;
	socklen_t length = sizeof(server_address), peer_length = sizeof(peer);
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t thread;
	void *value = NULL;
	int fd;

	server_address = (struct sockaddr_in){ .sin_family = AF_INET };
	server_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	SETS(bind(listener, (struct sockaddr *)&server_address, sizeof(server_address)));
	SETS(accept(listener, NULL, NULL)); /* not listening */
	SETS(accept4(listener, NULL, NULL, 0));
	SETS(listen(listener, 5));
	SETS(getsockname(listener, (struct sockaddr *)&server_address, &length));
	if (pthread_create(&thread, NULL, is_client, "question"))
		abort();
	if (flags < 0) {
		fd = accept(listener, (struct sockaddr *)&peer, &peer_length);
		is_so("accept(listener, &peer, &length)", fd >= 0);
	} else {
		fd = accept4(listener, (struct sockaddr *)&peer, &peer_length, flags);
		is_so("accept4(listener, &peer, &length, flags)", fd >= 0);
		with(", flags %d %d", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, fcntl(fd, F_GETFD));
		fcntl(fd, F_SETFL, 0);
	}
	with(", from loopback %d", peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	memset(buffer, 0, 16);
	SETS(recv(fd, buffer, 8, MSG_WAITALL));
	with(", \"%s\"", buffer);
	SETS(send(fd, "answer", 6, 0));
	SETS(recv(fd, buffer, 8, 0)); /* the client has closed */
	pthread_join(thread, &value);
	says("connect", "client %ld", (long)value);
	close(fd);
	fcntl(listener, F_SETFL, O_NONBLOCK);
	SETS(accept(listener, NULL, NULL)); /* nobody comes */
	SETS(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	SETS(accept4(listener, NULL, NULL, 77));
	close(listener);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	SETS(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address)));
	close(fd);
}

static void refusals(void)
{
	struct sockaddr_un nowhere = { .sun_family = AF_UNIX, .sun_path = "/nonexistent/socket" };
	struct sockaddr_in unknown = { .sin_family = 77 };
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0), inet = socket(AF_INET, SOCK_STREAM, 0);

	SETS(connect(fd, (struct sockaddr *)&nowhere, sizeof(nowhere)));
	SETS(connect(-1, (struct sockaddr *)&nowhere, sizeof(nowhere)));
	SETS(connect(0, (struct sockaddr *)&nowhere, sizeof(nowhere)));
	SETS(connect(inet, (struct sockaddr *)&unknown, sizeof(unknown)));
	SETS(connect(inet, (struct sockaddr *)&unknown, 1));
	SETS(accept(-1, NULL, NULL));
	SETS(accept(0, NULL, NULL));
	SETS(accept4(-1, NULL, NULL, 0));
	SETS(accept4(0, NULL, NULL, 0));
	SETS(send(inet, "x", 1, MSG_NOSIGNAL)); /* not connected */
	SETS(recv(inet, buffer, 1, 0));
	close(fd);
	close(inet);
}

/* ---- datagrams and abstract names ---- */

static void *sends_later(void *address)
{
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	const struct sockaddr_un *to = address;

	SETS(sendto(fd, "datagram", 8, 0, (const struct sockaddr *)to, sizeof(*to)));
	close(fd);
	return NULL;
}

static void datagrams(void)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX }, from, missing = here;
	socklen_t length = sizeof(from);
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0), other = socket(AF_UNIX, SOCK_DGRAM, 0);
	pthread_t thread;
	long got;

	snprintf(here.sun_path + 1, sizeof(here.sun_path) - 1, "jostle-differential-%d",
		 (int)getpid());
	snprintf(missing.sun_path + 1, sizeof(missing.sun_path) - 1, "jostle-nobody-%d",
		 (int)getpid());
	SETS(bind(fd, (struct sockaddr *)&here, sizeof(here)));
	SETS(bind(other, (struct sockaddr *)&here, sizeof(here)));
	SETS(sendto(other, "x", 1, 0, (struct sockaddr *)&missing, sizeof(missing)));
	SETS(sendto(other, "x", 1, 0, NULL, 0));
	if (pthread_create(&thread, NULL, sends_later, &here))
		abort();
	memset(buffer, 0, 16);
	got = recvfrom(fd, buffer, 16, 0, (struct sockaddr *)&from, &length); /* waits */
	pthread_join(thread, NULL);
	says("recvfrom", "%ld \"%s\", from family %d", got, buffer,
	     length >= sizeof(from.sun_family) ? from.sun_family : 0);
	SETS(connect(other, (struct sockaddr *)&here, sizeof(here)));
	SETS(send(other, "y", 1, 0));
	SETS(recvfrom(fd, buffer, 16, MSG_DONTWAIT, NULL, NULL));
	SETS(recvfrom(fd, buffer, 16, MSG_DONTWAIT, NULL, NULL));
	close(fd);
	SETS(send(other, "z", 1, 0));
	close(other);
}

static void interrupted(void)
{
	struct iovec part = { buffer, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		abort();
	pester(1);
	SETS(recv(s[0], buffer, 1, 0));
	SETS(recvfrom(s[0], buffer, 1, 0, NULL, NULL));
	SETS(recvmsg(s[0], &message, 0));
	pester(0);
	setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 0, 20000 },
		   sizeof(struct timeval));
	SETS(recv(s[0], buffer, 1, 0));
	close(s[0]);
	close(s[1]);
}

void sockets(void)
{
	pairs();
	messages();
	serve(-1);
	serve(SOCK_NONBLOCK | SOCK_CLOEXEC);
	serve(0);
	refusals();
	datagrams();
	interrupted();
}
