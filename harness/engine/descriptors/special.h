/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors of a special kind.
 *
 * A timerfd and a signalfd of the program are eventfds underneath: reading, polling and duplicating
 * them is the kernel's, and what counts them up is virtual: a virtual timer that expires, a virtual
 * signal that becomes pending.
 */
#ifndef JOSTLE_ENGINE_SPECIAL_H
#define JOSTLE_ENGINE_SPECIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/calls/call_wait.h"

/* read(2) on a signalfd: as many siginfo as fit, or -EAGAIN. */
long special_read_signals(struct fd_request *r);
bool special_signals_ready(const struct fd_request *r);
/* Did the program make a signalfd? */
bool special_has_signals(void);
/* After pending sets changed: counts the eventfds below signalfds up or down. */
void special_refresh(void);
void special_reset(void);
/* An eventfd's counter: empties it, then adds value (0: nothing). */
void special_set_counter(int fd, uint64_t value);

#endif
