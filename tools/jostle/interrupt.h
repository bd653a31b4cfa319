/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Being asked to stop. SIGINT, SIGTERM and SIGHUP become readable on a descriptor, so that waiting
 * for targets and for the user is one poll(). The first asks to finish and report, the second to
 * end at once.
 */
#ifndef JOSTLE_TOOL_INTERRUPT_H
#define JOSTLE_TOOL_INTERRUPT_H

/* Call once, before targets are started. */
void interrupt_init(void);
/* For poll(); -1 before interrupt_init(). */
int interrupt_fd(void);
/* How often a stop was asked for so far; takes what is pending. */
unsigned interrupt_count(void);

#endif
