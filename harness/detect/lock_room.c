/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semaphores as gates: the waiter of the dining philosophers, who lets in one less than there are.
 *
 * A thread is in a semaphore's room from its wait to its post. Where only who is inside posts,
 * never more are inside than the value that the semaphore was made with, so a cycle of more
 * threads, each inside, cannot close. A semaphore that anybody else posts to counts something else:
 * it is no gate. All of that is read from the log, once a cycle was found.
 */
#include "detect/lock_graph.h"

#define CANDIDATES_MAX 16

static uint16_t inside[THREADS_MAX];

/* The link whose lock was taken in that event. */
static bool is_link(const struct lock_graph *graph, uint32_t length, const struct event *event)
{
	for (uint32_t i = 0; i < length; i++)
		if (lock_graph_step(graph, graph->path[i]) == event->step)
			return true;
	return false;
}

static bool is_gate(const struct lock_graph *graph, const struct thread *const *threads,
		    const struct event_log *log, uint32_t length, uint64_t semaphore)
{
	const process_id process = threads[lock_graph_at(graph, graph->path[0])->thread]->process;
	uint32_t made = 0, room = 0;

	for (uint32_t i = 0; i < THREADS_MAX; i++)
		inside[i] = 0;
	for (uint64_t n = 0; n < log->count; n++) {
		const struct event *event = event_log_at(log, n);

		if (is_link(graph, length, event) && inside[event->thread] == 0)
			return false;
		if (event->object != semaphore)
			continue;
		/* At one address processes may have a semaphore each. */
		if (threads[event->thread]->process != process)
			return false;
		switch (event->kind) {
		case OP_SEM_INIT:
			made++;
			room = event->aux;
			break;
		case OP_SEM_WAIT:
		case OP_SEM_TRYWAIT:
			inside[event->thread] += event->result == 0;
			break;
		case OP_SEM_POST:
			if (inside[event->thread]-- == 0)
				return false;
			break;
		default:
			break;
		}
	}
	return made == 1 && room < length;
}

/* What the thread of the first link waited for until then: those in whose rooms it may be. */
static uint32_t candidates_of(const struct lock_graph *graph, const struct event_log *log,
			      uint64_t candidates[CANDIDATES_MAX])
{
	const thread_id thread = lock_graph_at(graph, graph->path[0])->thread;
	const uint32_t step = lock_graph_step(graph, graph->path[0]);
	uint32_t count = 0;

	for (uint64_t n = 0; n < log->count && count < CANDIDATES_MAX; n++) {
		const struct event *event = event_log_at(log, n);
		bool known = false;

		if (event->step >= step)
			break;
		if (event->thread != thread ||
		    (event->kind != OP_SEM_WAIT && event->kind != OP_SEM_TRYWAIT))
			continue;
		for (uint32_t i = 0; i < count; i++)
			known |= candidates[i] == event->object;
		if (!known)
			candidates[count++] = event->object;
	}
	return count;
}

bool lock_graph_crowded(const struct lock_graph *graph, const struct thread *const *threads,
			uint32_t count, const struct event_log *log, uint32_t length)
{
	uint64_t candidates[CANDIDATES_MAX];
	const uint32_t found = candidates_of(graph, log, candidates);

	for (uint64_t n = 0; found && n < log->count; n++)
		if (event_log_at(log, n)->thread >= count)
			return false;
	for (uint32_t i = 0; i < found; i++)
		if (is_gate(graph, threads, log, length, candidates[i]))
			return true;
	return false;
}
