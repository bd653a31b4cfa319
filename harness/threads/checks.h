/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jostle_invariant() and jostle_always() on real threads. Nobody stands still here, so an invariant
 * is checked where nobody can be inside: with a guard, by the thread that is about to release it,
 * while it still has it; without, when no lock is held or wanted and the gate is closed (held.h).
 * What must hold always is asked at each point, as far as another detector does not watch, which
 * would call the question itself a race. All are asked once more at the end.
 */
#ifndef JOSTLE_THREADS_CHECKS_H
#define JOSTLE_THREADS_CHECKS_H

#include <stdint.h>

#include "event/finding.h"

/* Before the guard is given away, and while it is still held. */
void checks_guarded(const volatile void *guard, const void *site);
/* The caller, who is still counted once, has given away its lock. */
void checks_unguarded(const void *site);
void checks_always(const void *site);

/* Puts a finding on the board. pc 0: no site of its own. */
void checks_report(unsigned kind, unsigned cause, const char *text, const void *pc);

#endif
