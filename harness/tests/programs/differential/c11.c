/* SPDX-License-Identifier: Apache-2.0 */
/* threads.h */
#include <limits.h>
#include <semaphore.h>
#include <stdlib.h>
#include <threads.h>

#include "differential.h"

static mtx_t mtx;
static cnd_t cnd;
static tss_t tss;
static sem_t go;
static int flag, calls, destroyed;

static int returns(void *value)
{
	return (int)(long)value;
}

static int leaves(void *value)
{
	thrd_exit((int)(long)value);
}

static int waits(void *unused)
{
	sem_wait(&go);
	return unused != NULL;
}

static void in_c11_thread(thrd_start_t function, void *argument)
{
	thrd_t thread;

	if (thrd_create(&thread, function, argument) != thrd_success ||
	    thrd_join(thread, NULL) != thrd_success)
		abort();
}

static int compares(void *other)
{
	IS_SO(thrd_current(), !thrd_equal(thrd_current(), *(thrd_t *)other));
	IS_SO(thrd_current(), thrd_equal(thrd_current(), thrd_current()));
	return 0;
}

static int yields_and_sleeps(void *unused)
{
	RETURNS(thrd_yield());
	SETS(thrd_sleep(&(struct timespec){ 0, 1000 }, NULL));
	return unused != NULL;
}

static void joined(thrd_t thread)
{
	int result = 77;

	TELLS(thrd_join(thread, &result));
	with(", result %d", result);
}

static void creation(void)
{
	static const int results[] = { 0, 1, -1, INT_MAX, INT_MIN };
	thrd_t self = thrd_current(), thread;

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		TELLS(thrd_create(&thread, returns, (void *)(long)results[i]));
		joined(thread);
		TELLS(thrd_create(&thread, leaves, (void *)(long)results[i]));
		says("thrd_exit", "%d", results[i]);
		joined(thread);
		TELLS(thrd_create(&thread, waits, NULL));
		TELLS(thrd_detach(thread));
		sem_post(&go);
	}
	TELLS(thrd_join(self, NULL)); /* a deadlock */
	in_c11_thread(compares, &self);
	in_c11_thread(yields_and_sleeps, NULL);
	IS_SO(thrd_current(), thrd_equal(self, thrd_current()));
	TELLS(thrd_create(&thread, waits, NULL));
	IS_SO(thrd_current(), !thrd_equal(thread, thrd_current()));
	sem_post(&go);
	joined(thread);
	IS_SO(thrd_current(), thrd_equal(self, self));
}

static int tries(void *unused)
{
	struct timespec soon = from_now(CLOCK_REALTIME, 5);

	if (TELLS(mtx_trylock(&mtx)) == thrd_success)
		TELLS(mtx_unlock(&mtx));
	if (TELLS(mtx_timedlock(&mtx, &past)) == thrd_success)
		TELLS(mtx_unlock(&mtx));
	if (TELLS(mtx_timedlock(&mtx, &soon)) == thrd_success)
		TELLS(mtx_unlock(&mtx));
	return unused != NULL;
}

static void mutex(int type)
{
	int depth = 1;

	TELLS(mtx_init(&mtx, type));
	with(", type %d", type);
	TELLS(mtx_lock(&mtx));
	if (type & mtx_recursive) {
		TELLS(mtx_lock(&mtx));
		depth++;
	}
	depth += TELLS(mtx_trylock(&mtx)) == thrd_success;
	in_c11_thread(tries, NULL);
	while (depth-- > 0)
		TELLS(mtx_unlock(&mtx));
	if (type & mtx_recursive)
		TELLS(mtx_unlock(&mtx));
	in_c11_thread(tries, NULL);
	TELLS(mtx_timedlock(&mtx, &invalid));
	TELLS(mtx_unlock(&mtx));
	RETURNS(mtx_destroy(&mtx));
}

static int opens(void *broadcast)
{
	mtx_lock(&mtx);
	flag = 1;
	if (broadcast)
		TELLS(cnd_broadcast(&cnd));
	else
		TELLS(cnd_signal(&cnd));
	mtx_unlock(&mtx);
	return 0;
}

