/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What POSIX permits and few programs expect, opt-in by kind (jostle run --nasty): blocking calls
 * that a signal interrupts, reads and writes that move less than asked, resources that run out for
 * a moment, memory that cannot be had. Each is a seeded, recorded value of the strategy, so it
 * replays. Spurious wakeups of condition variables are the model's (model/cond.c).
 *
 * Also the limit on the program's memory (--memory-limit), which needs no chance.
 */
#ifndef JOSTLE_ENGINE_NASTY_H
#define JOSTLE_ENGINE_NASTY_H

#include <stdbool.h>
#include <stdint.h>

#include "model/fd.h"

/* Bits of board_config.spurious. */
enum nasty {
	NASTY_WAKEUP = 1,
	NASTY_EINTR = 2,
	NASTY_SHORT = 4,
	NASTY_EAGAIN = 8,
	NASTY_MEMORY = 16,
	NASTY_KILL = 32,        /* of any process but the first: kill.h */
	NASTY_KILL_FIRST = 64,  /* of the first, too */
	NASTY_KILL_AGAIN = 128, /* more than one of a schedule */
	NASTY_KILLS = NASTY_KILL | NASTY_KILL_FIRST | NASTY_KILL_AGAIN,
};

/* At takeover: sets the allocator's hook when the configuration wants one. */
void nasty_init(void);

/* Does it happen here? Never when not asked for, between schedules or while the engine stands
 * aside; else once in sixteen times. */
bool nasty_happens(enum nasty kind);

/* Shall this blocking call end with EINTR; shall this request for a resource be refused? */
static inline bool nasty_interrupts(void)
{
	return nasty_happens(NASTY_EINTR);
}

static inline bool nasty_refuses(void)
{
	return nasty_happens(NASTY_EAGAIN);
}

/* How much of size bytes a read or write shall move: size, or, when it happens, 1 to size - 1. Not
 * for sockets that keep messages apart, where the rest would be lost. */
uint64_t nasty_size(const struct fd_request *request, uint64_t size);

#endif
