/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: livelock nobody-left
 * SCHEDULES: 200
 * A worker looks whether it is wanted and ends when it is not yet; main waits for its answer in a
 * loop. The fixed variant gives up after some rounds. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

static atomic_int wanted, ready;

static void *work(void *unused)
{
	(void)unused;
	if (atomic_load(&wanted))
		atomic_store(&ready, 1);
	return NULL;
}

static bool is_ready(void)
{
	if (!FIXED) {
		while (!atomic_load(&ready))
			;
		return true;
	}
	for (int rounds = 0; rounds < 100000; rounds++)
		if (atomic_load(&ready))
			return true;
	return false;
}

int main(void)
{
	pthread_t worker;
	bool answered;

	pthread_create(&worker, NULL, work, NULL);
	atomic_store(&wanted, 1);
	answered = is_ready();
	pthread_join(worker, NULL);
	return answered && !ready;
}
