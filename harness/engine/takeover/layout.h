/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that are the same in each run, where the kernel may not be asked for them.
 *
 * The command switches the randomisation of addresses off by personality(2), which most containers
 * refuse. Then the process starts over in place: it does once more what execve(2) did, at addresses
 * of our choice, and enters the loader again, which finds the same process each time.
 */
#ifndef JOSTLE_ENGINE_LAYOUT_H
#define JOSTLE_ENGINE_LAYOUT_H

#include <stdbool.h>

/* Below where the kernel begins with any randomisation that it can be told (32 bits of pages),
 * above any place of a program (the same from 0x555555554000 on). All of the process lies below. */
#define LAYOUT_TOP 0x6e0000000000UL

/*
 * To be called by the first code of the process that is not the loader's, with the environment that
 * it got. Does not return when it starts the process over; returns when addresses need no fixing,
 * or cannot be fixed: with no personality to ask for, a debugger looking on, not enough address
 * space, or mappings that grow upwards (an unlimited stack).
 */
void layout_fix(char **envp);

/* The process was started over. */
bool layout_was_fixed(void);

#endif
