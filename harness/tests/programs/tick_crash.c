/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads read the processor's counter; one then writes through a pointer that the other one
 * may not have set yet. */
#include <pthread.h>
#include <x86intrin.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int *volatile place;
static int value;

static void *set(void *unused)
{
	(void)__rdtsc();
	pthread_mutex_lock(&lock);
	place = &value;
	pthread_mutex_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;
	unsigned processor;

	pthread_create(&thread, NULL, set, NULL);
	(void)__rdtscp(&processor);
	pthread_mutex_lock(&lock);
	pthread_mutex_unlock(&lock);
	*place = 1; /* unset = 1 */
	return pthread_join(thread, NULL);
}
