/* SPDX-License-Identifier: Apache-2.0 */
/* (c) A bounded buffer of four; two producers of ten items and two consumers on one mutex and two
 * condition variables. */
#include <assert.h>
#include <pthread.h>

#define SLOTS 4
#define ITEMS 10

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static int slots[SLOTS];
static int used, head, tail;
static long taken;

static void *produce(void *unused)
{
	for (int i = 1; i <= ITEMS; i++) {
		pthread_mutex_lock(&lock);
		while (used == SLOTS)
			pthread_cond_wait(&not_full, &lock);
		slots[tail] = i;
		tail = (tail + 1) % SLOTS;
		used++;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

static void *consume(void *unused)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock);
		while (used == 0)
			pthread_cond_wait(&not_empty, &lock);
		taken += slots[head];
		head = (head + 1) % SLOTS;
		used--;
		pthread_cond_signal(&not_full);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

int main(void)
{
	void *(*const bodies[4])(void *) = { produce, produce, consume, consume };
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, bodies[i], NULL))
			return 2;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert(taken == 2L * (ITEMS * (ITEMS + 1) / 2));
	return 0;
}
