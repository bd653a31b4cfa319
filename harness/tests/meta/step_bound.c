/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: livelock step-bound
 * SCHEDULES: 20
 * Two threads hand a ball to and fro without end. */
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static int turn, throws;

static void *player(void *argument)
{
	int me = argument ? 1 : 0;

	for (;;) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&bell, &lock);
		turn = !me;
		pthread_cond_signal(&bell);
		if (FIXED && ++throws > 20) {
			pthread_mutex_unlock(&lock);
			return NULL;
		}
		pthread_mutex_unlock(&lock);
	}
}

int main(void)
{
	pthread_t one, other;

	pthread_create(&one, NULL, player, NULL);
	pthread_create(&other, NULL, player, &turn);
	pthread_join(one, NULL);
	pthread_join(other, NULL);
	return 0;
}
