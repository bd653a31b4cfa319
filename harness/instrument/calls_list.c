/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of libstdc++.so that link and unlink the nodes of a std::list, called by
 * instrumented code as those of calls.c: its headers leave just these to the library, where what
 * they access would be seen by nobody, and so a list that is spliced under a read lock would be
 * none of a race. What they do is part of the library's binary interface.
 */
#include "instrument/tsan.h"

/* std::__detail::_List_node_base */
struct list_node {
	struct list_node *next;
	struct list_node *prev;
};

static struct list_node *follow(struct list_node *const *link, uintptr_t pc)
{
	access_range((uintptr_t)link, sizeof(*link), 0, pc);
	return *link;
}

static void set(struct list_node **link, struct list_node *node, uintptr_t pc)
{
	access_range((uintptr_t)link, sizeof(*link), RACE_WRITE, pc);
	*link = node;
}

TSAN void jostle_call__ZNSt8__detail15_List_node_base7_M_hookEPS0_(struct list_node *node,
								   struct list_node *position);
void jostle_call__ZNSt8__detail15_List_node_base7_M_hookEPS0_(struct list_node *node,
							      struct list_node *position)
{
	const uintptr_t pc = PC;

	set(&node->next, position, pc);
	set(&node->prev, follow(&position->prev, pc), pc);
	set(&node->prev->next, node, pc);
	set(&position->prev, node, pc);
}

TSAN void jostle_call__ZNSt8__detail15_List_node_base9_M_unhookEv(struct list_node *node);
void jostle_call__ZNSt8__detail15_List_node_base9_M_unhookEv(struct list_node *node)
{
	const uintptr_t pc = PC;
	struct list_node *const next = follow(&node->next, pc);
	struct list_node *const prev = follow(&node->prev, pc);

	set(&prev->next, next, pc);
	set(&next->prev, prev, pc);
}

/* Moves [first, last) before node. */
TSAN void jostle_call__ZNSt8__detail15_List_node_base11_M_transferEPS0_S1_(struct list_node *node,
									   struct list_node *first,
									   struct list_node *last);
void jostle_call__ZNSt8__detail15_List_node_base11_M_transferEPS0_S1_(struct list_node *node,
								      struct list_node *first,
								      struct list_node *last)
{
	const uintptr_t pc = PC;
	struct list_node *before;

	if (node == last)
		return;
	set(&follow(&last->prev, pc)->next, node, pc);
	set(&follow(&first->prev, pc)->next, last, pc);
	set(&follow(&node->prev, pc)->next, first, pc);
	before = node->prev;
	set(&node->prev, last->prev, pc);
	set(&last->prev, first->prev, pc);
	set(&first->prev, before, pc);
}
