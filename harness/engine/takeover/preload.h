/* SPDX-License-Identifier: Apache-2.0 */
/* The environment variables by which the command brings the library into the target. */
#ifndef JOSTLE_ENGINE_PRELOAD_H
#define JOSTLE_ENGINE_PRELOAD_H

/* Removes them from the environment that the program sees, in place: JOSTLE_*, LD_BIND_NOW
 * and GOMP_SPINCOUNT that the command set, and our entry at the front of LD_PRELOAD (what the user
 * had there stays). */
void preload_restore_environment(char **envp);

/* The path by which the library was preloaded, for programs that this one becomes; "" when it was
 * linked. */
const char *preload_library(void);

#endif
