/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: lifetime dead-frame
 * BUILD: jostle cc
 * A thread answers by an atomic variable in the frame of who asked, who returns when it is set. In
 * the broken variant the thread counts there, too, after that. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

struct request {
	int value;
	atomic_int served;
	atomic_int answered;
	char text[128];
};

static pthread_t thread;

static void *serve(void *argument)
{
	struct request *request = argument;

	request->value *= 2;
	if (FIXED)
		atomic_fetch_add_explicit(&request->served, 1, memory_order_relaxed);
	atomic_store_explicit(&request->answered, 1, memory_order_release);
	if (!FIXED)
		atomic_fetch_add_explicit(&request->served, 1, memory_order_relaxed);
	return NULL;
}

static int ask(int value) __attribute__((noinline));

static int ask(int value)
{
	struct request request = { .value = value };

	pthread_create(&thread, NULL, serve, &request);
	while (!atomic_load_explicit(&request.answered, memory_order_acquire))
		sched_yield();
	return request.value;
}

int main(void)
{
	const int answer = ask(21);

	pthread_join(thread, NULL);
	return answer == 42 ? 0 : 1;
}
