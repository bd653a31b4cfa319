/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that compute without end until they are cancelled asynchronously, as POSIX allows where
 * they call nothing. Each way of computing is a part; with a second argument the thread asks for
 * deferred cancellation instead, and then nothing ends it.
 *
 *	computing_cancelled PART [deferred]
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static volatile unsigned long counted;
static atomic_ulong counted_at_once;
static int type = PTHREAD_CANCEL_ASYNCHRONOUS;
static int handlers;

static void note(void *unused)
{
	(void)unused;
	handlers++;
}

static void ask(void)
{
	if (pthread_setcanceltype(type, NULL))
		handlers = -1;
}

static void *registers(void *unused)
{
	pthread_cleanup_push(note, NULL);
	ask();
	for (;;)
		__asm__ volatile("");
	pthread_cleanup_pop(0);
	return unused;
}

static void *memory(void *unused)
{
	pthread_cleanup_push(note, NULL);
	ask();
	for (;;)
		counted++;
	pthread_cleanup_pop(0);
	return unused;
}

static void *reads(void *unused)
{
	pthread_cleanup_push(note, NULL);
	ask();
	while (counted != 1)
		;
	pthread_cleanup_pop(0);
	return unused;
}

static void *atomic(void *unused)
{
	pthread_cleanup_push(note, NULL);
	ask();
	for (;;)
		atomic_fetch_add(&counted_at_once, 1);
	pthread_cleanup_pop(0);
	return unused;
}

static void *yields(void *unused)
{
	pthread_cleanup_push(note, NULL);
	ask();
	for (;;)
		sched_yield();
	pthread_cleanup_pop(0);
	return unused;
}

/* Asked for while it is disabled: it acts when it is enabled again, in the middle of nothing. */
static void *disabled(void *unused)
{
	pthread_cleanup_push(note, NULL);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	ask();
	for (int i = 0; i < 1000; i++)
		counted++;
	handlers += 10;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	for (;;)
		counted++;
	pthread_cleanup_pop(0);
	return unused;
}

static const struct part {
	const char *name;
	void *(*body)(void *);
	int handlers; /* 1 for the handler, more as the body says */
} parts[] = {
	{ "registers", registers, 1 }, { "memory", memory, 1 }, { "reads", reads, 1 },
	{ "atomic", atomic, 1 },       { "yields", yields, 1 }, { "disabled", disabled, 11 },
};

static int cancelled(const struct part *part)
{
	pthread_t thread;
	void *result;
	sched_yield();
	if (pthread_create(&thread, NULL, part->body, NULL))
		return 2;
	if (pthread_cancel(thread) || pthread_join(thread, &result) || result != PTHREAD_CANCELED)
		return 1;
	/* One that had not begun yet when it was cancelled runs up to where it asks. */
	return handlers == part->handlers ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc > 2)
		type = PTHREAD_CANCEL_DEFERRED;
	for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(argv[1], parts[i].name) == 0)
			return cancelled(&parts[i]);
	return 2;
}
