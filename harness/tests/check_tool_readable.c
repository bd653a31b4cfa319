/* SPDX-License-Identifier: Apache-2.0 */
/* Names of C++ in a report. */
#include "check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/readable.h"

#define STRING "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >"

static const struct {
	const char *demangled, *readable;
} names[] = {
	{ "main", "main" },
	{ "registry::get(" STRING " const&)", "registry::get" },
	{ "queue<int>::push(int&&)", "queue<int>::push" },
	{ "void run<int, long>(int, long)", "run<int, long>" },
	{ "std::_Bit_iterator<7> std::fill<int>(int*, int*)", "std::fill<int>" },
	{ "(anonymous namespace)::worker::loop() const", "(anonymous namespace)::worker::loop" },
	{ "void (anonymous namespace)::apply<int>(int)", "(anonymous namespace)::apply<int>" },
	{ "main::{lambda()#1}::operator()() const", "main::{lambda#1}" },
	{ "auto a::b(int)::{lambda(auto:1 const&, int)#2}::operator()<int>(int const, int) const",
	  "a::b::{lambda#2}" },
	{ "a::b() const::{lambda(int)#1}::operator()(int) const", "a::b::{lambda#1}" },
	{ "main::$_0::operator()() const", "main::{lambda#1}" },
	{ "a::b(int)::$_12::operator()<int>(int) const", "a::b::{lambda#13}" },
	{ "$_0::name()", "$_0::name" },
	{ "a::f()::local::g(int)", "a::f::local::g" },
	{ "counter::operator++(int)", "counter::operator++" },
	{ "counter::operator()(int)", "counter::operator()" },
	{ "counter::operator bool() const", "counter::operator bool" },
	{ "counter::operator unsigned long() const", "counter::operator unsigned long" },
	{ "operator new(unsigned long)", "operator new" },
	{ "operator delete[](void*, unsigned long)", "operator delete[]" },
	{ "bool operator< <int>(box<int> const&, box<int> const&)", "operator< <int>" },
	{ "std::ostream& operator<< <char>(std::ostream&, char)", "operator<< <char>" },
	{ "box<&(counter::operator->())>::get()", "box<&(counter::operator->())>::get" },
	{ "operators::run(int)", "operators::run" },
	{ "non-virtual thunk to a::b()", "a::b" },
	{ "decltype(auto) take<int>(int)", "take<int>" },
	{ STRING "::size() const", "std::string::size" },
	{ "std::map<" STRING ", int, std::less<" STRING " >, std::allocator<std::pair<" STRING
	  " const, int> > >::operator[](" STRING " const&)",
	  "std::map<..>::operator[]" },
	{ "bool std::operator< <char, std::char_traits<char>, std::allocator<char> >(" STRING
	  " const&, " STRING " const&)",
	  "std::operator< <..>" },
	{ "std::enable_if<true, void>::type as_long_as_a_name_may_be_with_arguments<int>(int)",
	  "as_long_as_a_name_may_be_with_arguments<int>" },
	/* Nothing that a demangler says is trusted to be whole. */
	{ "cut<int", "cut<int" },
	{ "cut::{lambda(int", "cut::{lambda" },
	{ "cut(int", "cut" },
	{ ">>)]", ">>)]" },
	{ "", "" },
};

START_TEST(a_name_is_what_a_person_would_write)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s", names[_i].demangled);
	readable_name(text);
	ck_assert_str_eq(text, names[_i].readable);
}
END_TEST

START_TEST(a_name_that_is_cut_anywhere_does_no_harm)
{
	const size_t length = strlen(names[_i].demangled);

	for (size_t cut = 0; cut < length; cut++) {
		char *text = strndup(names[_i].demangled, cut);

		ck_assert_ptr_nonnull(text);
		readable_name(text);
		ck_assert_uint_le(strlen(text), cut);
		free(text);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_readable");
	TCase *tcase = tcase_create("readable");

	tcase_add_loop_test(tcase, a_name_is_what_a_person_would_write, 0,
			    sizeof(names) / sizeof(names[0]));
	tcase_add_loop_test(tcase, a_name_that_is_cut_anywhere_does_no_harm, 0,
			    sizeof(names) / sizeof(names[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
