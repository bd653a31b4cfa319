/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the linker section to a sorted table with ids. An id is the file's path below the last
 * "cases/", without its extension, plus the name in JOSTLE_CASE; a file that lies elsewhere (a case
 * in somebody's own project) is known by its last component alone.
 */
#include "catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The linker makes these from the section's name; weak, since a program may hold no case. */
extern const struct jostle_registration *const __start_jostle_cases[] __attribute__((weak));
extern const struct jostle_registration *const __stop_jostle_cases[] __attribute__((weak));

static const char folder[] = "cases/";

/* From the last "cases/" on that is a whole path component; file itself when there is none. */
static const char *path_from_cases(const char *file)
{
	const char *from = file;

	for (const char *p = file; (p = strstr(p, folder)); p++)
		if (p == file || p[-1] == '/')
			from = p;
	return from;
}

/* What follows that "cases/", or else the last component. */
static const char *path_below_cases(const char *file)
{
	const char *from = path_from_cases(file);
	const char *slash = strrchr(file, '/');

	if (strncmp(from, folder, sizeof(folder) - 1) == 0)
		return from + sizeof(folder) - 1;
	return slash ? slash + 1 : file;
}

static size_t stem_length(const char *below)
{
	const char *dot = strrchr(below, '.');

	return dot ? (size_t)(dot - below) : strlen(below);
}

static size_t registered(void)
{
	return (size_t)(__stop_jostle_cases - __start_jostle_cases);
}

static int entry_init(struct entry *entry, const struct jostle_registration *registration)
{
	const char *below = path_below_cases(registration->file);
	int stem = (int)stem_length(below);
	int id = snprintf(entry->id, sizeof(entry->id), "%.*s/%s", stem, below, registration->name);
	int path = snprintf(entry->path, sizeof(entry->path), "%s",
			    path_from_cases(registration->file));

	entry->registration = registration;
	entry->declared = registration->declared;
	return id < (int)sizeof(entry->id) && path < (int)sizeof(entry->path) ? 0 : -ENAMETOOLONG;
}

/* By file, and within a file by line: a reader meets the broken variant before its fixes. */
static int entry_compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	return order ? order : left->registration->line - right->registration->line;
}

int catalogue_open(struct catalogue *catalogue)
{
	size_t found = registered();
	int status;

	catalogue->count = 0;
	if (found > CATALOGUE_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < found; i++) {
		status = entry_init(&catalogue->entries[i], __start_jostle_cases[i]);
		if (status)
			return status;
	}
	catalogue->count = found;
	qsort(catalogue->entries, found, sizeof(catalogue->entries[0]), entry_compare);
	return 0;
}

/* Whether wanted is this registration's id, or its file with the name in variant, or NULL there. */
static int id_matches(const struct jostle_registration *registration, const char *wanted,
		      const char *variant)
{
	const char *below = path_below_cases(registration->file);
	size_t stem = stem_length(below);

	if (strncmp(wanted, below, stem) != 0)
		return 0;
	if (wanted[stem] == '\0')
		return !variant || strcmp(variant, registration->name) == 0;
	return wanted[stem] == '/' && !variant &&
	       strcmp(wanted + stem + 1, registration->name) == 0;
}

/* Looks at the section as it is, without making ids or sorting. */
int catalogue_find(struct entry *entry, const char *id, const char *variant)
{
	const struct jostle_registration *found = NULL;

	for (size_t i = 0; i < registered(); i++) {
		const struct jostle_registration *candidate = __start_jostle_cases[i];

		if (id_matches(candidate, id, variant) && (!found || candidate->line < found->line))
			found = candidate;
	}
	return found ? entry_init(entry, found) : -ENOENT;
}

const char *kind_name(enum jostle_kind kind)
{
	static const char *const names[JOSTLE_KINDS] = {
		[JOSTLE_UNDECLARED] = "undeclared",
		[JOSTLE_PASS] = "pass",
		[JOSTLE_RACE] = "race",
		[JOSTLE_DEADLOCK] = "deadlock",
		[JOSTLE_LOCK_ORDER] = "lock-order",
		[JOSTLE_LIVELOCK] = "livelock",
		[JOSTLE_STARVATION] = "starvation",
		[JOSTLE_HANG] = "hang",
		[JOSTLE_MISUSE] = "misuse",
		[JOSTLE_LIFETIME] = "lifetime",
		[JOSTLE_LEAK] = "leak",
		[JOSTLE_ASSERT] = "assert",
		[JOSTLE_CRASH] = "crash",
		[JOSTLE_EXIT] = "exit",
		[JOSTLE_INVARIANT] = "invariant",
		[JOSTLE_OUTCOME] = "outcome",
		[JOSTLE_LINEARIZABILITY] = "linearizability",
	};

	return (unsigned)kind < JOSTLE_KINDS ? names[kind] : names[JOSTLE_UNDECLARED];
}
