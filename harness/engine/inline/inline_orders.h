/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What atomic instructions of code whose accesses are not seen order for those that are seen: each
 * reads and writes, and orders as the strongest does. Plain loads and stores of such code stay
 * unseen, and it has two habits of which something follows all the same. Nothing of it proves an
 * order, so where one is likely it is assumed.
 *
 * A lock is taken by an exchange and given up by a plain store: who finds another value there than
 * the last exchange left comes after all that this one's thread did, or, if it was seen earlier
 * that the value is another, did until then. An exchange that changes nothing took no lock. And who
 * waits, waits for what a plain store brings: it comes after every atomic instruction that was
 * performed before.
 *
 * Nothing here does anything in a program whose accesses are not seen.
 */
#ifndef JOSTLE_ENGINE_INLINE_ORDERS_H
#define JOSTLE_ENGINE_INLINE_ORDERS_H

#include "engine/engine.h"
#include "engine/inline/inline_sites.h"

/* A schedule begins. */
void inline_orders_begin(void);
/* The thread is about to perform what stands at site; context: the trap's. Does nothing for a site
 * that is no atomic instruction, or one without an operand that others can reach (NULL). */
void inline_orders_atomic(thread_id thread, const struct inline_site *site, const void *context,
			  const void *operand);
/* The thread is back in code whose accesses are seen, before the next of them. */
void inline_orders_back(thread_id thread);
/* May be left out while this is false. */
extern bool inline_orders_pending[THREADS_MAX];
/* Those that ran an atomic instruction of inline assembly in this schedule, in code whose accesses
 * are seen. Of the plain loads and stores that stand in such assembly nobody tells. */
extern bool inline_orders_assembly[THREADS_MAX];
/* The thread waited in a loop, and looks again. */
void inline_orders_waited(thread_id thread);

#endif
