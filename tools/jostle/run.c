/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle run`: explore one program and report. */
#include "campaign/with.h"
#include "jostle/commands.h"
#include "jostle/explore.h"
#include "jostle/say.h"
#include "report/suite.h"

static int run(struct options *options, struct exploration *exploration, struct pool *pool)
{
	struct suppressions suppressions;
	struct report report;
	int code;

	code = plan_from_options(&exploration->plan, options, pool);
	if (code)
		return code;
	code = suppressions_read(&suppressions, options->suppressions.items,
				 options->suppressions.count, options->baseline);
	if (code)
		return code;
	code = suppressions_check_own(&suppressions);
	if (code) {
		suppressions_fini(&suppressions);
		return code;
	}
	exploration->suppressions = &suppressions;
	code = explore(exploration, &report);
	code = explore_print(&report, code);
	report_fini(&report);
	suppressions_fini(&suppressions);
	return code;
}

int command_run(struct options *options)
{
	struct exploration exploration = { .options = options,
					   .input = options->input,
					   .out = options->out };
	struct pool pool = { NULL };
	struct target target;
	int code;

	if (options->operand_count == 0)
		return say_error(EXIT_USAGE,
				 "run: needs a program: jostle run -- ./program arguments");
	code = output_check(options);
	if (code)
		return code;
	code = target_open(&target, options->operands, options->operand_count);
	exploration.target = &target;
	if (code == 0 && options->with)
		code = with_open(&target, options->with, &pool);
	if (code == 0)
		code = run(options, &exploration, &pool);
	pool_fini(&pool);
	return code;
}
