/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `jostle cc` and `jostle c++`: the compiler, told to make every memory access visible. Nothing
 * stands between it and the caller: the command becomes the compiler, with its exit code and its
 * diagnostics. Installed also as jostle-cc and jostle-c++, for build systems that want one word.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jostle/commands.h"
#include "jostle/compile.h"
#include "jostle/library.h"
#include "jostle/say.h"

#define COMPILER_WORDS_MAX 16
#define OWN_OPTION         "--compiler="

struct language {
	const char *command;  /* for messages */
	const char *variable; /* names the compiler */
	const char *gcc, *clang;
};

static const struct language language_c = { "cc", "JOSTLE_CC", "gcc", "clang" };
static const struct language language_cxx = { "c++", "JOSTLE_CXX", "g++", "clang++" };

/* The compiler's words: "ccache gcc-13" is two. */
struct driver {
	char *words[COMPILER_WORDS_MAX + 1];
	size_t count;
};

static void driver_split(struct driver *driver, const char *text)
{
	char *copy = strdup(text), *rest = NULL;

	if (!copy)
		abort();
	for (char *word = strtok_r(copy, " ", &rest); word && driver->count < COMPILER_WORDS_MAX;
	     word = strtok_r(NULL, " ", &rest))
		driver->words[driver->count++] = word;
}

/* "clang-16" names a family and a version: the C++ compiler of the same is clang++-16. */
static void driver_for_language(struct driver *driver, const struct language *language)
{
	char *last = driver->words[driver->count - 1];
	char *slash = strrchr(last, '/');
	char *base = slash ? slash + 1 : last;
	const char *const from[] = { language_c.clang, language_c.gcc };
	const char *const to[] = { language->clang, language->gcc };

	for (size_t i = 0; language == &language_cxx && i < 2; i++) {
		size_t length = strlen(from[i]);

		if (strncmp(base, from[i], length) != 0 || (base[length] && base[length] != '-'))
			continue;
		if (asprintf(&driver->words[driver->count - 1], "%.*s%s%s", (int)(base - last),
			     last, to[i], base + length) < 0)
			abort();
		return;
	}
}

/* A name such as cc says nothing: then the compiler is asked. */
static enum compiler driver_family(const struct driver *driver)
{
	const char *last = driver->words[driver->count - 1];
	const char *base = strrchr(last, '/') ? strrchr(last, '/') + 1 : last;
	char text[PATH_MAX + 64];
	bool clang = false;
	FILE *pipe;

	if (strstr(base, "clang"))
		return COMPILER_CLANG;
	if (strstr(base, "gcc") || strstr(base, "g++"))
		return COMPILER_GCC;
	snprintf(text, sizeof(text), "'%s' --version 2>/dev/null", last);
	pipe = popen(text, "re");
	while (pipe && fgets(text, sizeof(text), pipe))
		clang |= strstr(text, "clang") != NULL;
	if (pipe)
		pclose(pipe);
	return clang ? COMPILER_CLANG : COMPILER_GCC;
}

static int driver_choose(struct driver *driver, const struct language *language, const char *given)
{
	const char *set = getenv(language->variable);

	if (given) {
		driver_split(driver, given);
		if (driver->count)
			driver_for_language(driver, language);
	} else {
		driver_split(driver, set && set[0] ? set : language->gcc);
	}
	if (driver->count)
		return 0;
	return say_error(EXIT_USAGE, "%s: the compiler's name is empty", language->command);
}

static int become(const struct language *language, const struct driver *driver, char **words,
		  size_t count)
{
	char **argv = calloc(driver->count + count, sizeof(char *));

	if (!argv)
		abort();
	memcpy(argv, driver->words, driver->count * sizeof(char *));
	/* words[0] is the compiler's place. */
	memcpy(argv + driver->count, words + 1, (count - 1) * sizeof(char *));
	execvp(argv[0], argv);
	return say_error(EXIT_USAGE, "%s: %s: %s; name another compiler in %s or --compiler=NAME",
			 language->command, argv[0],
			 errno == ENOENT ? "not found" : strerror(errno), language->variable);
}

static int compile(const struct language *language, int argc, char **argv)
{
	char standin[PATH_MAX];
	struct compile line = { .standin_folder = standin };
	struct driver driver = { .count = 0 };
	const char *given = NULL;
	char **words;
	size_t count;
	int code;

	while (argc > 0 && strncmp(argv[0], OWN_OPTION, strlen(OWN_OPTION)) == 0) {
		given = argv[0] + strlen(OWN_OPTION);
		argc--;
		argv++;
	}
	code = driver_choose(&driver, language, given);
	if (code == 0)
		code = library_standin_folder(standin);
	if (code)
		return code;
	if (compile_links(argc, argv) && compile_is_static(argc, argv))
		return say_error(EXIT_USAGE,
				 "%s: a static program cannot be controlled; link it without "
				 "-static",
				 language->command);
	line.compiler = driver_family(&driver);
	words = compile_arguments(&line, argc, argv, &count);
	return become(language, &driver, words, count);
}

int command_cc(int argc, char **argv)
{
	return compile(&language_c, argc, argv);
}

int command_cxx(int argc, char **argv)
{
	return compile(&language_cxx, argc, argv);
}
