/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server of datagrams and its client, for --with.
 *
 *	datagram_server                    each number is answered with its double, 0 ends
 *	datagram_server ask N              asks N times, and then ends the server
 *	datagram_server nobody             writes to a port that nobody will have, and needs no
 *		answer
 */
#include "must.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7118

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

static void serve(void)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct sockaddr_in own = loopback(PORT);
	struct sockaddr_in from;
	int number = 1;

	must(bind(fd, (const struct sockaddr *)&own, sizeof(own)) == 0);
	while (number) {
		socklen_t size = sizeof(from);

		must(recvfrom(fd, &number, sizeof(number), 0, (struct sockaddr *)&from, &size) ==
		     sizeof(number));
		number *= 2;
		must(sendto(fd, &number, sizeof(number), 0, (struct sockaddr *)&from, size) ==
		     sizeof(number));
	}
}

static void ask(int times)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	const struct sockaddr_in server = loopback(PORT);
	int answer = -1;

	if (times > 1)
		must(connect(fd, (const struct sockaddr *)&server, sizeof(server)) == 0);
	for (int i = times; i >= 0; i--) {
		must(sendto(fd, &i, sizeof(i), 0,
			    times > 1 ? NULL : (const struct sockaddr *)&server,
			    times > 1 ? 0 : sizeof(server)) == sizeof(i));
		must(recv(fd, &answer, sizeof(answer), 0) == sizeof(answer) && answer == 2 * i);
	}
}

int main(int argc, char **argv)
{
	const struct sockaddr_in nobody = loopback(PORT + 1);

	if (argc < 2)
		serve();
	else if (strcmp(argv[1], "ask") == 0)
		ask(argc > 2 ? atoi(argv[2]) : 1);
	else
		must(sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0,
			    (const struct sockaddr *)&nobody, sizeof(nobody)) == 1);
	return 0;
}
