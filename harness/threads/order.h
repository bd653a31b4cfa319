/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order in which the threads of a run pass their points: noted for whoever runs it again, and
 * gone through again when the board has the order of an earlier run. Between points the threads run
 * as they like, so this is no replay of a schedule; but what hangs on the order of calls comes back
 * on a machine that is busier or idler than it was.
 *
 * A turn that does not come (the thread whose it is waits for a lock that it got first last time)
 * ends the guidance for the rest of the run: the order is a wish, and never stops a program.
 */
#ifndef JOSTLE_THREADS_ORDER_H
#define JOSTLE_THREADS_ORDER_H

#include <stdbool.h>

#include "threads/self.h"

/* At a thread's beginning: whose turns are its own. */
void order_begin(struct self *me);
/* Waits for the thread's turn. False: there is no order, none is left, or it cannot be kept. */
bool order_follow(struct self *me);
/* The thread goes on from a point, before an acquisition or elsewhere. */
void order_note(const struct self *me, bool acquires);

#endif
