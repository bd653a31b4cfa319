/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle compare`: what a process and a thread cost and give, measured here. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare/compare.h"
#include "compare/show.h"
#include "jostle/commands.h"
#include "jostle/interrupt.h"
#include "jostle/say.h"
#include "report/report.h"
#include "report/suite.h"

#define ROUNDS       15
#define ROUNDS_QUICK 3

static int write_results(const struct options *options, const struct comparison *comparison,
			 const struct meaning *meanings)
{
	struct page page;
	int code = 0, written;

	if (options->json) {
		json_t *object = show_json(comparison, meanings);

		code = json_write(object, options->json);
		json_decref(object);
	}
	if (options->html) {
		page_init(&page, false);
		show_html(comparison, meanings, &page);
		written = page_write_file(&page, options->html);
		page_fini(&page);
		code = code ? code : written;
	}
	return code;
}

static int report(const struct options *options, struct comparison *comparison)
{
	struct meaning meanings[MEANINGS];
	struct page page;
	int code, written;

	meaning_of(comparison, &comparison->pool, meanings);
	code = write_results(options, comparison, meanings);
	if (output_is_taken(options))
		return code;
	command_page(&page, options);
	show_text(comparison, meanings, &page);
	written = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code ? code : written;
}

/* Before the figures, so that there is something to read while they are taken. */
static int tell_facts(const struct options *options)
{
	struct page page;
	int code;

	if (output_is_taken(options))
		return 0;
	command_page(&page, options);
	show_facts(&page);
	code = page_write(&page, STDOUT_FILENO);
	page_fini(&page);
	return code;
}

/* Before half a minute is spent on what cannot be written. */
static int check_folder(const char *file)
{
	char folder[PATH_MAX];
	const char *end = file ? strrchr(file, '/') : NULL;

	if (!file || strcmp(file, "-") == 0)
		return 0;
	snprintf(folder, sizeof(folder), "%.*s", end ? (int)(end - file) + 1 : 1, end ? file : ".");
	if (access(folder, W_OK) < 0)
		return say_error(EXIT_USAGE, "cannot write %s: %s", file, strerror(errno));
	return 0;
}

int command_compare(struct options *options)
{
	struct comparison comparison = { .quick = options->quick, .seed = options->seed };
	int code;

	if (options->operand_count)
		return say_error(EXIT_USAGE, "compare: takes no argument, but got '%s'",
				 options->operands[0]);
	comparison.rounds = options->rounds  ? (unsigned)options->rounds
			    : options->quick ? ROUNDS_QUICK
					     : ROUNDS;
	code = output_check(options);
	if (code == 0)
		code = check_folder(options->json);
	if (code == 0)
		code = check_folder(options->html);
	if (code == 0)
		code = compare_read_workers(&comparison, options->workers, machine_processors());
	if (code)
		return code;
	interrupt_init();
	compare_plan(&comparison);
	code = tell_facts(options);
	if (code == 0)
		code = compare_measure(&comparison, isatty(STDERR_FILENO));
	if (code == 0)
		code = report(options, &comparison);
	compare_fini(&comparison);
	return code;
}
