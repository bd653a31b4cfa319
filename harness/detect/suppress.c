/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing and matching of suppression rules. */
#include "detect/suppress.h"

#include "event/finding.h"

enum { NOT_A_RULE = -22, NO_ROOM = -28 }; /* EINVAL, ENOSPC */

/*
 * The usual greedy walk: after a mismatch the last * takes one more character. Linear in practice,
 * at worst the product of both lengths, and no recursion.
 */
bool suppress_glob(const char *pattern, size_t length, const char *text)
{
	size_t at = 0, star = length, resume = 0, i = 0;

	while (text[i] != '\0') {
		const bool escaped = at + 1 < length && pattern[at] == '\\';
		const char wanted = escaped ? pattern[at + 1] : at < length ? pattern[at] : '\0';

		if (!escaped && at < length && wanted == '*') {
			star = at++;
			resume = i;
		} else if (at < length && (wanted == text[i] || (!escaped && wanted == '?'))) {
			at += escaped ? 2 : 1;
			i++;
		} else if (star < length) {
			at = star + 1;
			i = ++resume;
		} else {
			return false;
		}
	}
	while (at < length && pattern[at] == '*')
		at++;
	return at == length;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct span {
	const char *begin, *end;
};

static struct span trim(const char *begin, const char *end)
{
	while (begin < end && is_blank(*begin))
		begin++;
	while (begin < end && is_blank(end[-1]))
		end--;
	return (struct span){ begin, end };
}

/* An enum finding_kind, SUPPRESS_ANY_KIND, or less than that: neither. */
static int kind_of(struct span span)
{
	char name[32];
	const size_t length = (size_t)(span.end - span.begin);
	int kind;

	if (length == 1 && *span.begin == '*')
		return SUPPRESS_ANY_KIND;
	if (length == 0 || length >= sizeof(name))
		return SUPPRESS_ANY_KIND - 1;
	for (size_t i = 0; i < length; i++)
		name[i] = span.begin[i];
	name[length] = '\0';
	kind = finding_kind_from_name(name);
	return kind > FINDING_NONE ? kind : SUPPRESS_ANY_KIND - 1;
}

static bool parse_rule(struct span line, struct suppress_rule *rule)
{
	const char *colon = line.begin;
	struct span pattern;

	while (colon < line.end && *colon != ':')
		colon++;
	if (colon == line.end)
		return false;
	pattern = trim(colon + 1, line.end);
	rule->kind = kind_of(trim(line.begin, colon));
	rule->pattern = pattern.begin;
	rule->length = (size_t)(pattern.end - pattern.begin);
	rule->used = 0;
	return rule->kind >= SUPPRESS_ANY_KIND && rule->length > 0;
}

int suppress_parse(const char *text, size_t length, struct suppress_rule *rules, size_t max,
		   size_t *count, uint32_t *line)
{
	const char *at = text, *end = text + length;

	*count = 0;
	for (*line = 1; at < end; ++*line) {
		const char *stop = at;
		struct span content;

		while (stop < end && *stop != '\n')
			stop++;
		content = trim(at, stop);
		at = stop < end ? stop + 1 : end;
		if (content.begin == content.end || *content.begin == '#')
			continue;
		if (*count == max)
			return NO_ROOM;
		if (!parse_rule(content, &rules[*count]))
			return NOT_A_RULE;
		rules[(*count)++].line = *line;
	}
	return 0;
}

static bool matches(const struct suppress_rule *rule, const char *text)
{
	return text && suppress_glob(rule->pattern, rule->length, text);
}

struct suppress_rule *suppress_match(struct suppress_rule *rules, size_t count,
				     const struct suppress_subject *subject)
{
	for (size_t i = 0; i < count; i++) {
		struct suppress_rule *rule = &rules[i];

		if (rule->kind != SUPPRESS_ANY_KIND && rule->kind != subject->kind)
			continue;
		if (matches(rule, subject->title))
			return rule;
		for (size_t j = 0; j < subject->function_count; j++)
			if (matches(rule, subject->functions[j]))
				return rule;
		for (size_t j = 0; j < subject->file_count; j++)
			if (matches(rule, subject->files[j]))
				return rule;
	}
	return NULL;
}
