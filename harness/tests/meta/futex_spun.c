/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock futex
 * Two spin for a while before they wait, as adaptive locks do, so that they seldom wait both; one
 * is woken. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int word;

static void *waiter(void *unused)
{
	for (int turn = 0; turn < 8 && !word; turn++)
		sched_yield();
	while (!word)
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	return unused;
}

int main(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, waiter, NULL);
	word = 1;
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, FIXED ? INT_MAX : 1, NULL, NULL, 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
