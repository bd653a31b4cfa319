/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases that are linked into this program, in the order of their ids.
 *
 * JOSTLE_CASE leaves a pointer in the linker section "jostle_cases"; the linker orders them as it
 * likes, so they are sorted before anybody looks. Everything is built once by catalogue_open() and
 * read-only afterwards. Single-threaded: used before a case starts its threads.
 */
#ifndef JOSTLE_CASES_CATALOGUE_H
#define JOSTLE_CASES_CATALOGUE_H

#include "jostle.h"

#include <stdio.h>

#define CATALOGUE_MAX    1024
#define CATALOGUE_ID_MAX 128

struct entry {
	char id[CATALOGUE_ID_MAX];   /* deadlock/lock_order_two/broken */
	char path[CATALOGUE_ID_MAX]; /* cases/deadlock/lock_order_two.c; as compiled elsewhere */
	const struct jostle_registration *registration;
	const struct jostle_case *declared; /* never NULL */
};

struct catalogue {
	size_t count;
	struct entry entries[CATALOGUE_MAX];
};

/* Fills catalogue from the section. Returns 0, or -ENOSPC or -ENAMETOOLONG (a limit above). */
int catalogue_open(struct catalogue *catalogue);

/*
 * Finds one case without opening the catalogue. id is a whole id, or one without the name and then
 * variant is the name; with a NULL variant it is the first case of that file. Fills entry and
 * returns 0, or -ENOENT, or -ENAMETOOLONG.
 */
int catalogue_find(struct entry *entry, const char *id, const char *variant);

/* "race", "lock-order", ..., "pass"; "undeclared" for what is no kind. */
const char *kind_name(enum jostle_kind kind);

/*
 * Writes one line to out for each thing that is wrong with the declarations and the marks: a
 * forgotten .expect, a broken variant without a fix. Returns the number of lines.
 */
size_t catalogue_check(const struct catalogue *catalogue, FILE *out);

/* Writes the table of cases for people. */
void catalogue_list(const struct catalogue *catalogue, FILE *out);

/* Writes what `jostle test` reads. Returns 0, or -errno when it lacks marks because a source file
 * could not be read. */
int catalogue_list_json(const struct catalogue *catalogue, FILE *out);

#endif
