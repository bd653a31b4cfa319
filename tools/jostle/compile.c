/* SPDX-License-Identifier: Apache-2.0 */
#include "jostle/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jostle/instrument_flags.h"

struct line {
	char **words;
	size_t count;
};

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* Options of both compilers whose value is the next word: it is no input. Of an option that is not
 * here the value counts as an input, which does no harm unless there is no other. */
static bool takes_next(const char *word)
{
	static const char *const options[] = { "-o",
					       "-x",
					       "-I",
					       "-L",
					       "-l",
					       "-D",
					       "-U",
					       "-T",
					       "-u",
					       "-z",
					       "-e",
					       "-h",
					       "-include",
					       "-imacros",
					       "-isystem",
					       "-iquote",
					       "-idirafter",
					       "-iprefix",
					       "-isysroot",
					       "-iwithprefix",
					       "-MF",
					       "-MT",
					       "-MQ",
					       "-Xlinker",
					       "-Xassembler",
					       "-Xclang",
					       "-mllvm",
					       "-aux-info",
					       "--param",
					       "-dumpbase",
					       "-dumpdir",
					       "-specs",
					       "--sysroot",
					       "-target",
					       "-Xpreprocessor",
					       "-iwithprefixbefore",
					       "-imultilib",
					       "-arch",
					       "-wrapper",
					       "-B",
					       NULL };

	return is_one_of(word, options);
}

static bool has_input(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (takes_next(argv[i]))
			i++;
		else if (argv[i][0] != '-' || !argv[i][1])
			return true;
	}
	return false;
}

static bool stops_early(int argc, char **argv)
{
	static const char *const stops[] = { "-c",           "-S",  "-E",
					     "-M",           "-MM", "-fsyntax-only",
					     "--precompile", NULL };

	for (int i = 0; i < argc; i++) {
		if (is_one_of(argv[i], stops))
			return true;
		i += takes_next(argv[i]);
	}
	return false;
}

bool compile_links(int argc, char **argv)
{
	return has_input(argc, argv) && !stops_early(argc, argv);
}

bool compile_is_static(int argc, char **argv)
{
	static const char *const options[] = { "-static", "--static", "-static-pie", NULL };

	for (int i = 0; i < argc; i++)
		if (is_one_of(argv[i], options))
			return true;
	return false;
}

/* A partial link has no libraries, and who asks for none gets none from the compiler either. */
static bool wants_libraries(int argc, char **argv)
{
	static const char *const options[] = { "-r", "-nostdlib", "-nodefaultlibs", NULL };

	for (int i = 0; i < argc; i++)
		if (is_one_of(argv[i], options))
			return false;
	return true;
}

/*
 * _FORTIFY_SOURCE turns memcpy into a builtin that no flag keeps as a call; the runtime's library
 * must be ours.
 */
static bool is_dropped(const char *word)
{
	return strncmp(word, "-D_FORTIFY_SOURCE", 17) == 0 ||
	       strncmp(word, "-Wp,-D_FORTIFY_SOURCE", 21) == 0 ||
	       strcmp(word, "-static-libtsan") == 0 || strcmp(word, "-static-libsan") == 0;
}

static void add(struct line *line, const char *word)
{
	line->words[line->count++] = (char *)word;
}

static void add_text(struct line *line, const char *before, const char *text)
{
	char *word;

	if (asprintf(&word, "%s%s", before, text) < 0)
		abort();
	add(line, word);
}

static void add_list(struct line *line, const char *const *list)
{
	for (; *list; list++)
		add(line, *list);
}

/* The linker takes a comma for the end of a word; -Xlinker does not. */
static void add_rpath(struct line *line, const char *folder)
{
	add(line, "-Xlinker");
	add(line, "-rpath");
	add(line, "-Xlinker");
	add(line, folder);
}

static void add_link_gcc(struct line *line, const struct compile *compile)
{
	add_text(line, "-B", compile->standin_folder);
	add_text(line, "-L", compile->standin_folder);
	add_rpath(line, compile->standin_folder);
}

static void add_link_clang(struct line *line, const struct compile *compile)
{
	add_text(line, compile->standin_folder, "/libtsan_calls.o");
	add_text(line, "-L", compile->standin_folder);
	add(line, "-Wl,--push-state,--no-as-needed");
	add(line, "-ljostle");
	add(line, "-Wl,--pop-state");
	add_rpath(line, compile->standin_folder);
}

#define FLAGS_MAX (sizeof(instrument_flags_gcc) + sizeof(instrument_flags_clang)) / sizeof(char *)
#define ADDED_MAX (FLAGS_MAX + 16)

char **compile_arguments(const struct compile *compile, int argc, char **argv, size_t *argc_out)
{
	const bool links = compile_links(argc, argv) && wants_libraries(argc, argv);
	struct line line = { .words = calloc((size_t)argc + ADDED_MAX, sizeof(char *)),
			     .count = 1 };

	if (!line.words)
		abort();
	if (compile->compiler == COMPILER_GCC) {
		add_list(&line, instrument_flags_gcc);
		if (links)
			add_link_gcc(&line, compile);
	} else {
		/* Which of them a line does not need is none of the caller's business. */
		add(&line, "--start-no-unused-arguments");
		add_list(&line, instrument_flags_clang);
		add(&line, "-fno-sanitize-link-runtime");
		if (links)
			add_link_clang(&line, compile);
		add(&line, "--end-no-unused-arguments");
	}
	for (int i = 0; i < argc; i++)
		if (!is_dropped(argv[i]))
			add(&line, argv[i]);
	*argc_out = line.count;
	return line.words;
}
