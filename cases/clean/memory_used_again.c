/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator gives one thread the memory that another one has freed. The two use it without any
 * order that the program made; the allocator made it, and it is another object. The same holds for
 * the stack and the thread-local storage of a thread that has ended, when a new one gets them.
 */
#include "jostle.h"

#include <stdio.h>
#include <stdlib.h>

struct jostle_state {
	int sums[2];
};

static _Thread_local volatile int here;

static int use_heap(void)
{
	int sum = 0;

	for (int i = 0; i < 3; i++) {
		int *block = malloc(24 * sizeof(*block));

		if (!block)
			return -1;
		block[5] = 1;
		sum += block[5];
		free(block);
	}
	return sum;
}

static void heap_1(struct jostle_state *s)
{
	s->sums[0] = use_heap();
}

static void heap_2(struct jostle_state *s)
{
	s->sums[1] = use_heap();
}

static void *use_stack(void *arg)
{
	volatile int local[16];
	int *sum = (int *)arg;

	for (int i = 0; i < 16; i++)
		local[i] = i == 3;
	here = here + 2; /* starts at 0 in each thread */
	for (int i = 0; i < 16; i++)
		*sum += local[i];
	*sum += here;
	return NULL;
}

/* Two threads one after the other: the second gets the first one's stack. */
static void start_two(int *sum)
{
	for (int i = 0; i < 2; i++) {
		pthread_t thread;
		int part = 0;

		pthread_create(&thread, NULL, use_stack, &part);
		pthread_join(thread, NULL);
		*sum += part;
	}
}

static void starter_1(struct jostle_state *s)
{
	start_two(&s->sums[0]);
}

static void starter_2(struct jostle_state *s)
{
	start_two(&s->sums[1]);
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	snprintf(text, size, "%d %d", s->sums[0], s->sums[1]);
}

JOSTLE_CASE(heap) = {
	.title = "Memory that was freed is handed out to another thread",
	.tags = "clean malloc",
	.why = "A deallocation comes before the allocation that gets the memory next.",
	.ref = "C11 7.22.3 paragraph 2: deallocation synchronizes with the next allocation",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "heap 1", heap_1 }, { "heap 2", heap_2 } },
	.outcomes = { { "3 3", JOSTLE_ALLOWED, "everybody's own" } },
};

JOSTLE_CASE(stack) = {
	.title = "The stack and the thread-local storage of an ended thread serve the next one",
	.tags = "clean stack thread-local",
	.why = "Locals and thread-local variables of two threads are two objects, even at one "
	       "address.",
	.ref = "C11 6.2.4 paragraphs 4 and 5",
	.expect = JOSTLE_PASS,
	.observe = observe,
	.threads = { { "starter 1", starter_1 }, { "starter 2", starter_2 } },
	.outcomes = { { "6 6", JOSTLE_ALLOWED, "everybody's own" } },
};
