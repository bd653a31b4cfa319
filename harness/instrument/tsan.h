/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface that compilers emit for -fsanitize=thread (gcc 12 to 14, clang 14 to 20): a call
 * before each memory access, and instead of each atomic operation. The names and parameters are
 * those of the compilers' run-time library; none of its code is here.
 *
 * Every function works before takeover, in a program that runs by itself, and while the engine
 * stands aside: access_state.on is 0 then, and only what must happen to memory happens.
 */
#ifndef JOSTLE_INSTRUMENT_TSAN_H
#define JOSTLE_INSTRUMENT_TSAN_H

#include <stddef.h>
#include <stdint.h>

#include "engine/access/access.h"

/* The compilers call these; nobody includes a declaration. Given right before each definition. */
#define TSAN INTERPOSE

#define PC ((uintptr_t)__builtin_return_address(0))

#endif
