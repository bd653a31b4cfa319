/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime use-after-free
 * ALSO: deadlock no-signal
 * A condition is signalled after the lock was given up, and so after its end. */
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

struct request {
	pthread_mutex_t lock;
	pthread_cond_t done;
	int is_done;
};

static void *server(void *argument)
{
	struct request *request = argument;

	pthread_mutex_lock(&request->lock);
	request->is_done = 1;
	if (FIXED)
		pthread_cond_signal(&request->done);
	pthread_mutex_unlock(&request->lock);
	if (!FIXED)
		pthread_cond_signal(&request->done);
	return NULL;
}

int main(void)
{
	struct request *request = calloc(1, sizeof(*request));
	pthread_t thread;

	pthread_mutex_init(&request->lock, NULL);
	pthread_cond_init(&request->done, NULL);
	pthread_create(&thread, NULL, server, request);
	pthread_mutex_lock(&request->lock);
	while (!request->is_done)
		pthread_cond_wait(&request->done, &request->lock);
	pthread_mutex_unlock(&request->lock);
	free(request);
	pthread_join(thread, NULL);
	return 0;
}
