/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which model performs which kind of operation. What is not listed is NULL: the engine performs it
 * itself.
 *
 * The primitives' models are declared in models.h; whoever adds others declares them here, next to
 * their lines.
 */
#include "model/fd.h"
#include "model/futex.h"
#include "model/models.h"
#include "model/signal.h"
#include "model/thread.h"
#include "model/time.h"

#define X(kind, function) [OP_##kind] = model_##function,
const model_fn model_table[OP_KIND_COUNT] = {
	MODEL_PRIMITIVES(X)
		/* threads: model/thread.h */
		[OP_THREAD_START] = model_thread_point,
	[OP_THREAD_CREATE] = model_thread_point,
	[OP_THREAD_EXIT] = model_thread_exit,
	[OP_THREAD_JOIN] = model_thread_join,
	[OP_THREAD_TRYJOIN] = model_thread_tryjoin,
	[OP_THREAD_DETACH] = model_thread_detach,
	[OP_THREAD_CANCEL] = model_thread_cancel,
	[OP_TESTCANCEL] = model_thread_point,
	[OP_YIELD] = model_thread_point,
	[OP_PREEMPT] = model_thread_point,
	[OP_LINGER] = model_thread_point,
	/* accesses: the thread itself performs them when it is chosen */
	[OP_READ] = model_thread_point,
	[OP_WRITE] = model_thread_point,
	[OP_ATOMIC_LOAD] = model_thread_point,
	[OP_ATOMIC_STORE] = model_thread_point,
	[OP_ATOMIC_RMW] = model_thread_point,
	[OP_FENCE] = model_thread_point,
	[OP_FREE] = model_thread_point,
	[OP_SPIN_READ] = model_thread_point,
	[OP_INLINE_ATOMIC] = model_thread_point,
	/* time, futexes, signals */
	[OP_SLEEP] = model_sleep,
	[OP_CLOCK_READ] = model_clock_read,
	[OP_FUTEX_WAIT] = model_futex_wait,
	[OP_FUTEX_WAKE] = model_futex_wake,
	[OP_FUTEX_REQUEUE] = model_futex_requeue,
	[OP_FUTEX_LOCK_PI] = model_futex_lock_pi,
	[OP_FUTEX_UNLOCK_PI] = model_futex_unlock_pi,
	[OP_SIGNAL_WAIT] = model_signal_wait,
	[OP_SIGNAL_SEND] = model_signal_send,
	/* what the kernel performs */
	[OP_SYSCALL] = model_fd,
	[OP_FD_READ] = model_fd,
	[OP_FD_WRITE] = model_fd,
	[OP_FD_ACCEPT] = model_fd,
	[OP_FD_CONNECT] = model_fd,
	[OP_FD_POLL] = model_fd,
	[OP_FD_LOCK] = model_fd,
	[OP_FD_UNLOCK] = model_fd,
	[OP_FD_CLOSE] = model_fd,
	[OP_QUEUE_SEND] = model_fd,
	[OP_QUEUE_RECEIVE] = model_fd,
	[OP_SEM_OPERATE] = model_fd,
	[OP_CHILD_WAIT] = model_fd,
	/* processes: a point; the engine does the rest */
	[OP_FORK] = model_thread_point,
	[OP_EXEC] = model_thread_point,
	[OP_EXIT] = model_thread_point,
	[OP_KILLED] = model_thread_point,
};
#undef X
