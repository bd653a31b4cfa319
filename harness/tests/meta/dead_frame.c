/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime dead-frame
 * ALSO: race read-write
 * ALSO: race write-write
 * BUILD: jostle cc
 * A function hands a variable of its own to a thread, waits until that has begun, and returns; its
 * caller waits for the thread. */
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>

struct request {
	int state;
	sem_t begun;
};

static pthread_t thread;

static void *serve(void *argument)
{
	struct request *request = argument;

	request->state = 1;
	sem_post(&request->begun);
	if (!FIXED)
		request->state = 2;
	return NULL;
}

static void ask(void) __attribute__((noinline));

static void ask(void)
{
	struct request request = { 0 };

	sem_init(&request.begun, 0, 0);
	pthread_create(&thread, NULL, serve, &request);
	sem_wait(&request.begun);
	sem_destroy(&request.begun);
}

int main(void)
{
	ask();
	pthread_join(thread, NULL);
	return 0;
}
