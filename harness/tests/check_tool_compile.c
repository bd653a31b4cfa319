/* SPDX-License-Identifier: Apache-2.0 */
/* What a compiler's command line becomes. */
#include "check_main.h"

#include <stdio.h>
#include <string.h>

#include "jostle/compile.h"

#define LINE(...) ((char *[]){ __VA_ARGS__, NULL })

static int length_of(char **words)
{
	int length = 0;

	while (words[length])
		length++;
	return length;
}

/* Lines that were asked for: their texts belong to nobody, and a leak checker shall not mind. */
static char **kept[64];
static size_t kept_count;

/* All words, each between blanks. */
static const char *joined(enum compiler compiler, char **words)
{
	const struct compile compile = { compiler, "/lib/jostle" };
	static char text[16384];
	size_t count, used = 1;
	char **line = compile_arguments(&compile, length_of(words), words, &count);

	ck_assert_uint_lt(kept_count, sizeof(kept) / sizeof(kept[0]));
	kept[kept_count++] = line;
	ck_assert_ptr_null(line[0]);
	strcpy(text, " ");
	for (size_t i = 1; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s ", line[i]);
	ck_assert_uint_lt(used, sizeof(text));
	ck_assert_ptr_null(line[count]);
	return text;
}

static const struct {
	const char *name;
	char *words[8];
	bool links;
} lines[] = {
	{ "a source", { (char[]){ "a.c" } }, true },
	{ "an object and -o", { (char[]){ "-o" }, (char[]){ "a" }, (char[]){ "a.o" } }, true },
	{ "-c", { (char[]){ "-c" }, (char[]){ "a.c" } }, false },
	{ "-E", { (char[]){ "a.c" }, (char[]){ "-E" } }, false },
	{ "-MM", { (char[]){ "-MM" }, (char[]){ "a.c" } }, false },
	{ "-MD compiles on", { (char[]){ "-MD" }, (char[]){ "a.c" } }, true },
	{ "a question", { (char[]){ "-v" } }, false },
	{ "nothing", { NULL }, false },
	{ "a value is no input", { (char[]){ "-o" }, (char[]){ "a" } }, false },
	{ "-c may be a value", { (char[]){ "-o" }, (char[]){ "-c" }, (char[]){ "a.c" } }, true },
	{ "standard input", { (char[]){ "-x" }, (char[]){ "c" }, (char[]){ "-" } }, true },
	{ "a response file", { (char[]){ "@words" } }, true },
};

START_TEST(a_line_links_or_not)
{
	char **words = (char **)lines[_i].words;

	ck_assert_msg(compile_links(length_of(words), words) == lines[_i].links, "%s",
		      lines[_i].name);
}
END_TEST

START_TEST(what_the_caller_says_comes_last)
{
	const char *text = joined(COMPILER_GCC, LINE((char[]){ "-g0" }, (char[]){ "a.c" }));

	ck_assert_ptr_nonnull(strstr(text, " -fsanitize=thread "));
	ck_assert_str_eq(text + strlen(text) - strlen(" -g0 a.c "), " -g0 a.c ");
}
END_TEST

START_TEST(gcc_finds_our_libtsan_first)
{
	const char *text = joined(COMPILER_GCC, LINE((char[]){ "a.c" }, (char[]){ "-L/other" }));

	ck_assert_ptr_nonnull(strstr(text, " -B/lib/jostle -L/lib/jostle "));
	ck_assert(strstr(text, "-L/lib/jostle") < strstr(text, "-L/other"));
	ck_assert_ptr_nonnull(strstr(text, " -Xlinker -rpath -Xlinker /lib/jostle "));
}
END_TEST

START_TEST(clang_names_the_library_and_links_no_runtime)
{
	const char *text = joined(COMPILER_CLANG, LINE((char[]){ "a.c" }));

	ck_assert_ptr_nonnull(strstr(text, " -fno-sanitize-link-runtime "));
	ck_assert_ptr_nonnull(strstr(text, " -ljostle "));
	ck_assert_ptr_nonnull(strstr(text, " -mllvm -tsan-instrument-read-before-write=1 "));
}
END_TEST

START_TEST(who_does_not_link_is_told_no_library)
{
	ck_assert_ptr_null(strstr(joined(COMPILER_CLANG, LINE((char[]){ "-c" }, (char[]){ "a.c" })),
				  "-ljostle"));
	ck_assert_ptr_null(strstr(joined(COMPILER_CLANG, LINE((char[]){ "-r" }, (char[]){ "a.o" })),
				  "-ljostle"));
	ck_assert_ptr_null(strstr(joined(COMPILER_GCC, LINE((char[]){ "-v" })), "-rpath"));
}
END_TEST

START_TEST(what_would_hide_accesses_is_left_out)
{
	const char *text = joined(
		COMPILER_GCC, LINE((char[]){ "-D_FORTIFY_SOURCE=2" }, (char[]){ "-static-libtsan" },
				   (char[]){ "-Wp,-D_FORTIFY_SOURCE=3" }, (char[]){ "a.c" }));

	ck_assert_ptr_null(strstr(text, "-D_FORTIFY_SOURCE"));
	ck_assert_ptr_null(strstr(text, "-static-libtsan"));
}
END_TEST

START_TEST(a_static_program_is_noticed)
{
	char **dynamic = LINE((char[]){ "-static-libgcc" }, (char[]){ "a.c" });
	char **whole = LINE((char[]){ "-static-pie" }, (char[]){ "a.c" });

	ck_assert(!compile_is_static(2, dynamic));
	ck_assert(compile_is_static(2, whole));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_compile");
	TCase *tcase = tcase_create("compile");

	tcase_add_loop_test(tcase, a_line_links_or_not, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tcase, what_the_caller_says_comes_last);
	tcase_add_test(tcase, gcc_finds_our_libtsan_first);
	tcase_add_test(tcase, clang_names_the_library_and_links_no_runtime);
	tcase_add_test(tcase, who_does_not_link_is_told_no_library);
	tcase_add_test(tcase, what_would_hide_accesses_is_left_out);
	tcase_add_test(tcase, a_static_program_is_noticed);
	suite_add_tcase(suite, tcase);
	return suite;
}
