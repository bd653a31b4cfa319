/* SPDX-License-Identifier: Apache-2.0 */
/* pthread_create, pthread_join and their kin; fork. */
#include "threads/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "threads/point.h"
#include "threads/real.h"

struct thread_birth *thread_announce(uint64_t routine, void *argument, const void *site)
{
	struct thread_birth *birth = malloc(sizeof(*birth));

	if (!birth)
		return NULL;
	*birth = (struct thread_birth){
		.argument = argument,
		.lineage = choice_child(self.lineage, self.children++),
		.site = site,
	};
	birth->entry = self_claim(birth->lineage, routine, (uint64_t)(uintptr_t)site);
	return birth;
}

/* Runs however the thread ends: by return, pthread_exit() or cancellation. */
static void ended(int *unused)
{
	(void)unused;
	self_end();
}

static struct thread_birth begin(void *argument)
{
	struct thread_birth *given = argument;
	const struct thread_birth birth = *given;

	free(given);
	self_begin(birth.entry, birth.lineage);
	point_pass(OP_THREAD_START, birth.site, true);
	return birth;
}

void *thread_run(void *argument)
{
	__attribute__((cleanup(ended))) int guard = 0;
	const struct thread_birth birth = begin(argument);

	(void)guard;
	return birth.start(birth.argument);
}

int thread_run_c11(void *argument)
{
	__attribute__((cleanup(ended))) int guard = 0;
	const struct thread_birth birth = begin(argument);

	(void)guard;
	return birth.start_c11(birth.argument);
}

EXPORT int pthread_create(pthread_t *restrict handle, const pthread_attr_t *restrict attributes,
			  void *(*start)(void *), void *restrict argument)
{
	struct thread_birth *birth;
	int result;

	if (!point_begin(&(struct point){ OP_THREAD_CREATE, NULL, NULL, CALLER, true }))
		return REAL(pthread_create)(handle, attributes, start, argument);
	birth = thread_announce((uint64_t)(uintptr_t)start, argument, CALLER);
	if (!birth)
		return EAGAIN;
	birth->start = start;
	result = REAL(pthread_create)(handle, attributes, thread_run, birth);
	if (result)
		free(birth);
	point_end();
	return result;
}

static bool join_begin(pthread_t handle, const void *site, bool timed)
{
	return point_begin(
		&(struct point){ OP_THREAD_JOIN, (const void *)handle, NULL, site, timed });
}

static int join_end(int result)
{
	point_end();
	return result;
}

EXPORT int pthread_join(pthread_t handle, void **value)
{
	if (!join_begin(handle, CALLER, false))
		return REAL(pthread_join)(handle, value);
	return join_end(REAL(pthread_join)(handle, value));
}

EXPORT int pthread_timedjoin_np(pthread_t handle, void **value, const struct timespec *until)
{
	if (!join_begin(handle, CALLER, until != NULL))
		return REAL(pthread_timedjoin_np)(handle, value, until);
	return join_end(REAL(pthread_timedjoin_np)(handle, value, until));
}

EXPORT int pthread_clockjoin_np(pthread_t handle, void **value, clockid_t clock,
				const struct timespec *until)
{
	if (!join_begin(handle, CALLER, until != NULL))
		return REAL(pthread_clockjoin_np)(handle, value, clock, until);
	return join_end(REAL(pthread_clockjoin_np)(handle, value, clock, until));
}

EXPORT int pthread_tryjoin_np(pthread_t handle, void **value)
{
	if (!join_begin(handle, CALLER, true))
		return REAL(pthread_tryjoin_np)(handle, value);
	return join_end(REAL(pthread_tryjoin_np)(handle, value));
}

EXPORT int pthread_once(pthread_once_t *once, void (*routine)(void))
{
	if (!point_begin(&(struct point){ OP_ONCE_BEGIN, once, NULL, CALLER, false }))
		return REAL(pthread_once)(once, routine);
	return join_end(REAL(pthread_once)(once, routine));
}

EXPORT pid_t fork(void)
{
	uint64_t lineage;
	pid_t result;

	if (!point_begin(&(struct point){ OP_FORK, NULL, NULL, CALLER, true }))
		return REAL(fork)();
	lineage = choice_child(self.lineage, self.children++);
	result = REAL(fork)();
	if (result == 0) {
		self_forked(lineage);
		point_pass(OP_THREAD_START, CALLER, true);
	} else {
		point_end();
	}
	return result;
}
