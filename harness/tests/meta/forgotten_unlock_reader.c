/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock forgotten-unlock
 * A reader keeps its lock while it waits for what only the writer writes. */
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int ends[2];

static void *reader(void *unused)
{
	char byte;

	pthread_rwlock_rdlock(&lock);
	if (FIXED)
		pthread_rwlock_unlock(&lock);
	if (read(ends[0], &byte, 1) != 1)
		return NULL;
	if (!FIXED)
		pthread_rwlock_unlock(&lock);
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (pipe(ends) < 0)
		return 1;
	pthread_create(&thread, NULL, reader, NULL);
	pthread_rwlock_wrlock(&lock);
	if (write(ends[1], "x", 1) != 1)
		return 1;
	pthread_rwlock_unlock(&lock);
	pthread_join(thread, NULL);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
