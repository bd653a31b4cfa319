/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synchronisation without a call: the first argument says which. With a second one ("broken") it
 * has a mistake that only another thread between two atomic instructions shows. The loops that wait
 * would be broken by a timer if nobody saw them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../must.h"

#ifndef ROUNDS
#define ROUNDS 4
#endif

struct node {
	struct node *next;
};

static struct shared {
	atomic_flag flag;
	atomic_int word, tickets, serving, turns, published, count;
	volatile int plain, data;
	_Atomic(struct node *) top;
} first, *s = &first;
static struct node nodes[2];
static bool broken;
static pthread_t threads[2];

static void lock_by_flag(void)
{
	while (atomic_flag_test_and_set(&s->flag))
		;
}

static void lock_by_exchange(void)
{
	int expected = 0;

	while (!atomic_compare_exchange_weak(&s->word, &expected, 1)) {
		expected = 0;
		__builtin_ia32_pause();
	}
}

/* Broken: it looks before it takes. */
static void lock_by_looking(void)
{
	if (broken) {
		while (atomic_fetch_or(&s->word, 0) != 0)
			;
		atomic_fetch_add(&s->word, 1);
		return;
	}
	while (atomic_exchange(&s->word, 1) != 0)
		while (atomic_load(&s->word) != 0)
			;
}

static void lock_by_ticket(void)
{
	const int mine = atomic_fetch_add(&s->tickets, 1);

	while (atomic_load(&s->serving) != mine)
		;
}

static void unlock(const char *how)
{
	if (strcmp(how, "flag") == 0)
		atomic_flag_clear(&s->flag);
	else if (strcmp(how, "ticket") == 0)
		atomic_fetch_add(&s->serving, 1);
	else
		atomic_store(&s->word, 0);
}

static void lock(const char *how)
{
	if (strcmp(how, "flag") == 0)
		lock_by_flag();
	else if (strcmp(how, "exchange") == 0)
		lock_by_exchange();
	else if (strcmp(how, "ticket") == 0)
		lock_by_ticket();
	else
		lock_by_looking();
}

/* Whoever is inside alone sees his own mark. */
static void *count(void *how)
{
	for (int i = 0; i < ROUNDS; i++) {
		lock((const char *)how);
		must(atomic_fetch_add(&s->turns, 1) == 0);
		must(atomic_fetch_sub(&s->turns, 1) == 1);
		unlock((const char *)how);
	}
	return NULL;
}

static void *push(void *node)
{
	struct node *const n = (struct node *)node;

	n->next = atomic_load(&s->top);
	if (broken)
		atomic_exchange(&s->top, n);
	else
		while (!atomic_compare_exchange_weak(&s->top, &n->next, n))
			;
	return NULL;
}

static void *publish(void *unused)
{
	atomic_fetch_add(broken ? &s->published : &s->count, 1);
	atomic_fetch_add(broken ? &s->count : &s->published, 1);
	return unused;
}

static void *read_published(void *unused)
{
	while (atomic_load(&s->published) == 0)
		;
	must(atomic_load(&s->count) == 1);
	return unused;
}

static void *raise_plain(void *unused)
{
	s->plain = 1;
	return unused;
}

static void *wait_for_plain(void *unused)
{
	while (!s->plain)
		;
	return unused;
}

static void run(void *(*one)(void *), void *a, void *(*other)(void *), void *b)
{
	must(pthread_create(&threads[0], NULL, one, a) == 0);
	must(pthread_create(&threads[1], NULL, other, b) == 0);
	must(pthread_join(threads[0], NULL) == 0);
	must(pthread_join(threads[1], NULL) == 0);
}

/* The lock lies in memory that two processes share. */
static void run_processes(void)
{
	int status;
	pid_t pid;

	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(s != MAP_FAILED);
	pid = fork();
	must(pid >= 0);
	count("looking");
	if (pid == 0)
		_exit(0);
	must(waitpid(pid, &status, 0) == pid && status == 0);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	int length = 0;

	broken = argc > 2;
	if (strcmp(how, "stack") == 0) {
		run(push, &nodes[0], push, &nodes[1]);
		for (struct node *n = atomic_load(&s->top); n; n = n->next)
			length++;
		must(length == 2);
	} else if (strcmp(how, "published") == 0) {
		run(publish, NULL, read_published, NULL);
	} else if (strcmp(how, "plain") == 0) {
		run(wait_for_plain, NULL, raise_plain, NULL);
	} else if (strcmp(how, "processes") == 0) {
		run_processes();
	} else {
		run(count, (void *)how, count, (void *)how);
	}
	return 0;
}
