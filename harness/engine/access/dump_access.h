/* SPDX-License-Identifier: Apache-2.0 */
/* What a replay leaves on the board of the accesses that config.dump_accesses names. Only while
 * replaying; on the stack of the fiber whose access it is. */
#ifndef JOSTLE_ENGINE_DUMP_ACCESS_H
#define JOSTLE_ENGINE_DUMP_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "event/finding.h"
#include "event/thread.h"

/* t is about to access address at pc: which of the wanted accesses that is, one bit each. Stack and
 * locks are left, instead of those of an earlier such access. */
unsigned dump_access(const struct thread *t, uintptr_t address, uintptr_t pc);
/* Nothing but the access itself is still to come: the value of these, now or once it is written. */
void dump_values(unsigned accesses, uintptr_t address, unsigned size, bool write);
/* Before anything else happens to memory: takes a value that was written. False: none was awaited;
 * true: the current epoch is that of the thread again. */
bool dump_settle(void);
/* The finding is told: what was left of its accesses stays. */
void dump_freeze(const struct finding *finding);

#endif
