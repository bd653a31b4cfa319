/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intrusive circular doubly linked list: the node sits inside the element, so linking allocates
 * nothing and an element leaves its list in constant time without knowing which list it is.
 *
 * A `struct list` is both the head and the link. A head is set up with list_init(); a link that is
 * on no list is either list_init()ed or unspecified. list_remove() leaves the link initialised, so
 * removing twice is harmless and list_empty(&element->link) asks "on no list?". No locking: the
 * caller owns all elements of a list.
 */
#ifndef JOSTLE_BASE_LIST_H
#define JOSTLE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

/* For a static head: struct list waiters = LIST_HEAD(waiters); */
/* clang-format off */
#define LIST_HEAD(name) { &(name), &(name) }
/* clang-format on */

static inline void list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert_between(struct list *link, struct list *prev, struct list *next)
{
	link->prev = prev;
	link->next = next;
	prev->next = link;
	next->prev = link;
}

/* First out of a queue that is filled with list_add_tail(). */
static inline void list_add_head(struct list *head, struct list *link)
{
	list_insert_between(link, head, head->next);
}

static inline void list_add_tail(struct list *head, struct list *link)
{
	list_insert_between(link, head->prev, head);
}

static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

static inline size_t list_length(const struct list *head)
{
	size_t length = 0;

	for (const struct list *at = head->next; at != head; at = at->next)
		length++;
	return length;
}

/* The element that contains @link as its @member. */
#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* The first or last element, or NULL of an empty list. */
#define list_first_entry(head, type, member) \
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))
#define list_last_entry(head, type, member) \
	(list_empty(head) ? NULL : list_entry((head)->prev, type, member))

/* @position is a pointer to the element type; the list must not change, save by the safe form. */
#define list_for_each_entry(position, head, member)                                  \
	for ((position) = list_entry((head)->next, __typeof__(*(position)), member); \
	     &(position)->member != (head);                                          \
	     (position) = list_entry((position)->member.next, __typeof__(*(position)), member))

/* The current element may be removed; @following is a second pointer of the same type. */
#define list_for_each_entry_safe(position, following, head, member)                             \
	for ((position) = list_entry((head)->next, __typeof__(*(position)), member),            \
	    (following) = list_entry((position)->member.next, __typeof__(*(position)), member); \
	     &(position)->member != (head); (position) = (following),                           \
	    (following) = list_entry((following)->member.next, __typeof__(*(position)), member))

#endif
