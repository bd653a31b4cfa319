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

/* Each thread has a list of robust locks of its own, which libc told the kernel of. */
static void *robust_list(void)
{
	void *head = NULL, *same = NULL;
	size_t size = 0;

	must(syscall(SYS_get_robust_list, 0, &head, &size) == 0);
	must(head != NULL && size == sizeof(struct robust_list_head));
	must(((struct robust_list_head *)head)->list.next == head);
	must(syscall(SYS_get_robust_list, syscall(SYS_gettid), &same, &size) == 0 && same == head);
	must(syscall(SYS_get_robust_list, 0, (void *)8, &size) == -1 && errno == EFAULT);
	return head;
}

static void told_lists(void)
{
	struct robust_list_head mine = { { &mine.list }, 0, NULL };
	void *head = robust_list();

	must(syscall(SYS_set_robust_list, &mine, 1) == -1 && errno == EINVAL);
	must(syscall(SYS_set_robust_list, &mine, sizeof(mine)) == 0);
	must(robust_list() == &mine);
	must(syscall(SYS_set_robust_list, head, sizeof(mine)) == 0);
	must(robust_list() == head);
}

/* Nobody joins it: the kernel no longer says where it ended. */
static void *told_address(void *ended)
{
	must(syscall(SYS_set_tid_address, NULL) == syscall(SYS_gettid));
	atomic_store((_Atomic uint32_t *)ended, 1);
	futex(ended, FUTEX_WAKE, 1, NULL);
	return NULL;
}

static void *work(void *main_list)
{
	must(robust_list() != main_list);
	told_lists();
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
	_Atomic uint32_t ended = 0;
	pthread_t t[3], detached;

	shared = fopen("/dev/null", "w");
	for (int i = 0; i < 3; i++)
		must(pthread_create(&t[i], NULL, work, robust_list()) == 0);
	atomic_store(&go, 1);
	futex(&go, FUTEX_WAKE, 100, NULL);
	for (int i = 0; i < 3; i++)
		must(pthread_join(t[i], NULL) == 0);
	must(counter == 15);
	must(pthread_create(&detached, NULL, told_address, &ended) == 0);
	must(pthread_detach(detached) == 0);
	while (atomic_load(&ended) == 0)
		futex(&ended, FUTEX_WAIT, 0, NULL);
	must(syscall(SYS_futex, &word, FUTEX_WAIT, 7, &soon, NULL, 0) == -1 && errno == ETIMEDOUT);
	must(syscall(SYS_futex, &word, FUTEX_WAIT, 8, NULL, NULL, 0) == -1 && errno == EAGAIN);
	must(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 7, &past, NULL, 1) == -1 &&
	     errno == ETIMEDOUT);
	must(syscall(SYS_futex, (char *)&word + 1, FUTEX_WAIT, 7, NULL, NULL, 0) == -1 &&
	     errno == EINVAL);
	return 0;
}
