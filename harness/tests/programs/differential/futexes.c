/* SPDX-License-Identifier: Apache-2.0 */
/* unistd.h: syscall(), above all for futexes. */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "differential.h"

static uint32_t word, other;
static uint32_t *const odd = (uint32_t *)((char *)&word + 1);

static long futex(uint32_t *at, int operation, uint32_t value, const struct timespec *timeout,
		  uint32_t *second, uint32_t third)
{
	return syscall(SYS_futex, at, operation, value, timeout, second, third);
}

#define FUTEX(name, call) sets("syscall(futex " name ")", (errno = 0, (call)))

static void *waits_for_change(void *at)
{
	while (__atomic_load_n((uint32_t *)at, __ATOMIC_SEQ_CST) == 0)
		if (futex(at, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0) && errno != EAGAIN)
			return (void *)(long)errno;
	return NULL;
}

static void *waits_in_time(void *at)
{
	/* A schedule may let the deadline come first, however late it is. */
	while (__atomic_load_n((uint32_t *)at, __ATOMIC_SEQ_CST) == 0) {
		const struct timespec late = from_now(CLOCK_MONOTONIC, 600000);

		if (futex(at, FUTEX_WAIT_BITSET, 0, &late, NULL, 1) && errno != EAGAIN &&
		    errno != ETIMEDOUT)
			return (void *)(long)errno;
	}
	return NULL;
}

static void meeting(void *(*function)(void *), int wake, uint32_t bits)
{
	pthread_t threads[3];
	void *value;

	word = 0;
	for (int i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, function, &word))
			abort();
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	says("syscall(futex wake all)", "at most three %d",
	     futex(&word, wake, INT_MAX, NULL, NULL, bits) <= 3);
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], &value);
		gives("syscall(futex wait, until woken)", (long)value);
	}
}

static void waiting(void)
{
	const struct timespec zero = { 0, 0 }, soon = { 0, 20000000 }, negative = { -1, 0 };
	struct timespec start, until;

	word = 1;
	FUTEX("wait, other value", futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0));
	FUTEX("wait, no time", futex(&word, FUTEX_WAIT, 1, &zero, NULL, 0));
	clock_gettime(CLOCK_MONOTONIC, &start);
	FUTEX("wait, some time", futex(&word, FUTEX_WAIT_PRIVATE, 1, &soon, NULL, 0));
	with(", late enough %d", elapsed(CLOCK_MONOTONIC, &start, 20));
	FUTEX("wait, invalid time", futex(&word, FUTEX_WAIT, 1, &invalid, NULL, 0));
	FUTEX("wait, negative time", futex(&word, FUTEX_WAIT, 1, &negative, NULL, 0));
	FUTEX("wait, unaligned", futex(odd, FUTEX_WAIT, 1, &zero, NULL, 0));
	FUTEX("wait, nowhere", futex(NULL, FUTEX_WAIT, 1, &zero, NULL, 0));
	FUTEX("wait bitset, no bits", futex(&word, FUTEX_WAIT_BITSET, 1, &past, NULL, 0));
	FUTEX("wait bitset, past", futex(&word, FUTEX_WAIT_BITSET, 1, &past, NULL, 1));
	until = from_now(CLOCK_REALTIME, 20);
	FUTEX("wait bitset, realtime", futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1,
					     &until, NULL, FUTEX_BITSET_MATCH_ANY));
	with(", late enough %d", elapsed(CLOCK_REALTIME, &until, 0));
	pester(1);
	FUTEX("wait, interrupted", futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
	pester(0);
}

static void waking(void)
{
	FUTEX("wake, nobody", futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
	FUTEX("wake, nobody", futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
	FUTEX("wake, unaligned", futex(odd, FUTEX_WAKE, 1, NULL, NULL, 0));
	FUTEX("wake bitset, no bits", futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	FUTEX("requeue, nobody", futex(&word, FUTEX_REQUEUE, 1, (void *)1, &other, 0));
	FUTEX("compare and requeue, nobody",
	      futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, word));
	FUTEX("compare and requeue, other value",
	      futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, word + 1));
	other = 5;
	FUTEX("wake op", futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &other,
			       FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
	with(", %u", other);
	FUTEX("no such operation", futex(&word, 77, 1, NULL, NULL, 0));
	meeting(waits_for_change, FUTEX_WAKE_PRIVATE, 0);
	meeting(waits_in_time, FUTEX_WAKE_BITSET, 1);
}

static void priorities(void)
{
	word = 0;
	FUTEX("lock pi", futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	with(", mine %d", (pid_t)(word & FUTEX_TID_MASK) == gettid());
	FUTEX("lock pi, again", futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	FUTEX("trylock pi", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	FUTEX("unlock pi", futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	with(", %u", word);
	FUTEX("unlock pi, not mine", futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
}

/* Any other call, too. */
static void others(void)
{
	int ends[2];
	char byte;
	struct timespec now;

	SETS(syscall(SYS_pipe, ends));
	SETS(syscall(SYS_write, ends[1], "x", 1));
	SETS(syscall(SYS_read, ends[0], &byte, 1));
	with(", %c", byte);
	SETS(syscall(SYS_close, ends[0]));
	SETS(syscall(SYS_close, ends[0]));
	close(ends[1]);
	IS_SO(syscall(SYS_getpid), syscall(SYS_getpid) == getpid());
	IS_SO(syscall(SYS_gettid), syscall(SYS_gettid) == gettid());
	IS_SO(syscall(SYS_gettid), syscall(SYS_gettid) == getpid());
	SETS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now));
	SETS(syscall(SYS_sched_yield));
	SETS(syscall(SYS_nanosleep, &(struct timespec){ 0, 1000 }, NULL));
	SETS(syscall(SYS_nanosleep, &invalid, NULL));
	SETS(syscall(7777));
	SETS(syscall(-1));
	SETS(syscall(SYS_kill, getpid(), 0));
	SETS(syscall(SYS_tgkill, getpid(), gettid(), 0));
	SETS(syscall(SYS_tgkill, getpid(), 0x7fffffff, 0));
	SETS(syscall(SYS_tgkill, -1, gettid(), 0));
}

void futexes(void)
{
	waiting();
	waking();
	priorities();
	others();
}
