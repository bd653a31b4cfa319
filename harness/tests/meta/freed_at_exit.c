/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime use-after-free
 * The program ends after a while, and frees what a thread of it may still work on. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

struct job {
	pthread_mutex_t lock;
	int count;
};

static void *work(void *argument)
{
	struct job *job = argument;

	pthread_mutex_lock(&job->lock);
	job->count++;
	pthread_mutex_unlock(&job->lock);
	return NULL;
}

int main(void)
{
	struct job *job = calloc(1, sizeof(*job));
	pthread_t thread;

	pthread_mutex_init(&job->lock, NULL);
	pthread_create(&thread, NULL, work, job);
	if (FIXED) {
		pthread_join(thread, NULL);
	} else {
		pthread_detach(thread);
		usleep(1000);
	}
	free(job);
	return 0;
}
