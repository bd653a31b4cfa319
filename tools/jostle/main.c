/* SPDX-License-Identifier: Apache-2.0 */
/* jostle: finds the subcommand, parses its options, runs it. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "jostle/commands.h"
#include "jostle/nearest.h"
#include "jostle/say.h"
#include "jostle/surroundings.h"

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

/* Only a lone --help is ours: the rest belongs to whom the words are for. */
static int run_words(const struct command *command, int argc, char **argv)
{
	if (argc == 1 && strcmp(argv[0], "--help") == 0)
		return help_print(command);
	/* What they become must find SIGPIPE as we found it. */
	signal(SIGPIPE, SIG_DFL);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	return strcmp(command->name, "cc") == 0 ? command_cc(argc, argv) : command_cxx(argc, argv);
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct options options;
	const char *name, *own_name;
	int code;

	/* A reader that goes away (| head) is not an accident, and write() says so. */
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	own_name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	if (strcmp(own_name, "jostle-cc") == 0)
		return run_words(command_find("cc"), argc - 1, argv + 1);
	if (strcmp(own_name, "jostle-c++") == 0)
		return run_words(command_find("c++"), argc - 1, argv + 1);
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
	if (command->bit == COMMAND_WORDS)
		return run_words(command, argc - 2, argv + 2);
	code = surroundings_settle();
	if (code)
		return code;
	code = options_parse(&options, command, argc - 2, argv + 2);
	if (code)
		return code;
	if (options.help_flag)
		return help_print(command);
	return command->run(&options);
}
