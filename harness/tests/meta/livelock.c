/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: livelock no-progress
 * SCHEDULES: 100
 * Two threads yield to each other for good. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int wants[2];

static void *polite(void *argument)
{
	int me = argument ? 1 : 0;

	wants[me] = 1;
	while (wants[!me] && (!FIXED || me))
		sched_yield();
	wants[me] = FIXED ? 0 : 1;
	return NULL;
}

int main(void)
{
	pthread_t one, other;

	pthread_create(&one, NULL, polite, NULL);
	pthread_create(&other, NULL, polite, &wants);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}
