/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlock: nobody can run, and no deadline will change that. Why, decided from what happened and
 * never from names:
 *
 *	self            a thread wants a lock that it owns
 *	self-in-handler  the same, in a handler that began after it was taken: the engine tells
 *	upgrade         a reader wants to write, while it (and perhaps another such) reads
 *	lock-cycle      a cycle of threads, each wanting a lock of the next
 *	join-cycle      a cycle with a join in it, also of one who joins with a lock that the
 *	                joined needs
 *	circular-wait   a cycle in which a thread waits for a semaphore of which the next took a
 *	                unit
 *	owner-exited    the owner of a wanted lock has ended
 *	owner-died      its process was killed by a signal
 *	owner-not-forked  another thread held the lock when this process was forked
 *	forgotten-unlock  it lives, in no cycle, and waits for something that is no lock
 *	missed-broadcast  a signal came during the wait, woke one of several, and not this one
 *	lost-wakeup     a signal came before the wait and found nobody, or a broadcast others
 *	no-signal       on this condition none came at all, or all were heard or seen
 *	semaphore, barrier, pipe, queue, child-wait, futex, signal-wait   what the wait is for
 *
 * When several hold at once, the first in this order is the cause: a cycle is stuck by itself, a
 * lock that nobody will release before an event that somebody stuck might have caused. Among waits
 * for events it is the one that most others wait for, through locks and joins. One exception: a
 * lost or missed signal was sent while the lock was kept, so it is not the lock that keeps the
 * signal from coming; then the signal is the cause, not the forgotten unlock.
 *
 * Not for several threads of control at once: the analysis uses one static scratch area.
 */
#ifndef JOSTLE_DETECT_DEADLOCK_H
#define JOSTLE_DETECT_DEADLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/site.h"
#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

/*
 * @threads: all of the schedule by number, finished ones included; blocked ones have status
 * THREAD_BLOCKED. @log: what happened. @place: see site.h, may be NULL. Fills *out and returns
 * true, or returns false when no thread is blocked. The cause is CAUSE_NONE for a lock whose owner
 * is unknown.
 *
 * Sites: the core first, that is for each thread SITE_WAITS, then SITE_HOLDS for the locks of it
 * that matter (in a cycle: from the lowest number on, each waiting for the next), then signals,
 * ends and creations; then SITE_WAITS of the others.
 */
bool deadlock_classify(const struct thread *const *threads, uint32_t count,
		       const struct event_log *log, place_fn place, struct finding *out);

#endif
