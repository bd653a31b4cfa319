/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a shell, a service manager or a cron job left us in. Once, before anything else is opened.
 */
#ifndef JOSTLE_TOOL_SURROUNDINGS_H
#define JOSTLE_TOOL_SURROUNDINGS_H

/* Returns 0 or EXIT_USAGE, the reason having been said. */
int surroundings_settle(void);

#endif
