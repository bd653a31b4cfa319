/* SPDX-License-Identifier: Apache-2.0 */
/* Writes all over thread-local storage that is larger than the piece that a thread's usually has.
 */
#include "leak.h"

enum { SIZE = 200 << 10, STEP = 1 << 10 };

static __thread unsigned char large[SIZE];
static __thread unsigned last = 9;

static unsigned leave(int thread, int argc, char **argv)
{
	unsigned sum = 0;

	(void)argc, (void)argv;
	EXPECT(last == 9);
	for (unsigned at = 0; at < SIZE; at += STEP) {
		EXPECT(large[at] == 0);
		large[at] = (unsigned char)(thread + 1);
	}
	pthread_mutex_lock(&lock);
	sum = last++;
	pthread_mutex_unlock(&lock);
	for (unsigned at = 0; at < SIZE; at += STEP)
		EXPECT(large[at] == thread + 1);
	return fold(sum, large, SIZE);
}
