/* SPDX-License-Identifier: Apache-2.0 */
/* A server and its client in one schedule (jostle run --with): see with_main.c. */
#ifndef JOSTLE_TOOL_WITH_H
#define JOSTLE_TOOL_WITH_H

#include <stdbool.h>

#include "campaign/target.h"
#include "report/pool.h"

/*
 * Puts jostle-with before the server that target is: target becomes that program, its arguments the
 * client's command and the server's own. Texts belong to the pool. Returns 0 or EXIT_USAGE, the
 * reason having been said.
 */
int with_open(struct target *target, const char *client, struct pool *pool);

/*
 * This process gets a network of its own, with nothing but a loopback device: two workers' servers
 * may have the same port, and no connection of an earlier schedule stays in the way. False: the
 * system does not allow it (nor a user namespace that would), and nothing is changed.
 */
bool with_own_network(void);

#endif
