/* SPDX-License-Identifier: Apache-2.0 */
/* The program break: the reset takes it back itself. */
#ifndef JOSTLE_ENGINE_CALL_MEMORY_H
#define JOSTLE_ENGINE_CALL_MEMORY_H

void memory_take(void);
/*
 * The break, before mappings are compared: the kernel does not lower it any more when its memory
 * was unmapped behind its back, and the next schedule would be given what is not mapped.
 */
void memory_reset_break(void);

#endif
