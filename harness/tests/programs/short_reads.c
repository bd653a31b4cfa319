/* SPDX-License-Identifier: Apache-2.0 */
/* A program that believes in whole messages and in calls without EINTR; with an argument, one that
 * does not. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "must.h"

static int ends[2];

static void *send_message(void *careful)
{
	const char *message = "twelve bytes";
	size_t at = 0;

	while (at < 12) {
		const ssize_t size = write(ends[1], message + at, 12 - at);

		if (size < 0) {
			must(careful && errno == EINTR);
			continue;
		}
		at += (size_t)size;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	char message[12];
	size_t at = 0;
	ssize_t size;
	pthread_t t;

	must(pipe(ends) == 0);
	must(pthread_create(&t, NULL, send_message, argc > 1 ? argv[1] : NULL) == 0);
	do {
		size = read(ends[0], message + at, sizeof(message) - at);
		if (size > 0)
			at += (size_t)size;
		must(argc > 1 || size == 12);
	} while (at < 12);
	must(memcmp(message, "twelve bytes", 12) == 0);
	return pthread_join(t, NULL);
}
