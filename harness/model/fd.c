/* SPDX-License-Identifier: Apache-2.0 */
/* One list of waiters, whose address stands for "some descriptor". */
#include "model/fd.h"

#include <errno.h>
#include <stddef.h>

#include "model/signal.h"

static const char waiters;

struct thread *fd_waiter_at(const struct world *w, unsigned n)
{
	return world_waiter_at(w, &waiters, n);
}

unsigned fd_recheck_own(struct world *w)
{
	unsigned woken = 0, n = 0;
	struct thread *t;

	while ((t = world_waiter_at(w, &waiters, n)) != NULL) {
		struct fd_request *request = fd_request_of(t);

		if (request->ready(request)) {
			world_wake(w, t);
			woken++;
		} else {
			n++;
		}
	}
	return woken;
}

unsigned fd_recheck(struct world *w)
{
	const unsigned woken = fd_recheck_own(w);

	return w->ops->recheck ? woken + w->ops->recheck(w) : woken;
}

/* The call ends without having got what it waited for: some bytes are a success, otherwise reason
 * is the result. */
static enum model_step cut_short(struct thread *t, const struct fd_request *request, long reason)
{
	t->result = request->done > 0 ? (long)request->done : reason;
	return MODEL_DONE;
}

enum model_step model_fd(struct world *w, struct thread *t)
{
	struct fd_request *request = fd_request_of(t);
	long result;

	if (t->op.flags & OP_CANCELLED) {
		t->result = MODEL_CANCELLED;
		return MODEL_DONE;
	}
	result = request->attempt(request);
	if (result != FD_WOULD_BLOCK) {
		t->result = result;
		fd_recheck(w);
		return MODEL_DONE;
	}
	/* Moved a part: others may get on, and then make room for the rest. */
	if (request->progress)
		fd_recheck(w);
	request->progress = false;
	if (t->op.flags & OP_TIMED_OUT || t->op.deadline_ns <= w->now_ns)
		return cut_short(t, request, request->timed_out);
	if ((t->op.flags & OP_INTERRUPTED) ||
	    ((t->op.flags & OP_INTERRUPTIBLE) && signal_deliverable(t)))
		return cut_short(t, request, -EINTR);
	if (t->op.phase == 0 && request->timeout_ns > 0 && t->op.deadline_ns == OP_NO_DEADLINE)
		t->op.deadline_ns = w->now_ns + request->timeout_ns;
	t->op.phase = 1;
	world_block(w, t, (void *)(uintptr_t)&waiters);
	return MODEL_BLOCKED;
}
