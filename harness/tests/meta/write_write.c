/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: race write-write
 * BUILD: jostle cc
 * Two threads set the same flag without a lock. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int flag;

static void *set(void *argument)
{
	if (FIXED)
		pthread_mutex_lock(&guard);
	flag = 1;
	if (FIXED)
		pthread_mutex_unlock(&guard);
	return argument;
}

int main(void)
{
	pthread_t one, other;

	pthread_create(&one, NULL, set, NULL);
	pthread_create(&other, NULL, set, NULL);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return flag - 1;
}
