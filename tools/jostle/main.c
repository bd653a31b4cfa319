/* SPDX-License-Identifier: Apache-2.0 */
/* jostle: finds the subcommand, parses its options, runs it. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "jostle/commands.h"
#include "jostle/nearest.h"
#include "jostle/say.h"

static int unknown_command(const char *word)
{
	struct nearest nearest;

	if (word[0] == '-')
		return say_error(EXIT_USAGE, "%s: options come behind the command; see jostle help",
				 word);
	nearest_init(&nearest, word);
	for (const struct command *command = commands; command->name; command++)
		nearest_offer(&nearest, command->name);
	if (nearest.best)
		return say_error(EXIT_USAGE, "there is no command '%s'; did you mean %s?", word,
				 nearest.best);
	return say_error(EXIT_USAGE,
			 "there is no command '%s'; to explore a program: jostle run -- %s", word,
			 word);
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct options options;
	const char *name;
	int code;

	/* A reader that goes away (| head) is not an accident, and write() says so. */
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (argc < 2) {
		help_print(NULL);
		return EXIT_USAGE;
	}
	name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	command = command_find(name);
	if (!command)
		return unknown_command(name);
	code = options_parse(&options, command, argc - 2, argv + 2);
	if (code)
		return code;
	if (options.help_flag) {
		help_print(command);
		return EXIT_CLEAN;
	}
	return command->run(&options);
}
