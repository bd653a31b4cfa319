/* SPDX-License-Identifier: Apache-2.0 */
/* EXPECT: deadlock futex
 * A waker changes no word before it wakes, and so wakes too early. */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int word;

static void *waker(void *unused)
{
	if (FIXED)
		word = 1;
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, waker, NULL);
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	pthread_join(thread, NULL);
	return 0;
}
