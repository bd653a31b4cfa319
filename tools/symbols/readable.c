/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of C++ as a person would write them. A demangled name (Itanium C++ ABI, 5.1) has the types
 * of all parameters and all template arguments: several lines for what the standard library is
 * called with, of which one word tells where one is.
 */
#include "symbols/readable.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX 48 /* template arguments of a longer name are left out */

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The length of "operator()", "operator<<", "operator new[]" and so on at *at; 0: no operator. Of
 * a conversion to a type only the word, since the type may have anything in it. */
static size_t operator_length(const char *text, const char *at)
{
	static const char *const signs[] = {
		"()",  " new[]", " new", " delete[]", " delete", "[]", "<<=", ">>=", "<=>",
		"->*", "<<",     ">>",   "->",        "<=",      ">=", "<",   ">",
	};

	if (!starts(at, "operator") || (at > text && is_word(at[-1])) || is_word(at[8]))
		return 0;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (starts(at + 8, signs[i]))
			return 8 + strlen(signs[i]);
	return 8;
}

/* From the bracket at *at to behind the one that closes it; to the end if none does. */
static size_t bracketed(const char *text, const char *at)
{
	const char *const from = at;
	size_t depth = 0, length;

	for (; *at; at += length) {
		length = operator_length(text, at);
		if (length)
			continue;
		length = 1;
		if (strchr("(<{[", *at))
			depth++;
		else if (strchr(")>}]", *at) && (*at != '>' || at[-1] != '-') && --depth == 0)
			return (size_t)(at + 1 - from);
	}
	return (size_t)(at - from);
}

struct name {
	char *text; /* what was read is overwritten by what is kept, which is never longer */
	size_t length;
};

static void keep(struct name *name, const char *from, size_t length)
{
	memmove(name->text + name->length, from, length);
	name->length += length;
}

/* How much of what follows a lambda only says that it is called: "::operator()<int>". */
static size_t lambda_call(const char *text, const char *at)
{
	static const char call[] = "::operator()";
	const size_t length = sizeof(call) - 1;

	if (!starts(at, call))
		return 0;
	return at[length] == '<' ? length + bracketed(text, at + length) : length;
}

/* "{lambda(int)#2}::operator()" is {lambda#2}. Returns how much was read. */
static size_t lambda(struct name *name, const char *text, const char *at)
{
	static const char word[] = "{lambda";
	size_t length = bracketed(text, at), parameters = bracketed(text, at + sizeof(word) - 1);

	keep(name, at, sizeof(word) - 1);
	keep(name, at + sizeof(word) - 1 + parameters, length - (sizeof(word) - 1 + parameters));
	return length + lambda_call(text, at + length);
}

/* What clang calls "$_1::operator()" is {lambda#2}, too; 0: it is something else. */
static size_t numbered_lambda(struct name *name, const char *text, const char *at)
{
	const size_t digits = starts(at, "$_") ? strspn(at + 2, "0123456789") : 0;
	const size_t call = digits && digits < 6 ? lambda_call(text, at + 2 + digits) : 0;
	char shown[24];
	int length;

	if (!call)
		return 0;
	length = snprintf(shown, sizeof(shown), "{lambda#%d}", atoi(at + 2) + 1);
	keep(name, shown, (size_t)length);
	return 2 + digits + call;
}

/* Parameters of a function in which something else lies, with what qualifies them; 0: the last
 * ones. */
static size_t enclosing_parameters(const char *text, const char *at)
{
	static const char *const qualifiers[] = { " const", " volatile", " noexcept", "&" };
	size_t length = bracketed(text, at);

	for (size_t i = 0; i < sizeof(qualifiers) / sizeof(qualifiers[0]); i++)
		while (starts(at + length, qualifiers[i]))
			length += strlen(qualifiers[i]);
	return starts(at + length, "::") ? length : 0;
}

static bool ends_with(const struct name *name, const char *word)
{
	const size_t length = strlen(word);

	return name->length >= length &&
	       strncmp(name->text + name->length - length, word, length) == 0;
}

/* Without parameters and the type that is returned. */
static void keep_name(struct name *name)
{
	static const char anonymous[] = "(anonymous namespace)";
	const char *const text = name->text;
	bool is_operator = false;
	size_t length;

	for (const char *at = text; *at; at += length) {
		length = numbered_lambda(name, text, at);
		if (length)
			continue;
		length = operator_length(text, at);
		if (length) {
			is_operator = true;
			keep(name, at, length);
		} else if (starts(at, anonymous)) {
			length = sizeof(anonymous) - 1;
			keep(name, at, length);
		} else if (starts(at, "{lambda(")) {
			length = lambda(name, text, at);
		} else if (*at == '<' || *at == '{' || ends_with(name, "decltype")) {
			length = bracketed(text, at);
			keep(name, at, length);
		} else if (*at == '(') {
			length = enclosing_parameters(text, at);
			if (!length)
				break;
		} else if (*at == ' ' && !is_operator) {
			name->length = 0;
			length = 1;
		} else {
			length = 1;
			keep(name, at, 1);
		}
	}
	name->text[name->length] = '\0';
}

/* Each "from", all of whose places are longer than "to". */
static void replace(char *text, const char *from, const char *to)
{
	for (char *at = strstr(text, from); at; at = strstr(at + strlen(to), from)) {
		memcpy(at, to, strlen(to));
		memmove(at + strlen(to), at + strlen(from), strlen(at + strlen(from)) + 1);
	}
}

static void leave_arguments_out(char *text)
{
	struct name name = { text, 0 };
	size_t length;

	for (const char *at = text; *at; at += length) {
		length = operator_length(text, at);
		if (length) {
			keep(&name, at, length);
			continue;
		}
		length = *at == '<' ? bracketed(text, at) : 1;
		if (length > 4)
			keep(&name, "<..>", 4);
		else
			keep(&name, at, length);
	}
	text[name.length] = '\0';
}

void readable_name(char *text)
{
	struct name name = { text, 0 };

	replace(text,
		"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >",
		"std::string");
	replace(text, "std::string >", "std::string>");
	replace(text, "std::__cxx11::", "std::");
	keep_name(&name);
	if (name.length > PLAIN_MAX)
		leave_arguments_out(text);
}
