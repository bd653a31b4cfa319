/* SPDX-License-Identifier: Apache-2.0 */
/* Models of the operations on threads; op.object is the target's struct thread. See thread.c. */
#ifndef JOSTLE_MODEL_THREAD_H
#define JOSTLE_MODEL_THREAD_H

#include "model/world.h"

/* Performs at once, without effect: THREAD_CREATE, THREAD_START, YIELD, PREEMPT, TESTCANCEL, EXIT,
 * FORK. */
enum model_step model_thread_point(struct world *, struct thread *);
/* Marks the thread finished and wakes its joiners. */
enum model_step model_thread_exit(struct world *, struct thread *);
/* 0, ETIMEDOUT, EDEADLK, EINVAL, ESRCH, MODEL_CANCELLED. */
enum model_step model_thread_join(struct world *, struct thread *);
/* As join; EBUSY while the target runs. */
enum model_step model_thread_tryjoin(struct world *, struct thread *);
enum model_step model_thread_detach(struct world *, struct thread *);
/* Marks the target; ends its wait when it stands at a cancellation point. */
enum model_step model_thread_cancel(struct world *, struct thread *);

#endif
