/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock pipe
 * The writing end stays open, so the reader sees no end. */
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static int ends[2];

static void *reader(void *unused)
{
	char byte;

	while (read(ends[0], &byte, 1) == 1)
		;
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (pipe(ends) < 0)
		return 1;
	pthread_create(&thread, NULL, reader, NULL);
	if (write(ends[1], "ab", 2) != 2)
		return 1;
	if (FIXED)
		close(ends[1]);
	pthread_join(thread, NULL);
	close(ends[0]);
	return 0;
}
