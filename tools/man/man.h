/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page, made from the tables of commands and options. */
#ifndef JOSTLE_MAN_H
#define JOSTLE_MAN_H

/* Writes jostle.1 to standard output. Returns 0 or EXIT_USAGE, the reason having been said. */
int man_write(void);

#endif
