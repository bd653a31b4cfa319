/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands, one file each. Each gets parsed options and returns an exit code, having said
 * why when it is 2 or 3. */
#ifndef JOSTLE_TOOL_COMMANDS_H
#define JOSTLE_TOOL_COMMANDS_H

#include "jostle/options.h"
#include "report/page.h"

int command_run(struct options *options);
int command_under(struct options *options);
int command_test(struct options *options);
int command_list(struct options *options);
int command_show(struct options *options);
int command_lesson(struct options *options);
int command_replay(struct options *options);
int command_strategies(struct options *options);
int command_compare(struct options *options);
int command_doctor(struct options *options);
int command_version(struct options *options);
int command_help(struct options *options);
/* These become another program, whose words they pass on; they return only when they fail. */
int command_cc(int argc, char **argv);
int command_cxx(int argc, char **argv);

/* A page for standard output: its colour, its width. */
void command_page(struct page *page, const struct options *options);

/* `jostle COMMAND --help`, `jostle help` (NULL). Returns 0 or EXIT_USAGE, as page_write(). */
int help_print(const struct command *command);

#endif
