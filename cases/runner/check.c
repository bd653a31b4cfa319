/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler cannot check of a case: that nothing mandatory was forgotten, that a broken
 * variant stands beside its fix, and that the marks say where its finding must land.
 */
#include "marks.h"

#include <string.h>

struct report {
	FILE *out;
	const struct entry *entry;
	size_t problems;
};

static void require(struct report *report, int holds, const char *problem)
{
	if (holds)
		return;
	fprintf(report->out, "%s: %s\n", report->entry->id, problem);
	report->problems++;
}

static int is_said(const char *text)
{
	return text && *text;
}

static int is_broken(const struct entry *entry)
{
	return entry->declared->expect != JOSTLE_PASS;
}

static void check_declaration(struct report *report)
{
	const struct jostle_case *c = report->entry->declared;
	int ways = (c->threads[0].run != NULL) + (c->processes[0].run != NULL) + (c->body != NULL);

	require(report, (unsigned)c->expect < JOSTLE_KINDS && c->expect != JOSTLE_UNDECLARED,
		"says no .expect");
	require(report, is_said(c->title), "says no .title");
	require(report, is_said(c->tags), "says no .tags");
	require(report, is_said(c->why), "says no .why");
	require(report, is_said(c->ref), "says no .ref");
	require(report, ways == 1, "needs exactly one of .threads, .processes and .body");
	require(report, !c->observe == !c->outcomes[0].text,
		".observe and .outcomes belong together");
	require(report, !c->guarded_by || c->invariant, ".guarded_by without .invariant");
	require(report, is_said(c->cause) || c->expect != JOSTLE_DEADLOCK,
		"a deadlock says its .cause");
	require(report, !c->cause || is_broken(report->entry), "a passing case has no .cause");
	require(report, !c->known_gap || is_broken(report->entry),
		"a passing case has no .known_gap");
	require(report, !c->also || is_broken(report->entry), "a passing case has no .also");
	require(report, !(c->also & JOSTLE_ALSO(c->expect)), ".also repeats .expect");
	for (int i = 0; i < JOSTLE_BODIES_MAX; i++) {
		require(report, !c->threads[i].run == !c->threads[i].name,
			"a thread lacks its name");
		require(report, !c->processes[i].run == !c->processes[i].name,
			"a process lacks its name");
	}
}

/* The file's marks are read again for each of its variants: there are few, and nobody waits. */
static void check_marks(struct report *report)
{
	const struct entry *entry = report->entry;
	struct marks marks;
	int strict = 0;

	if (marks_read(&marks, entry)) {
		require(report, 0, "its source, and so its marks, cannot be read");
		return;
	}
	for (size_t i = 0; i < marks.count; i++) {
		const struct mark *mark = &marks.marks[i];

		require(report, mark_is_known(mark), "a comment in capitals is no known mark");
		strict += mark_applies(mark, entry) && mark_is_strict(mark, entry);
	}
	require(report, strict > 0 || !is_broken(entry), "no mark says where it must be found");
}

/* Entries are sorted by file: looks for a passing one among the neighbours with the same path. */
static void check_twin(struct report *report, const struct catalogue *catalogue)
{
	int fixed = 0;

	for (size_t i = 0; i < catalogue->count; i++)
		fixed |= strcmp(catalogue->entries[i].path, report->entry->path) == 0 &&
			 !is_broken(&catalogue->entries[i]);
	require(report, fixed, "no fixed variant stands beside it");
}

size_t catalogue_check(const struct catalogue *catalogue, FILE *out)
{
	struct report report = { .out = out };

	for (size_t i = 0; i < catalogue->count; i++) {
		report.entry = &catalogue->entries[i];
		check_declaration(&report);
		check_marks(&report);
		check_twin(&report, catalogue);
		require(&report, !i || strcmp(report.entry[-1].id, report.entry->id) != 0,
			"its id is taken twice");
	}
	return report.problems;
}
