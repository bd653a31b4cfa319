/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the second run of a schedule left the way of the first: what the program read there is an
 * input that is not controlled. The first run's events are kept until the second has ended.
 */
#ifndef JOSTLE_ENGINE_DIFFERENCE_H
#define JOSTLE_ENGINE_DIFFERENCE_H

#include "event/event.h"
#include "record/board.h"

/* The first run has ended. */
void difference_keep(const struct event_log *log);

/* The second one has, and came out differently: where, as far as the logs go back. Places are those
 * of the process that asks. */
void difference_find(const struct event_log *log, struct board_difference *difference);

#endif
