/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a program that exits leaves behind: locks that somebody still holds and threads that were
 * neither joined nor detached. Neither is a bug by itself (a process that ends takes both with it),
 * so these are notes.
 */
#ifndef JOSTLE_DETECT_LEAKS_H
#define JOSTLE_DETECT_LEAKS_H

#include <stdint.h>

#include "detect/site.h"
#include "event/event.h"
#include "event/finding.h"
#include "event/thread.h"

/*
 * Gives each to @report: LOCK_HELD with SITE_HOLDS where it was taken (and SITE_ENDED if its owner
 * ended before the program did), THREAD_LEAKED with SITE_CREATED (and SITE_ENDED). In order of
 * thread numbers. Returns how many. A once that the exit came out of is no leak, nor is a thread
 * that another is joining just then.
 */
uint32_t leaks_report(const struct thread *const *threads, uint32_t count,
		      const struct event_log *log, place_fn place,
		      void (*report)(void *context, const struct finding *), void *context);

#endif
