/* SPDX-License-Identifier: Apache-2.0 */
/* From remembered accesses to findings: races, uses of freed memory and of dead stacks. */
#ifndef JOSTLE_ENGINE_RACE_REPORT_H
#define JOSTLE_ENGINE_RACE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/access/access.h"

void race_report_begin(void);

/* The current thread's access at pc against the other sides. True when pc was no scheduling point
 * until now, and is one from here on. */
bool race_report(const struct race_conflict *conflicts, unsigned count, uintptr_t address,
		 unsigned size, access_flags flags, uintptr_t pc);
/* The current thread frees at pc what others access. */
void race_report_free(const struct race_conflict *conflicts, unsigned count, uintptr_t address,
		      uintptr_t pc);
/* The stack of a thread that ended is accessed. */
void race_report_dead_stack(const struct thread *dead, uintptr_t address, unsigned size,
			    access_flags flags, uintptr_t pc);

/* Remembers who allocated a block. */
void race_report_allocated(uintptr_t block, size_t size, const void *site);

#endif
