/* SPDX-License-Identifier: Apache-2.0 */
/* roff: "-" and "\" are escaped, and a line must not begin with "." or "'". */
#include "man/man.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jostle/options.h"
#include "report/page.h"

static void add_text(struct page *page, const char *text)
{
	if (*text == '.' || *text == '\'')
		page_add(page, "\\&");
	for (; *text; text++)
		page_add(page, *text == '-' ? "\\-" : *text == '\\' ? "\\e" : "%c", *text);
	page_add(page, "\n");
}

static void add_option(struct page *page, const struct option_row *row)
{
	char name[64];

	page_add(page, ".TP\n");
	if (row->letter)
		page_add(page, ".BR \\-%c \", \" ", row->letter);
	else
		page_add(page, ".BR ");
	page_add(page, "\\-\\-");
	for (const char *at = row->name; *at; at++)
		page_add(page, *at == '-' ? "\\-" : "%c", *at);
	if (row->argument)
		page_add(page, " \" \" \\fI%s\\fR", row->argument);
	page_add(page, "\n");
	add_text(page, row->help);
	option_environment_name(row, name, sizeof(name));
	if (row->offset != offsetof(struct options, help_flag))
		page_add(page, "Environment: %s. ", name);
	page_add(page, "Commands:");
	for (const struct command *command = commands; command->name; command++)
		if (row->commands & command->bit)
			page_add(page, " %s", command->name);
	page_add(page, ".\n");
}

static void add_exit_codes(struct page *page)
{
	page_add(page, ".SH EXIT STATUS\n.TP\n0\nNothing was found; replay: the failure did not "
		       "show again.\n"
		       ".TP\n1\nSomething was found; replay: the failure showed again; test: not "
		       "all cases are as declared.\n"
		       ".TP\n2\nWrong usage, or a file is missing or cannot be written.\n"
		       ".TP\n3\nThe program could not be controlled.\n");
}

static void add_files(struct page *page)
{
	page_add(page, ".SH FILES\n.TP\n.I jostle\\-out/F1.json\nA failure file: the program, the "
		       "decisions of the failing "
		       "schedule, what was found. Needs nothing else to be replayed.\n"
		       ".SH ENVIRONMENT\nEach option can be set by its variable. Besides:\n"
		       ".TP\n.B JOSTLE_LIBRARY\nThe library to preload, instead of "
		       "../lib/libjostle.so beside the command.\n"
		       ".TP\n.B JOSTLE_CASES\nThe catalogue, instead of ../cases/jostle\\-cases "
		       "beside the command.\n"
		       ".TP\n.B NO_COLOR\nSwitches colour off.\n");
}

int man_write(void)
{
	struct page page;
	int code;

	page_init(&page, false);
	page_add(&page, ".TH JOSTLE 1 \"\" \"jostle %s\"\n.SH NAME\n", JOSTLE_VERSION);
	page_add(&page, "jostle \\- run a concurrent program under chosen schedules and report "
			"what breaks\n.SH SYNOPSIS\n");
	for (const struct command *command = commands; command->name; command++) {
		page_add(&page, ".B jostle %s\n", command->name);
		add_text(&page, command->synopsis[0] ? command->synopsis : "");
		page_add(&page, ".br\n");
	}
	page_add(&page, ".SH COMMANDS\n");
	for (const struct command *command = commands; command->name; command++) {
		page_add(&page, ".TP\n.B %s\n", command->name);
		add_text(&page, command->about);
	}
	page_add(&page, ".SH OPTIONS\n");
	for (const struct option_row *row = option_rows; row->name; row++)
		add_option(&page, row);
	add_exit_codes(&page);
	add_files(&page);
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}
