/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's beginning, by whichever function it was created. */
#ifndef JOSTLE_THREADS_THREAD_H
#define JOSTLE_THREADS_THREAD_H

#include <stdint.h>

/* Handed from the creator to the new thread, which frees it. */
struct thread_birth {
	void *(*start)(void *); /* one of the two */
	int (*start_c11)(void *);
	void *argument;
	struct perturb_thread *entry;
	uint64_t lineage;
	const void *site;
};

/* NULL when there is no memory. */
struct thread_birth *thread_announce(uint64_t routine, void *argument, const void *site);
void *thread_run(void *birth);
int thread_run_c11(void *birth);

#endif
