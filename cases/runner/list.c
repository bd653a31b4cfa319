/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue as a table for people and as JSON for `jostle test`. Both come from the
 * declarations and the sources alone, in the order of files and lines: same tree, same bytes.
 */
#include "marks.h"

#include <string.h>

void catalogue_list(const struct catalogue *catalogue, FILE *out)
{
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct entry *entry = &catalogue->entries[i];
		const char *cause = entry->declared->cause;
		char verdict[64];

		snprintf(verdict, sizeof(verdict), "%s%s%s", kind_name(entry->declared->expect),
			 cause ? ":" : "", cause ? cause : "");
		fprintf(out, "%-44s  %-28s  %s\n", entry->id, verdict, entry->declared->title);
	}
}

/* NULL becomes null. */
static void json_string(FILE *out, const char *text)
{
	if (!text) {
		fputs("null", out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ')
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void json_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, "      \"%s\": ", name);
	json_string(out, text);
	fputs(",\n", out);
}

/* Blank-separated words as an array of strings. */
static void json_words(FILE *out, const char *name, const char *words)
{
	char word[64];
	int count = 0;

	fprintf(out, "      \"%s\": [", name);
	while (words && sscanf(words, "%63s", word) == 1) {
		fputs(count++ ? ", " : "", out);
		json_string(out, word);
		words += strspn(words, " ");
		words += strcspn(words, " ");
	}
	fputs("],\n", out);
}

static const char *const needs_names[] = { "accesses" };
static const char *const opt_in_names[] = { "spurious", "eintr",         "short-io",
					    "eagain",   "alloc-failure", "kill" };

static void json_flags(FILE *out, const char *name, unsigned flags, const char *const names[],
		       size_t count)
{
	const char *separator = "";

	fprintf(out, "      \"%s\": [", name);
	for (size_t i = 0; i < count; i++) {
		if (!(flags & 1u << i))
			continue;
		fputs(separator, out);
		json_string(out, names[i]);
		separator = ", ";
	}
	fputs("],\n", out);
}

static void json_kinds(FILE *out, const char *name, unsigned kinds)
{
	const char *separator = "";

	fprintf(out, "      \"%s\": [", name);
	for (int kind = JOSTLE_UNDECLARED + 1; kind < JOSTLE_PASS; kind++) {
		if (!(kinds & JOSTLE_ALSO(kind)))
			continue;
		fputs(separator, out);
		json_string(out, kind_name((enum jostle_kind)kind));
		separator = ", ";
	}
	fputs("],\n", out);
}

static void json_outcomes(FILE *out, const struct jostle_graded *outcomes)
{
	static const char *const grades[] = { "allowed", "interesting", "forbidden" };

	fputs("      \"outcomes\": [", out);
	for (int i = 0; i < JOSTLE_OUTCOMES_MAX && outcomes[i].text; i++) {
		fprintf(out, "%s\n        {\"text\": ", i ? "," : "");
		json_string(out, outcomes[i].text);
		fprintf(out, ", \"grade\": \"%s\", \"why\": ", grades[outcomes[i].grade]);
		json_string(out, outcomes[i].why);
		putc('}', out);
	}
	fputs(outcomes[0].text ? "\n      ],\n" : "],\n", out);
}

/* Who runs, and what judges it: `jostle lesson` compares them with those of a student's file. */
static void json_bodies(FILE *out, const struct jostle_case *c)
{
	const struct jostle_body *bodies = c->threads[0].run ? c->threads : c->processes;
	const char *runs = c->body ? "body" : c->threads[0].run ? "threads" : "processes";

	json_member(out, "runs", runs);
	fputs("      \"bodies\": [", out);
	for (int i = 0; i < JOSTLE_BODIES_MAX && bodies[i].run; i++) {
		fputs(i ? ", " : "", out);
		json_string(out, bodies[i].name);
	}
	fputs("],\n", out);
}

static void json_checks(FILE *out, const struct jostle_case *c)
{
	static const char *const names[] = { "observe", "invariant", "guarded_by", "always" };
	const unsigned checks = (c->observe ? 1U : 0) | (c->invariant ? 2U : 0) |
				(c->guarded_by ? 4U : 0) | (c->always ? 8U : 0);

	json_flags(out, "checks", checks, names, sizeof(names) / sizeof(names[0]));
}

static int json_marks(FILE *out, const struct entry *entry)
{
	const char *separator = "";
	struct marks marks;
	int status = marks_read(&marks, entry);

	fputs("      \"marks\": [", out);
	for (size_t i = 0; !status && i < marks.count; i++) {
		const struct mark *mark = &marks.marks[i];

		if (!mark_applies(mark, entry))
			continue;
		fprintf(out, "%s\n        {\"line\": %d, \"kind\": ", separator, mark->line);
		json_string(out, mark_kind_name(mark, entry));
		fputs(", \"text\": ", out);
		json_string(out, mark->text);
		putc('}', out);
		separator = ",";
	}
	fputs(*separator ? "\n      ]\n" : "]\n", out);
	return status;
}

static int json_entry(FILE *out, const struct entry *entry)
{
	const struct jostle_case *c = entry->declared;

	fputs("    {\n", out);
	json_member(out, "id", entry->id);
	json_member(out, "title", c->title);
	json_words(out, "tags", c->tags);
	json_member(out, "why", c->why);
	json_member(out, "ref", c->ref);
	json_member(out, "expect", kind_name(c->expect));
	json_member(out, "cause", c->cause);
	fprintf(out, "      \"schedules\": %u,\n",
		c->schedules ? c->schedules : JOSTLE_SCHEDULES_DEFAULT);
	json_member(out, "known_gap", c->known_gap);
	json_flags(out, "needs", c->needs, needs_names,
		   sizeof(needs_names) / sizeof(needs_names[0]));
	json_flags(out, "opt_in", c->opt_in, opt_in_names,
		   sizeof(opt_in_names) / sizeof(opt_in_names[0]));
	json_kinds(out, "also", c->also);
	json_bodies(out, c);
	json_checks(out, c);
	json_outcomes(out, c->outcomes);
	json_member(out, "file", entry->path);
	fprintf(out, "      \"line\": %d,\n", entry->registration->line);
	return json_marks(out, entry);
}

int catalogue_list_json(const struct catalogue *catalogue, FILE *out)
{
	int status = 0;

	fputs("{\n  \"version\": 1,\n  \"cases\": [\n", out);
	for (size_t i = 0; i < catalogue->count; i++) {
		int failed = json_entry(out, &catalogue->entries[i]);

		status = status ? status : failed;
		fputs(i + 1 < catalogue->count ? "    },\n" : "    }\n", out);
	}
	fputs("  ]\n}\n", out);
	return status;
}
