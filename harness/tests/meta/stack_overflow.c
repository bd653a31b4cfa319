/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: crash stack-overflow
 * SCHEDULES: 100
 * A recursion whose end is set by another thread goes too deep. */
#include <pthread.h>
#include <stddef.h>
#include <string.h>

static volatile int depth = 1 << 20;

static int dive(int level)
{
	volatile char frame[512];

	memset((void *)(size_t)frame, level, sizeof(frame));
	return level < depth ? dive(level + 1) + frame[level & 511] : frame[0];
}

static void *worker(void *unused)
{
	depth = 3;
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_join(thread, NULL);
	dive(0);
	if (!FIXED)
		pthread_join(thread, NULL);
	return 0;
}
