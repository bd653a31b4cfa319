/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ordinary main() of every case: of the program that one file becomes, and of the catalogue
 * that holds them all. It knows nothing of how it is run; started by hand, or below a race
 * detector, a case is a small pthreads program.
 *
 * In a one-file program the first variant runs when nothing is said, which is the broken one.
 */
#include "run.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_S_DEFAULT 10

/* Not on the stack, which is small in some of the programs that this is linked to. */
static struct catalogue catalogue;

static const char usage[] =
	"usage: %s --list [--json]         the cases in this program\n"
	"       %s --check                 what their declarations lack; exit 1 if anything\n"
	"       %s [--timeout S] --run ID [VARIANT]\n"
	"       %s [--timeout S] VARIANT   one-file programs: run that variant\n"
	"Runs a case once, natively. Exit 0: passed; 1: forbidden outcome, broken invariant, or\n"
	"not finished after S seconds (default 10; 0 waits for ever); 2: usage, or it cannot run.\n"
	"Explore its schedules with: jostle run -- %s ...\n";

static int usage_error(const char *program)
{
	fprintf(stderr, usage, program, program, program, program, program);
	return RUN_IMPOSSIBLE;
}

static int open_all(void)
{
	int status = catalogue_open(&catalogue);

	if (status)
		fprintf(stderr, "cannot list the cases: %s\n", strerror(-status));
	return status;
}

static int list(int json)
{
	int error = 0;

	if (open_all())
		return RUN_IMPOSSIBLE;
	if (json)
		error = catalogue_list_json(&catalogue, stdout);
	else
		catalogue_list(&catalogue, stdout);
	if (error)
		fprintf(stderr, "cannot read the sources' marks: %s\n", strerror(-error));
	return error ? RUN_IMPOSSIBLE : RUN_PASSED;
}

static int check(void)
{
	if (open_all())
		return RUN_IMPOSSIBLE;
	return catalogue_check(&catalogue, stdout) ? RUN_FAILED : RUN_PASSED;
}

/* What the command line asks for is looked up before main: jostle's schedules begin at main, so
 * that is once for all of them. glibc hands main's arguments to constructors. */
static const char *asked;
static struct entry asked_entry;

__attribute__((constructor)) static void look_up(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--run") == 0 &&
		    catalogue_find(&asked_entry, argv[i + 1], NULL) == 0)
			asked = argv[i + 1];
}

static int find(struct entry *entry, const char *id, const char *variant)
{
	if (variant || !asked || strcmp(asked, id) != 0)
		return catalogue_find(entry, id, variant);
	*entry = asked_entry;
	return 0;
}

static int run(const char *id, const char *variant, unsigned timeout_s)
{
	struct entry entry;

	if (find(&entry, id, variant)) {
		fprintf(stderr, "no case %s%s%s here; --list names them\n", id, variant ? "/" : "",
			variant ? variant : "");
		return RUN_IMPOSSIBLE;
	}
	return run_case(&entry, timeout_s);
}

/* The id of the one file of this program, without the name; NULL when there are several files. */
static const char *only_file(void)
{
	static char id[CATALOGUE_ID_MAX];

	if (open_all() || !catalogue.count ||
	    strcmp(catalogue.entries[0].path, catalogue.entries[catalogue.count - 1].path) != 0)
		return NULL;
	memcpy(id, catalogue.entries[0].id, sizeof(id));
	*strrchr(id, '/') = '\0';
	return id;
}

/* A number of seconds that alarm() takes, or -1. */
static long parse_seconds(const char *text)
{
	char *end;
	long seconds = strtol(text, &end, 10);

	return *text && !*end && seconds >= 0 && seconds <= 86400 ? seconds : -1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' },
		{ "check", no_argument, NULL, 'c' },
		{ "run", required_argument, NULL, 'r' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	const char *id = NULL, *variant = NULL;
	long timeout_s = TIMEOUT_S_DEFAULT;
	int action = 0, json = 0, option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 't') {
			timeout_s = parse_seconds(optarg);
		} else if (option == 'j') {
			json = 1;
		} else if (option == '?' || action) {
			return usage_error(argv[0]);
		} else {
			action = option;
			id = optarg;
		}
	}
	variant = optind < argc ? argv[optind++] : NULL;
	if (optind < argc || timeout_s < 0 || (json && action != 'l') ||
	    (variant && (action == 'l' || action == 'c')))
		return usage_error(argv[0]);
	if (action == 'l')
		return list(json);
	if (action == 'c')
		return check();
	if (!id)
		id = only_file();
	return id ? run(id, variant, (unsigned)timeout_s) : usage_error(argv[0]);
}
