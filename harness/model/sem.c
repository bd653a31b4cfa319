/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semaphores, unnamed ones and those that sem_open() gave out.
 *
 * A post raises the value and wakes every waiter; the value belongs to whoever is chosen first, as
 * in glibc. A zeroed sem_t is a semaphore of value 0: the standard does not promise that, every
 * implementation keeps it, and much code relies on it.
 */
#include "model/sem.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* A destroyed one is told, and goes on as if it were live, as in glibc. */
static bool check(struct world *w, struct thread *t, const struct semaphore *s)
{
	if (s->magic == SEM_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_USE_DESTROYED, &s->last);
		return true;
	}
	if ((s->magic == SEM_STATIC || s->magic == SEM_LIVE) && s->value <= SEM_VALUE_MAX)
		return true;
	/* No post and no wait makes such a value: somebody wrote over it. */
	model_misuse(w, t, s->magic == SEM_LIVE ? CAUSE_SEM_NEGATIVE : CAUSE_UNINITIALISED);
	return false;
}

/*
 * Who waits, or has come to where it must: while the value is 0 a thread that is about to wait is
 * as good as waiting, and nobody can tell the two apart.
 */
static struct thread *waiter_of(const struct world *w, const struct thread *t,
				const struct semaphore *s)
{
	return s->value == 0 ? model_other_at(w, t, OP_SEM_WAIT, s) : NULL;
}

enum model_step model_sem_init(struct world *w, struct thread *t)
{
	struct semaphore *s = t->op.object;
	const uint64_t value = t->op.args[0];

	if (value > SEM_VALUE_MAX)
		return model_done(t, EINVAL);
	if (s->magic == SEM_LIVE && world_waiter_count(w, s) > 0)
		model_misuse_waited(w, t, CAUSE_REINITIALISED, world_waiter_at(w, s, 0));
	*s = (struct semaphore){
		.value = (uint32_t)value,
		.pshared = t->op.args[1] != 0,
		.magic = SEM_LIVE,
	};
	w->event_aux = (uint32_t)value;
	return model_done(t, 0);
}

enum model_step model_sem_destroy(struct world *w, struct thread *t)
{
	struct semaphore *s = t->op.object;
	const struct thread *waiter;

	if (s->magic == SEM_DESTROYED) {
		model_misuse_grave(w, t, CAUSE_DOUBLE_DESTROY, &s->last);
		return model_done(t, 0);
	}
	if (!check(w, t, s))
		return model_done(t, 0);
	waiter = waiter_of(w, t, s);
	if (waiter)
		model_misuse_waited(w, t, CAUSE_DESTROY_WAITED, waiter);
	s->magic = SEM_DESTROYED;
	grave_dig(&s->last, w, t);
	return model_done(t, 0);
}

static enum model_step take(struct world *w, struct thread *t, bool try)
{
	struct semaphore *s = t->op.object;

	if (!check(w, t, s))
		return model_done(t, EINVAL);
	if (t->op.flags & OP_CANCELLED)
		return model_done(t, MODEL_CANCELLED);
	if (s->value > 0) {
		s->value--;
		return model_done(t, 0);
	}
	if (try)
		return model_done(t, EAGAIN);
	s->contended = 1;
	return model_wait(w, t, s);
}

enum model_step model_sem_wait(struct world *w, struct thread *t)
{
	return take(w, t, false);
}

enum model_step model_sem_trywait(struct world *w, struct thread *t)
{
	return take(w, t, true);
}

enum model_step model_sem_post(struct world *w, struct thread *t)
{
	struct semaphore *s = t->op.object;

	if (!check(w, t, s))
		return model_done(t, EINVAL);
	if (s->value == SEM_VALUE_MAX) {
		/* An error since POSIX.1-2024, undefined before, and never what was meant. */
		model_misuse(w, t, CAUSE_SEM_OVERFLOW);
		return model_done(t, EOVERFLOW);
	}
	s->value++;
	if (s->contended) {
		s->contended = 0;
		w->event_aux = world_wake_all(w, s);
	}
	return model_done(t, 0);
}

/* The value, or -EINVAL. */
enum model_step model_sem_getvalue(struct world *w, struct thread *t)
{
	const struct semaphore *s = t->op.object;

	return model_done(t, check(w, t, s) ? (long)s->value : -EINVAL);
}

/* Names are the interception layer's; here it is only a point where others may come in between. */
enum model_step model_sem_name(struct world *w, struct thread *t)
{
	(void)w;
	return model_done(t, 0);
}
