/* SPDX-License-Identifier: Apache-2.0 */
/* Locks over a fork; see fork.c. */
#ifndef JOSTLE_MODEL_FORK_H
#define JOSTLE_MODEL_FORK_H

#include "event/thread.h"

/* In the parent, before: the child's thread holds the locks in memory that is copied. How many. */
uint32_t model_fork_holds(const struct thread *parent, struct thread *child);
/* In the child, whose thread it is: these locks are its own. */
void model_forked(struct thread *child, thread_id parent);

/* rwlock.c, spin.c */
void rwlock_forked(void *object, thread_id from, thread_id to);
void spin_forked(void *object, thread_id from, thread_id to);

#endif
