/* SPDX-License-Identifier: Apache-2.0 */
/* A lock and a condition by raw futex calls and inline syscall instructions, timeouts, and libc's
 * own locks. */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "must.h"

static _Atomic uint32_t lock, go;
static long counter;
static FILE *shared;

static long futex(_Atomic uint32_t *word, int operation, uint32_t value,
		  const struct timespec *timeout)
{
	register long r10 __asm__("r10") = (long)timeout;
	register long r8 __asm__("r8") = 0;
	register long r9 __asm__("r9") = (long)~0U;
	long result = SYS_futex;

	__asm__ volatile("syscall"
			 : "+a"(result)
			 : "D"(word), "S"((long)operation), "d"((long)value), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static void acquire(void)
{
	uint32_t free = 0;

	if (atomic_compare_exchange_strong(&lock, &free, 1))
		return;
	while (atomic_exchange(&lock, 2) != 0)
		futex(&lock, FUTEX_WAIT_PRIVATE, 2, NULL);
}

static void release(void)
{
	if (atomic_exchange(&lock, 0) == 2)
		syscall(SYS_futex, &lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *work(void *unused)
{
	(void)unused;
	while (atomic_load(&go) == 0)
		futex(&go, FUTEX_WAIT, 0, NULL);
	for (int i = 0; i < 5; i++) {
		acquire();
		counter++;
		release();
		/* a lock inside libc, held over a system call */
		flockfile(shared);
		fprintf(shared, "%d\n", i);
		fflush(shared);
		funlockfile(shared);
	}
	return NULL;
}

int main(void)
{
	struct timespec soon = { 0, 5000000 }, past = { 0, 0 };
	uint32_t word = 7;
	pthread_t t[3];

	shared = fopen("/dev/null", "w");
	for (int i = 0; i < 3; i++)
		must(pthread_create(&t[i], NULL, work, NULL) == 0);
	atomic_store(&go, 1);
	futex(&go, FUTEX_WAKE, 100, NULL);
	for (int i = 0; i < 3; i++)
		must(pthread_join(t[i], NULL) == 0);
	must(counter == 15);
	must(syscall(SYS_futex, &word, FUTEX_WAIT, 7, &soon, NULL, 0) == -1 && errno == ETIMEDOUT);
	must(syscall(SYS_futex, &word, FUTEX_WAIT, 8, NULL, NULL, 0) == -1 && errno == EAGAIN);
	must(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 7, &past, NULL, 1) == -1 &&
	     errno == ETIMEDOUT);
	must(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT, 7, NULL, NULL, 0) == -1 &&
	     errno == EINVAL);
	return 0;
}
