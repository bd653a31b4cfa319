/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A compare-exchange may say no: somebody else was quicker, look again. A caller that does not look
 * at the answer has added its node to the list in most runs, and dropped it in the others.
 */
#include "jostle.h"

#include <stdatomic.h>
#include <stdio.h>

struct node {
	struct node *next;
};

struct jostle_state {
	struct node nodes[2];
	struct node *_Atomic list;
};

static void push(struct jostle_state *s, struct node *node)
{
	node->next = atomic_load(&s->list);
	atomic_compare_exchange_strong(&s->list, &node->next, node); /* OUTCOME: or not */
}

static void push_until_done(struct jostle_state *s, struct node *node)
{
	node->next = atomic_load(&s->list);
	while (!atomic_compare_exchange_strong(&s->list, &node->next, node))
		; /* node->next is now what is there */
}

static void push_first(struct jostle_state *s)
{
	push(s, &s->nodes[0]);
}

static void push_second(struct jostle_state *s)
{
	push(s, &s->nodes[1]);
}

static void push_first_until_done(struct jostle_state *s)
{
	push_until_done(s, &s->nodes[0]);
}

static void push_second_until_done(struct jostle_state *s)
{
	push_until_done(s, &s->nodes[1]);
}

static int setup(struct jostle_state *s)
{
	atomic_init(&s->list, NULL);
	return 0;
}

static void observe(struct jostle_state *s, char *text, size_t size)
{
	int length = 0;

	for (struct node *node = atomic_load(&s->list); node; node = node->next)
		length++;
	snprintf(text, size, "%d", length);
}

JOSTLE_CASE(broken) = {
	.title = "A compare-exchange that failed is not tried again",
	.tags = "list compare-exchange lost-update atomic",
	.why = "When the other thread pushed in between, the exchange does nothing and returns "
	       "false. The node is in no list, and nobody was told.",
	.ref = "C11 7.17.7.4: the result of atomic_compare_exchange",
	.expect = JOSTLE_OUTCOME,
	.needs = JOSTLE_NEEDS_ACCESSES,
	.setup = setup,
	.observe = observe,
	.threads = { { "push 1", push_first }, { "push 2", push_second } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both are in the list" },
		      { "1", JOSTLE_FORBIDDEN, "one node was dropped" } },
};

JOSTLE_CASE(fixed) = {
	.title = "A compare-exchange is repeated until it succeeds",
	.tags = "list compare-exchange atomic",
	.why = "A failed exchange leaves the current value where the expected one was, so that "
	       "the loop needs no second load.",
	.ref = "Treiber: Systems Programming: Coping with Parallelism, IBM RJ 5118, 1986",
	.expect = JOSTLE_PASS,
	.setup = setup,
	.observe = observe,
	.threads = { { "push 1", push_first_until_done }, { "push 2", push_second_until_done } },
	.outcomes = { { "2", JOSTLE_ALLOWED, "both are in the list" } },
};
