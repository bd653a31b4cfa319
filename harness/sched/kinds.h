/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads of one kind have one start routine. Among a hundred alike the one that is not is a place
 * to begin or to end with, and one of the hundred stands for all: where ranks are drawn over
 * threads, such an order has odds of one in thousands.
 */
#ifndef JOSTLE_SCHED_KINDS_H
#define JOSTLE_SCHED_KINDS_H

#include <stdbool.h>

#include "sched/sched.h"

/* So many threads before one are looked at. */
#define KINDS_THREADS 32

/* Nobody knows of what kind main is. */
static inline bool kinds_has(const struct sched_view *view, thread_id id)
{
	return view->threads[id]->start_routine != NULL;
}

static inline bool kinds_is_first(const struct sched_view *view, thread_id id)
{
	const thread_id least = id > KINDS_THREADS ? (thread_id)(id - KINDS_THREADS) : 0;

	for (thread_id other = id; other-- > least;)
		if (view->threads[other]->start_routine == view->threads[id]->start_routine)
			return false;
	return true;
}

#endif
