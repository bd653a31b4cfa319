/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle replay --gdb`: the failing schedule below a debugger, which stops where it ends. */
#ifndef JOSTLE_TOOL_GDB_H
#define JOSTLE_TOOL_GDB_H

#include "campaign/verify.h"

/* Runs gdb until the user leaves it. Returns its exit status, or EXIT_USAGE, the reason having been
 * said. */
int gdb_replay(struct verifier *verifier, const struct found *found);

#endif
