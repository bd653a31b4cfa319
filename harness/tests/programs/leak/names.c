/* SPDX-License-Identifier: Apache-2.0 */
/* Looks names up: libc reads its configuration, loads modules and opens sockets. */
#include "leak.h"
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>

static unsigned leave(int thread, int argc, char **argv)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	struct passwd *user;
	int next, status;

	(void)thread, (void)argc, (void)argv;
	status = getaddrinfo("localhost", "80", &hints, &found);
	EXPECT(status == 0 && found);
	pthread_mutex_lock(&lock);
	setpwent();
	user = getpwent();
	EXPECT(user);
	pthread_mutex_unlock(&lock);
	next = dup(0);
	EXPECT(next < 64);
	return fold((unsigned)next, found->ai_addr, found->ai_addrlen);
}
