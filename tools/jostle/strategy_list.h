/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategies that the engine has, as the command knows them: it links the same pure code, so a
 * wrong name is found before a target is started.
 */
#ifndef JOSTLE_TOOL_STRATEGY_LIST_H
#define JOSTLE_TOOL_STRATEGY_LIST_H

/* Returns 0 or EXIT_USAGE, the reason having been said with the nearest name. */
int strategy_check(const char *spec);

#endif
