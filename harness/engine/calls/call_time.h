/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual clocks for those who come by another way than the table: interposed names and the patched
 * vDSO. */
#ifndef JOSTLE_ENGINE_CALL_TIME_H
#define JOSTLE_ENGINE_CALL_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Reads a clock; time passes. 0 or -EINVAL. On the fiber's stack: it may be a scheduling point. */
long time_read(clockid_t clock, uint64_t *ns, void *site);
/* Time passes because somebody looks at what time changes. On the fiber's stack: it may be a
 * scheduling point. */
void time_pass(void *site);
/* A system call begins: of a thread that makes one after the other and performs no operation, each
 * lets time pass. */
void time_called(void *site);
/* Sleeps until a virtual time. 0 or -EINTR. cancellation: OP_CANCELLATION_POINT or 0. */
long time_sleep(uint64_t deadline_ns, uint32_t cancellation, void *site);
void time_reset(void);

/* The process's processor time. */
uint64_t time_computed(void);

#endif