static void condition(void *broadcast)
{
	const struct timespec late = from_now(CLOCK_REALTIME, 600000);
	struct timespec soon;
	thrd_t thread;
	int result = thrd_success;

	mtx_init(&mtx, mtx_plain);
	TELLS(cnd_init(&cnd));
	TELLS(cnd_signal(&cnd));
	TELLS(cnd_broadcast(&cnd));
	mtx_lock(&mtx);
	TELLS(cnd_timedwait(&cnd, &mtx, &past));
	TELLS(cnd_timedwait(&cnd, &mtx, &invalid));
	soon = from_now(CLOCK_REALTIME, 10);
	TELLS(cnd_timedwait(&cnd, &mtx, &soon));
	for (int i = 0; i < 4; i++) {
		flag = 0;
		if (thrd_create(&thread, opens, broadcast) != thrd_success)
			abort();
		/* A schedule may let the deadline come first, however late it is. */
		while (!flag && (result == thrd_success || result == thrd_timedout))
			result = i % 2 ? cnd_wait(&cnd, &mtx) : cnd_timedwait(&cnd, &mtx, &late);
		if (result == thrd_timedout)
			result = thrd_success;
		mtx_unlock(&mtx);
		thrd_join(thread, NULL);
		mtx_lock(&mtx);
		tells(i % 2 ? "cnd_wait(until opened)" : "cnd_timedwait(until opened)", result);
	}
	mtx_unlock(&mtx);
	RETURNS(cnd_destroy(&cnd));
	/* A recursive mutex knows that it is not held. */
	mtx_destroy(&mtx);
	mtx_init(&mtx, mtx_recursive);
	TELLS(cnd_init(&cnd));
	TELLS(cnd_wait(&cnd, &mtx));
	TELLS(cnd_timedwait(&cnd, &mtx, &past));
	RETURNS(cnd_destroy(&cnd));
	TELLS(cnd_init(&cnd));
	RETURNS(cnd_destroy(&cnd));
	RETURNS(mtx_destroy(&mtx));
}

static void call(void)
{
	calls++;
}

static once_flag again = ONCE_FLAG_INIT;

static int calls_again(void *unused)
{
	RETURNS(call_once(&again, call));
	with(", ran %d", calls);
	return unused != NULL;
}

static void onces(void)
{
	static once_flag flags[3];

	for (int i = 0; i < 6; i++) {
		RETURNS(call_once(&flags[i / 2], call));
		with(", ran %d", calls);
	}
	in_c11_thread(calls_again, NULL);
	in_c11_thread(calls_again, NULL);
}

static void destroy(void *value)
{
	destroyed += (int)(long)value;
}

static int sets_value(void *unused)
{
	IS_SO(tss_get(tss), tss_get(tss) == NULL);
	TELLS(tss_set(tss, (void *)5));
	IS_SO(tss_get(tss), tss_get(tss) == (void *)5);
	return unused != NULL;
}

static void storage(void)
{
	tss_t many[5];

	TELLS(tss_create(&tss, destroy));
	IS_SO(tss_get(tss), tss_get(tss) == NULL);
	TELLS(tss_set(tss, &tss));
	in_c11_thread(sets_value, NULL);
	says("tss_create", "destroyed %d", destroyed);
	IS_SO(tss_get(tss), tss_get(tss) == &tss);
	TELLS(tss_set(tss, NULL));
	IS_SO(tss_get(tss), tss_get(tss) == NULL);
	RETURNS(tss_delete(tss));
	TELLS(tss_set(tss, &tss));
	TELLS(tss_set((tss_t)-1, &tss));
	for (int i = 0; i < 5; i++)
		TELLS(tss_create(&many[i], i % 2 ? destroy : NULL));
	for (int i = 0; i < 5; i++)
		RETURNS(tss_delete(many[i]));
}

static void sleeps(void)
{
	struct timespec start, left = { 7, 7 };

	clock_gettime(CLOCK_MONOTONIC, &start);
	SETS(thrd_sleep(&(struct timespec){ 0, 20000000 }, &left));
	with(", long enough %d, left %ld", elapsed(CLOCK_MONOTONIC, &start, 20), (long)left.tv_sec);
	SETS(thrd_sleep(&(struct timespec){ 0, 0 }, NULL));
	SETS(thrd_sleep(&invalid, NULL));
	SETS(thrd_sleep(&(struct timespec){ -1, 0 }, &left));
	with(", left %ld", (long)left.tv_sec);
	pester(1);
	SETS(thrd_sleep(&(struct timespec){ 600, 0 }, &left));
	with(", left %d", left.tv_sec > 300 && left.tv_sec < 600);
	pester(0);
	for (int i = 0; i < 4; i++)
		RETURNS(thrd_yield());
}

void c11(void)
{
	sem_init(&go, 0, 0);
	creation();
	mutex(mtx_plain);
	mutex(mtx_timed);
	mutex(mtx_plain | mtx_recursive);
	mutex(mtx_timed | mtx_recursive);
	TELLS(mtx_init(&mtx, 77));
	TELLS(mtx_init(&mtx, -1));
	condition(NULL);
	condition(&cnd);
	onces();
	storage();
	sleeps();
}
