/* SPDX-License-Identifier: Apache-2.0 */
/* An atomic instruction on an object that is not there yet. */
#include <pthread.h>
#include <stdatomic.h>

static struct counter {
	atomic_long users;
} only, *volatile counter;

static void *use(void *unused)
{
	atomic_fetch_add(&counter->users, 1); /* counter = NULL */
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, use, NULL);
	counter = &only;
	return pthread_join(thread, NULL);
}
