/* SPDX-License-Identifier: Apache-2.0 */
/* --help and `jostle help`, from the two tables. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/nearest.h"
#include "jostle/say.h"
#include "man/man.h"
#include "report/page.h"

#define HELP_COLUMN 26

static void add_option(struct page *page, const struct option_row *row)
{
	char left[64];
	int length = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", row->letter ? '-' : ' ',
			      row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
			      row->argument ? " " : "", row->argument ? row->argument : "");

	page_add(page, "%s", left);
	if (length >= HELP_COLUMN)
		page_add(page, "\n%*s", HELP_COLUMN, "");
	else
		page_add(page, "%*s", HELP_COLUMN - length, "");
	page_wrap(page, HELP_COLUMN, row->help);
}

static void command_help_page(struct page *page, const struct command *command)
{
	page_add(page, "Usage: jostle %s%s%s%s\n\n", command->name,
		 command->bit == COMMAND_WORDS ? "" : " [OPTION...]",
		 command->synopsis[0] ? " " : "", command->synopsis);
	page_wrap(page, 0, command->about);
	if (command->bit == COMMAND_WORDS)
		return;
	page_add(page, "\nOptions:\n");
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->commands & command->bit)
			add_option(page, row);
	page_add(page, "\n");
	page_wrap(page, 0,
		  "Each option can also be set in the environment: JOSTLE_ and its name in "
		  "capitals, such as JOSTLE_SEED=7 or "
		  "JOSTLE_UNTIL_FIRST=1. The command line wins.");
}

static void overview(struct page *page)
{
	page_wrap(page, 0,
		  "jostle runs a concurrent program again and again under schedules that it "
		  "chooses, and reports deadlocks, "
		  "misused primitives, broken assertions and crashes, each with a schedule that "
		  "shows it again.");
	page_add(page, "\n  jostle run -- ./program arguments\n\nCommands:\n");
	for (const struct command *command = commands; command->name; command++)
		page_add(page, "  %-12s %s\n", command->name, command->summary);
	page_add(page, "\njostle COMMAND --help says more; jostle help --man | man -l - is the "
		       "manual page.\n");
}

int help_print(const struct command *command)
{
	struct page page;
	int code;

	page_init(&page, false);
	page_fit_terminal(&page, STDOUT_FILENO);
	if (command)
		command_help_page(&page, command);
	else
		overview(&page);
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}

int command_help(struct options *options)
{
	const struct command *command = NULL;
	struct nearest nearest;

	if (options->man)
		return man_write();
	if (options->operand_count > 1)
		return say_error(EXIT_USAGE, "help: takes one command, but got '%s' as well",
				 options->operands[1]);
	if (options->operand_count == 1) {
		command = command_find(options->operands[0]);
		nearest_init(&nearest, options->operands[0]);
		for (const struct command *other = commands; other->name; other++)
			nearest_offer(&nearest, other->name);
		if (!command && nearest.best)
			return say_error(EXIT_USAGE, "there is no command '%s'; did you mean %s?",
					 options->operands[0], nearest.best);
		if (!command)
			return say_error(EXIT_USAGE, "there is no command '%s'",
					 options->operands[0]);
	}
	return help_print(command);
}
