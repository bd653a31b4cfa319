/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: assert -
 * The thread runs before its creator has made ready what it uses; no call lies between the two. */
#include <assert.h>
#include <pthread.h>
#include <stddef.h>

static const char *volatile message;

static void *reader(void *unused)
{
	assert(message);
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (FIXED)
		message = "ready";
	pthread_create(&thread, NULL, reader, NULL);
	message = "ready";
	pthread_join(thread, NULL);
	return 0;
}
