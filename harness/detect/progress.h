/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A schedule that hit its bound on steps: what kept it going? Judged by the newest events.
 *
 * - starvation: a thread fails a trylock on an object again and again, or stands blocked before it
 *   all the time, while others take that object again and again.
 * - livelock, no-progress: whoever acts only yields, fails, times out or asks for the time, perhaps
 *   with locks and unlocks around it.
 * - livelock, step-bound: everything that happens has happened before: same threads, operations,
 *   objects, places and results, round and round. A long loop that works looks the same; a higher
 *   bound tells.
 * - hang, step-bound: new things still happen; the bound may simply be too low.
 *
 * One static scratch area: not for several threads of control at once.
 */
#ifndef JOSTLE_DETECT_PROGRESS_H
#define JOSTLE_DETECT_PROGRESS_H

#include <stdint.h>

#include "detect/site.h"
#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

/* So many events are looked at; half as many must lie before them for "has happened before". */
#define PROGRESS_WINDOW 32768

/*
 * Fills *out. Sites: for a livelock, of each acting thread some SITE_AT that its loop passes, where
 * it gets nowhere if there are such; for starvation first the starved thread (SITE_AT or
 * SITE_WAITS), then where others take the object.
 */
void progress_classify(const struct thread *const *threads, uint32_t count,
		       const struct event_log *log, place_fn place, struct finding *out);

/* @looks, whose last event is in the log, loops, and the others have ended or wait: where. */
void progress_nobody_left(const struct thread *const *threads, uint32_t count,
			  const struct thread *looks, const struct event_log *log, place_fn place,
			  struct finding *out);

#endif
