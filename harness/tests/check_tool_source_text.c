/* SPDX-License-Identifier: Apache-2.0 */
/* A case's source taken apart: what its members name, and when two functions say the same. */
#include "check_main.h"

#include "symbols/source_text.h"

static const char lesson_text[] =
	"struct jostle_state { int n; };\n"
	"static int half(int n)\n{\n\treturn n / 2;\n}\n"
	"static void observe(struct jostle_state *s, char *text, size_t size)\n"
	"{\n\tsnprintf(text, size, \"%d }\", half(s->n)); /* observe() { */\n}\n"
	"JOSTLE_CASE(fixed) = { .observe = other };\n"
	"JOSTLE_CASE(broken) = {\n"
	"\t.threads = { { .run = observe } },\n"
	"\t.observe = observe,\n};\n";

static struct pool pool;
static struct source_text lesson, text;

static void setup(void)
{
	pool = (struct pool){ NULL };
	source_text_parse(&lesson, lesson_text, &pool);
}

static void teardown(void)
{
	pool_fini(&pool);
}

static bool same_as(const char *function, const char *other_text)
{
	source_text_parse(&text, other_text, &pool);
	return source_text_same_function(&lesson, "observe", &text, function);
}

START_TEST(a_member_is_found_in_its_own_case_and_at_its_own_depth)
{
	ck_assert_str_eq(source_text_member(&lesson, "broken", "observe"), "observe");
	ck_assert_str_eq(source_text_member(&lesson, "fixed", "observe"), "other");
	ck_assert_ptr_null(source_text_member(&lesson, "broken", "run"));
	ck_assert_ptr_null(source_text_member(&lesson, "broken", "invariant"));
	ck_assert_ptr_null(source_text_member(&lesson, "missing", "observe"));
}
END_TEST

/* What is compared with the lesson's observe(). */
static const struct {
	const char *name, *text;
	bool same;
} rows[] = {
	{ "comments and blanks do not count",
	  "int half(int n){return n/2;}//\n"
	  "void observe(struct jostle_state *s, char *text, size_t size)"
	  "{snprintf(text,/* as ever */size,\"%d }\",half(s->n));}",
	  true },
	{ "a constant is another answer",
	  "int half(int n){return n/2;}"
	  "void observe(struct jostle_state *s, char *text, size_t size)"
	  "{snprintf(text,size,\"%d }\",half(90));}",
	  false },
	{ "and so is a blank inside a string",
	  "int half(int n){return n/2;}"
	  "void observe(struct jostle_state *s, char *text, size_t size)"
	  "{snprintf(text,size,\"%d  }\",half(s->n));}",
	  false },
	{ "what is called counts as well",
	  "int half(int n){return n/3;}"
	  "void observe(struct jostle_state *s, char *text, size_t size)"
	  "{snprintf(text,size,\"%d }\",half(s->n));}",
	  false },
	{ "a declaration is no definition",
	  "int half(int n){return n/2;}"
	  "void observe(struct jostle_state *s, char *text, size_t size);",
	  false },
	{ "a body that never ends is none",
	  "int half(int n){return n/2;}"
	  "void observe(struct jostle_state *s, char *text, size_t size)"
	  "{snprintf(text,size,\"%d }\",half(s->n));",
	  false },
	{ "nothing is not the same", "", false },
};

START_TEST(functions_are_the_same_word_by_word)
{
	ck_assert_msg(same_as("observe", rows[_i].text) == rows[_i].same, "%s", rows[_i].name);
}
END_TEST

START_TEST(a_function_may_have_another_name)
{
	ck_assert(same_as("look", "int half(int n){return n/2;}"
				  "void look(struct jostle_state *s, char *text, size_t size)"
				  "{snprintf(text,size,\"%d }\",half(s->n));}"));
}
END_TEST

START_TEST(torn_text_is_read_to_its_end)
{
	source_text_parse(&text, "a(\"b /* c", &pool);
	ck_assert_uint_eq(text.count, 3);
	ck_assert_ptr_null(source_text_member(&text, "broken", "observe"));
	source_text_parse(&text, "JOSTLE_CASE(broken) = { .observe", &pool);
	ck_assert_ptr_null(source_text_member(&text, "broken", "observe"));
	source_text_parse(&text, ")}] f( ) {} /* open", &pool);
	ck_assert(!source_text_same_function(&lesson, "observe", &text, "f"));
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_source_text");
	TCase *tests = tcase_create("source_text");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_member_is_found_in_its_own_case_and_at_its_own_depth);
	tcase_add_loop_test(tests, functions_are_the_same_word_by_word, 0,
			    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tests, a_function_may_have_another_name);
	tcase_add_test(tests, torn_text_is_read_to_its_end);
	suite_add_tcase(suite, tests);
	return suite;
}
