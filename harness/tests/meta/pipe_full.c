/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock pipe
 * Nobody reads what is written beyond what a pipe holds. */
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static int ends[2];
static char block[40000];

static void *writer(void *unused)
{
	for (int i = 0; i < 2; i++)
		if (write(ends[1], block, sizeof(block)) < 0)
			return NULL;
	close(ends[1]);
	return unused;
}

int main(void)
{
	static char buffer[sizeof(block)];
	pthread_t thread;

	if (pipe(ends) < 0)
		return 1;
	pthread_create(&thread, NULL, writer, NULL);
	if (FIXED)
		while (read(ends[0], buffer, sizeof(buffer)) > 0)
			;
	pthread_join(thread, NULL);
	close(ends[0]);
	return 0;
}
