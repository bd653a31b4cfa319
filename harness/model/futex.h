/* SPDX-License-Identifier: Apache-2.0 */
/*
 * futex(2) as the kernel documents it, for whoever calls it by hand: libc's internal locks,
 * libstdc++, libgomp.
 *
 * object is the futex word. A waiter is found by its published operation, so words that another
 * model also uses as an object do not mix. Which of several waiters a wake-up takes is left open by
 * the kernel's interface: the strategy chooses.
 */
#ifndef JOSTLE_MODEL_FUTEX_H
#define JOSTLE_MODEL_FUTEX_H

#include "model/world.h"

/* args[0]: expected value, args[1]: bitset. Result 0, -EAGAIN (another value), -ETIMEDOUT, -EINTR.
 */
enum model_step model_futex_wait(struct world *, struct thread *);
/* args[0]: how many, args[1]: bitset; FUTEX_WAKE_OP: object2: the second word, args[2]: how many
 * there, args[3]: the encoded operation. Result: how many were woken. */
enum model_step model_futex_wake(struct world *, struct thread *);
/* object2: the target; args[0]: to wake, args[1]: to move, args[2]: 1 if args[3] is the value to
 * expect. Result: woken and moved, -EAGAIN. */
enum model_step model_futex_requeue(struct world *, struct thread *);
/* args[0]: the caller's kernel thread id, args[1]: 1 to only try. Result 0, -EAGAIN, -EDEADLK,
 * -ETIMEDOUT. */
enum model_step model_futex_lock_pi(struct world *, struct thread *);
/* args[0]: the caller's kernel thread id. Result 0, -EPERM. */
enum model_step model_futex_unlock_pi(struct world *, struct thread *);

#endif
