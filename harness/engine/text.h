/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose code an address belongs to: the program's (its executable and libraries, which may be
 * preempted and are worth naming in a report), the system's (libc, the loader, compiler support,
 * the vDSO), or ours.
 *
 * Collected once at takeover; a library that is loaded later counts as the system's: it is never
 * preempted.
 */
#ifndef JOSTLE_ENGINE_TEXT_H
#define JOSTLE_ENGINE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

/* Calls libc (dl_iterate_phdr): before sud_arm(). */
void text_init(void);
/* Our own executable segment. */
void text_own_range(uintptr_t *start, uintptr_t *end);
bool text_is_program(uintptr_t address);
/* May the code that begins there synchronise without libc? The program's may, and what a compiler
 * brings along. */
bool text_synchronises(uintptr_t start);
/* Is it code of the program's of which __tsan_* tells the accesses? */
bool text_is_instrumented(uintptr_t address);
bool text_is_own(uintptr_t address);

/*
 * The innermost return address into the program at a system call that libc made on its behalf, or
 * the address of the call itself. The frames are unwound; where that ends early, the first word on
 * the stack that follows a call instruction of the program is taken, which may be left of an
 * earlier call.
 */
void *text_call_site(const ucontext_t *context);

#endif
