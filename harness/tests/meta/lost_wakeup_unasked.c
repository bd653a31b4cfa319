/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock lost-wakeup
 * The waiter asks no question before it waits: the signal may have been. */
#include <stddef.h>
#include <threads.h>

static mtx_t lock;
static cnd_t bell;
static int ready;

static int setter(void *unused)
{
	(void)unused;
	mtx_lock(&lock);
	ready = 1;
	mtx_unlock(&lock);
	cnd_broadcast(&bell);
	return 0;
}

int main(void)
{
	thrd_t thread;

	mtx_init(&lock, mtx_plain);
	cnd_init(&bell);
	thrd_create(&thread, setter, NULL);
	mtx_lock(&lock);
	if (FIXED)
		while (!ready)
			cnd_wait(&bell, &lock);
	else
		cnd_wait(&bell, &lock);
	mtx_unlock(&lock);
	thrd_join(thread, NULL);
	cnd_destroy(&bell);
	mtx_destroy(&lock);
	return 0;
}
