/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the engine's state that belongs to the schedule, and not to one process of it: the
 * world, threads, log, decisions and processes.
 *
 * It is marked where it is defined, laid together by the linker (shared.ld), and mapped shared in
 * place, so that whoever is forked has it at the same address: pointers into it mean the same in
 * every process, and using it costs nothing. Everything else of the engine's is copied by a fork,
 * like the program's own memory.
 *
 * With the snapshot reset it stays private: then the program may not fork under control.
 */
#ifndef JOSTLE_ENGINE_SHARED_H
#define JOSTLE_ENGINE_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero at the start, always. */
#define SHARED_STATE __attribute__((section(".bss.shared")))

/* Maps it shared, with what is in it. 0 or -errno. */
int shared_share(void);
/* Does the address lie in it? */
bool shared_contains(const void *address);
/* After an exec: the state of the schedule that this process belongs to, instead of our own. */
int shared_join(int fd);
int shared_descriptor(void);
uintptr_t shared_address(void);
size_t shared_size(void);
/* It is. */
bool shared_is_shared(void);

#endif
