/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports that the system chooses: what one call says of an address all others do, a port that was
 * told is one that can be written to, and the numbers, which are printed, are the same in each
 * schedule.
 */
#include "must.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_in own_of(int fd)
{
	struct sockaddr_in own;
	socklen_t size = sizeof(own);

	must(getsockname(fd, (struct sockaddr *)&own, &size) == 0);
	return own;
}

static struct sockaddr_in peer_of(int fd)
{
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);

	must(getpeername(fd, (struct sockaddr *)&peer, &size) == 0);
	return peer;
}

static int same(struct sockaddr_in a, struct sockaddr_in b)
{
	return a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
}

static void stream(int server, int client)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	const int fd = accept(server, (struct sockaddr *)&from, &size);

	must(fd >= 0 && same(from, own_of(client)) && same(peer_of(fd), own_of(client)));
	must(same(own_of(fd), own_of(server)));
	close(fd);
}

/* By each call that takes or tells an address. */
static void datagrams(int server, int client)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	char byte = 'a';
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_name = &from, .msg_iov = &part, .msg_iovlen = 1 };
	struct mmsghdr two[2];

	must(send(client, &byte, 1, 0) == 1);
	must(recvfrom(server, &byte, 1, 0, (struct sockaddr *)&from, &size) == 1);
	must(same(from, own_of(client)));
	must(sendto(server, &byte, 1, 0, (struct sockaddr *)&from, size) == 1);
	message.msg_namelen = sizeof(from);
	must(sendmsg(server, &message, 0) == 1);
	two[0].msg_hdr = two[1].msg_hdr = message;
	must(sendmmsg(server, two, 2, 0) == 2 && two[0].msg_len == 1 && two[1].msg_len == 1);
	for (int i = 0; i < 4; i++)
		must(recv(client, &byte, 1, 0) == 1);
	for (int i = 0; i < 2; i++) {
		must(send(client, &byte, 1, 0) == 1);
		memset(&from, 0, sizeof(from));
		if (i == 0)
			must(recvmsg(server, &message, 0) == 1);
		else
			must(recvmmsg(server, two, 1, 0, NULL) == 1);
		must(same(from, own_of(client)));
	}
}

static void told(int type, int shares)
{
	const int server = socket(AF_INET, type, 0), client = socket(AF_INET, type, 0);
	struct sockaddr_in address = { .sin_family = AF_INET };
	pid_t child;
	int status;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &shares, sizeof(shares)) == 0);
	must(bind(server, (struct sockaddr *)&address, sizeof(address)) == 0);
	if (type == SOCK_STREAM)
		must(listen(server, 3) == 0);
	address = own_of(server);
	must(address.sin_port != 0);
	must(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	must(same(peer_of(client), address));
	printf("%d %d\n", ntohs(address.sin_port), ntohs(own_of(client).sin_port));
	if (type == SOCK_STREAM)
		stream(server, client);
	else
		datagrams(server, client);
	/* It is taken, and a child knows it, too. */
	child = fork();
	must(child >= 0);
	if (child == 0) {
		const int fd = socket(AF_INET, type, 0);

		must(bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
		     errno == EADDRINUSE);
		must(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0);
	close(server);
	close(client);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int shares = 0; shares < 2; shares++) {
		told(SOCK_STREAM, shares);
		told(SOCK_DGRAM, shares);
	}
	return 0;
}
