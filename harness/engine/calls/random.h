/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's random numbers: getrandom(2) and /dev/urandom give one fixed stream, the same in
 * every schedule and every run. It does not follow the schedule's seed, so what differs between two
 * schedules is their interleaving alone.
 */
#ifndef JOSTLE_ENGINE_RANDOM_H
#define JOSTLE_ENGINE_RANDOM_H

#include "engine/calls/call.h"

/* A read of any form on a descriptor of FD_RANDOM. */
long random_read(const struct call *c);
void random_fill(void *buffer, uint64_t size);
/* Back to the start of the stream. */
void random_reset(void);

#endif
