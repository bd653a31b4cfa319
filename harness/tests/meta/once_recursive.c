/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: misuse once-recursive
 * ALSO: deadlock self
 * The initialiser asks for what it initialises. */
#include <pthread.h>
#include <stddef.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int value;

static int get(void);

static void set(void)
{
	value = 1;
	if (!FIXED)
		value = get() + 1;
}

static int get(void)
{
	pthread_once(&once, set);
	return value;
}

static void *worker(void *unused)
{
	get();
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, worker, NULL);
	get();
	pthread_join(thread, NULL);
	return 0;
}
