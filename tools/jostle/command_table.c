/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of subcommands, for the dispatcher, --help and the manual page. */
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/say.h"

const struct command commands[] = {
	{ "run", COMMAND_RUN, "[--] PROGRAM [ARGUMENT...]", "explore the schedules of a program",
	  "Runs PROGRAM again and again, each time under another schedule, and reports deadlocks, "
	  "misuse of primitives, crashes, "
	  "failed assertions and unexpected exits. Each finding is replayed in a fresh process "
	  "before it is reported, and comes "
	  "with a failure file that `jostle replay` shows again. Exit code: 0 nothing found, 1 "
	  "something found, 2 wrong usage, "
	  "3 the program could not be controlled.",
	  command_run },
	{ "cc", COMMAND_WORDS, "[--compiler=NAME] ARGUMENT...",
	  "compile C so that every access is seen",
	  "A drop-in C compiler: runs gcc, or what --compiler or JOSTLE_CC names (gcc 12 and clang "
	  "14 "
	  "or newer), with the flags that make each memory access and C11 atomic visible, and "
	  "links "
	  "libjostle.so, also into shared libraries. All other arguments, the exit code and the "
	  "diagnostics are the compiler's. The program starts without jostle as well, and is then "
	  "an "
	  "ordinary one. -g is added, -D_FORTIFY_SOURCE and -static-libtsan are left out; a static "
	  "link is refused. For build systems: CC='jostle cc', or jostle-cc where one word is "
	  "needed.",
	  NULL },
	{ "c++", COMMAND_WORDS, "[--compiler=NAME] ARGUMENT...", "the same for C++",
	  "As `jostle cc`, with g++ or what JOSTLE_CXX names; --compiler=clang is clang++. Also "
	  "installed as jostle-c++.",
	  NULL },
	{ "test", COMMAND_TEST, "[PATTERN...]", "run the catalogue of cases",
	  "Explores each case of the catalogue whose id or tags match a PATTERN (a glob; all "
	  "without one), and checks that the "
	  "verdict is exactly the declared one: a broken case must show its kind of finding, with "
	  "the declared cause, on the "
	  "marked lines; a fixed one must show nothing. Exit code: 0 all as declared, 1 not so.",
	  command_test },
	{ "under", COMMAND_UNDER, "TOOL[,TOOL...] [--] PROGRAM [ARGUMENT...]",
	  "run a program below other detectors",
	  "Runs PROGRAM on real threads, perturbed, below each TOOL: helgrind, drd or memcheck of "
	  "Valgrind, tsan for a program built with -fsanitize=thread, or none. What the tools "
	  "report, and how each run ends, is merged over runs and tools by the lines where it "
	  "happened, and told as k of n for each. The first "
	  "run is not perturbed; what it takes below the tool is what the limits of the others "
	  "follow from. Of several tools one that is missing or cannot run the program is left "
	  "out. Exit code: 0 nothing found, 1 something found, 2 wrong usage, 3 nothing found, "
	  "and a tool was missing or could not run the program.",
	  command_under },
	{ "list", COMMAND_LIST, "[PATTERN...]", "list the cases of the catalogue",
	  "Shows id, expected kind and title of each case that matches.", command_list },
	{ "show", COMMAND_SHOW, "ID", "show one case: the bug, why it is one, the source",
	  "Shows what a case is about, its possible outcomes, and its source with line numbers.",
	  command_show },
	{ "lesson", COMMAND_LESSON, "[N [FILE]]", "the course: list, show and grade its lessons",
	  "Without N: the lessons. With N: what lesson N asks for. With FILE: compiles FILE, your "
	  "own version of the lesson's file, and grades it. Found: the lesson's own budget of "
	  "schedules shows a bug. Fixed by luck: that budget is silent, but five times as many "
	  "schedules from other seeds, at the controlled and at the instrumented level and with "
	  "what POSIX permits and the lesson's own fix survives (spurious wake-ups), show one; a "
	  "race in a lesson about outcomes is such a bug. Fixed: silent in both looks; in a lesson "
	  "without outcomes also no thread less than its own fix starts, and no body without an "
	  "operation that has some there. What "
	  "judges the answer (outcomes, observe, invariant, who runs) must be the lesson's. Exit "
	  "code: 0 fixed, 1 found or fixed by luck, 2 FILE does not compile or is not the lesson, "
	  "3 the program could not be controlled.",
	  command_lesson },
	{ "replay", COMMAND_REPLAY, "FILE|ID", "show a failure again",
	  "Runs the failing schedule once more, from a failure file or its ID in --out, and tells "
	  "the story again. Exit code: 1 "
	  "when the failure shows again, 0 when it does not.",
	  command_replay },
	{ "compare", COMMAND_COMPARE, "", "processes and threads: what they cost here",
	  "Compares processes and threads, first in words and then measured on this machine: "
	  "creating and joining, switching, messages, memory, and the run time of CPU-bound, "
	  "I/O-bound and mixed work by one process, a process or thread per task, and pools of "
	  "both. Ends with what the figures mean here. Takes half a minute or more; let nothing "
	  "else run meanwhile.",
	  command_compare },
	{ "strategies", COMMAND_STRATEGIES, "", "list the strategies",
	  "Shows the strategies that --strategy can name.", command_strategies },
	{ "doctor", COMMAND_DOCTOR, "[PROGRAM]", "what this machine and a program allow",
	  "Says of each thing that jostle uses whether it works here, and what is lost if not; "
	  "with PROGRAM, also whether that "
	  "can be controlled.",
	  command_doctor },
	{ "version", COMMAND_VERSION, "", "show the version", "Shows the version.",
	  command_version },
	{ "help", COMMAND_HELP, "[COMMAND]", "show help",
	  "Shows help for a command, or an overview.", command_help },
	{ .name = NULL },
};

const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

void command_page(struct page *page, const struct options *options)
{
	page_init(page, options->colour == COLOUR_AUTO ? colour_wanted(STDOUT_FILENO)
						       : options->colour == COLOUR_ALWAYS);
	page_fit_terminal(page, STDOUT_FILENO);
}
