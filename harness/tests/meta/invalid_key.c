/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse invalid-key
 * A key is used after it was deleted. */
#include <pthread.h>
#include <stddef.h>

static pthread_key_t key;
static int value;

static void *worker(void *unused)
{
	pthread_setspecific(key, &value);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_key_create(&key, NULL);
	pthread_create(&thread, NULL, worker, NULL);
	if (FIXED)
		pthread_join(thread, NULL);
	pthread_key_delete(key);
	if (!FIXED) {
		pthread_join(thread, NULL);
		pthread_setspecific(key, &value);
	}
	return 0;
}
