/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared memory and the keys of objects in it (event/thread.h).
 *
 * Each region of memory that processes may share (an anonymous shared mapping, a file, a System V
 * segment) gets the addresses at which it was mapped first as its keys, in a table that all
 * processes have in common; each process knows where it has mapped which region. Where two regions
 * were first mapped at the same address in two processes, their number tells them apart.
 */
#ifndef JOSTLE_ENGINE_KEYS_H
#define JOSTLE_ENGINE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

struct call;

extern bool keys_used; /* some object is not known by its address */

/* A shared mapping was made at that address by that call. */
void keys_mapped(const struct call *, uintptr_t address);
/* Objects of the program lie in the engine's own shared state from now on. */
void keys_use(void);
/* Constructors have run: what they mapped is known from now on. */
void keys_look(void);
/* A schedule begins or ended: only what constructors mapped. */
void keys_reset(void);

/* Whether the address lies in memory that processes share; then the key of what lies there: the
 * same in all of them, wherever they mapped it. */
bool engine_shared_key(const void *address, uint64_t *key);

#endif
