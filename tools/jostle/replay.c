/* SPDX-License-Identifier: Apache-2.0 */
/* `jostle replay`: one failing schedule again, from its failure file; below gdb if asked for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/input.h"
#include "campaign/verify.h"
#include "jostle/commands.h"
#include "jostle/gdb.h"
#include "jostle/interrupt.h"
#include "jostle/say.h"
#include "perturb/perturb_campaign.h"
#include "report/failure.h"
#include "report/json_parts.h"
#include "report/report.h"
#include "under/under.h"

struct replay {
	struct options *options;
	struct pool pool;
	struct failure failure;
	const struct under_tool *tool; /* the detector below which it was found; NULL: none */
	struct target target;
	struct input input;
	struct launch launch;
	bool rebuilt;
};

/* The program as it is now: it may have been built anew since. */
static int open_program(struct replay *replay)
{
	struct failure *failure = &replay->failure;
	char build_id[2 * BUILD_ID_MAX + 1];
	char *path[] = { pool_text(&replay->pool, failure->path), NULL };
	int code;

	if (failure->tool && !(replay->tool = under_tool_find(failure->tool)))
		return say_error(EXIT_USAGE, "%s: was found below '%s', which is no detector",
				 failure->file, failure->tool);
	code = replay->tool ? under_open(replay->tool, &replay->target, path, 1)
			    : target_open(&replay->target, path, 1);
	if (code)
		return code;
	replay->target.argv = failure->argv;
	replay->target.argc = failure->argc;
	build_id_text(replay->target.elf.build_id, replay->target.elf.build_id_size, build_id);
	replay->rebuilt = failure->build_id[0] ? strcmp(build_id, failure->build_id) != 0
					       : replay->target.digest != failure->digest;
	if (replay->rebuilt)
		say("%s was rebuilt since %s was found; its decisions are tried on the new program",
		    failure->path, failure->id);
	return 0;
}

/* The next campaign in that folder gives its findings the same names. */
static int open_input(struct replay *replay)
{
	const struct failure *failure = &replay->failure;
	int code = input_open(&replay->input, failure->input);

	if (code == 0 && failure->input_digest && replay->input.fd >= 0 &&
	    file_digest(replay->input.fd) != failure->input_digest)
		say("%s is not what the program read when %s was found: another campaign may have "
		    "written it since",
		    failure->input, failure->id);
	return code;
}

static int tell_story(struct replay *replay, const struct verification *result, struct story *story)
{
	const struct options *options = replay->options;
	struct page page;
	int code = 0;

	story->id = replay->failure.id;
	command_page(&page, options);
	if (!options->json || strcmp(options->json, "-") != 0) {
		if (options->quiet)
			page_add(&page, "%s %s: %s\n", story->id, story->severity, story->title);
		else
			story_text(&replay->pool, story, options->show_output, &page);
		page_add(&page, "The failure shows again%s.\n",
			 result->verdict == VERDICT_EXACT ? ", bit for bit"
			 : result->runs > 1 ? pool_format(&replay->pool, " in %u of %u replays",
							  result->shown, result->runs)
					    : ", with other events on the way");
		code = page_write(&page, STDOUT_FILENO);
	}
	if (options->json) {
		json_t *object = story_json(story);
		int json_code;

		json_object_set_new(object, "shown", json_true());
		json_object_set_new(object, "replayed_hash", json_hex(result->event_hash));
		json_code = json_write(object, options->json);
		json_decref(object);
		code = code ? code : json_code;
	}
	page_fini(&page);
	return code ? code : EXIT_FOUND;
}

static int tell(struct replay *replay, const struct verification *result, const struct board *board)
{
	struct symbols *symbols = symbols_new(&replay->pool, board);
	struct story *story =
		story_new(&replay->pool, symbols, &replay->failure.found, result, board, NULL);
	int code;

	/* What the schedule wrote was not sent along with the decisions: take it from this run. */
	for (uint32_t i = 0; i < board->status.finding_count && i < BOARD_FINDINGS_MAX; i++) {
		const void *output = board_bytes(board, board->findings[i].output);

		if (output && board->findings[i].finding.key == result->finding.key) {
			story->output_size = board->findings[i].output.size;
			story->output = pool_bytes(&replay->pool, output, story->output_size);
		}
	}
	code = tell_story(replay, result, story);
	symbols_destroy(symbols);
	return code;
}

static int tell_absence(struct replay *replay, const struct verification *result)
{
	const struct options *options = replay->options;
	char where[64] = "";
	struct page page;
	int code = 0, json_code;

	if (result->diverged != UINT32_MAX)
		snprintf(where, sizeof(where), "; it went another way at step %u",
			 result->diverged);
	if (result->runs > 1)
		snprintf(where, sizeof(where), " in %u re-runs", result->runs);
	if (!options->json || strcmp(options->json, "-") != 0) {
		page_init(&page, false);
		page_add(&page, "%s does not show again%s%s.\n", replay->failure.id, where,
			 result->elsewise ? ", but something else does: explore it with jostle run"
					  : "");
		code = page_write(&page, STDOUT_FILENO);
		page_fini(&page);
	}
	if (options->json) {
		json_t *object = json_pack("{s:s, s:b}", "id", replay->failure.id, "shown", 0);

		if (result->diverged != UINT32_MAX)
			json_object_set_new(object, "diverged", json_integer(result->diverged));
		json_code = json_write(object, options->json);
		json_decref(object);
		code = code ? code : json_code;
	}
	return code;
}

/* What is to be said when there is nothing to show. */
static int tell_failure(struct replay *replay, const struct verification *result)
{
	switch (result->verdict) {
	case VERDICT_FAILED:
		return EXIT_UNCONTROLLED;
	case VERDICT_INTERRUPTED:
		return say_error(EXIT_UNCONTROLLED, "interrupted");
	default:
		return tell_absence(replay, result);
	}
}

static bool is_shown(const struct verification *result)
{
	return result->verdict == VERDICT_EXACT || result->verdict == VERDICT_INEXACT;
}

static int tell_result(struct replay *replay, const struct verification *result,
		       const struct board *board)
{
	return is_shown(result) ? tell(replay, result, board) : tell_failure(replay, result);
}

static int replay_once(struct replay *replay, struct verifier *verifier)
{
	struct verification result = verify(verifier, &replay->failure.found);

	return tell_result(replay, &result, verifier->worker.slot.board);
}

static int replay_below(struct replay *replay)
{
	const struct under_again again = { .tool = replay->tool,
					   .plan = &replay->failure.plan,
					   .found = &replay->failure.found,
					   .launch = &replay->launch,
					   .rebuilt = replay->rebuilt,
					   .pool = &replay->pool };
	struct story *story;
	const struct verification result = under_again(&again, &story);

	if (!is_shown(&result))
		return tell_failure(replay, &result);
	return tell_story(replay, &result, story);
}

static int replay_natively(struct replay *replay)
{
	struct perturb_run run;
	int code = perturb_run_open(&run);

	if (code == 0) {
		const struct verification result =
			perturb_verify(&run, &replay->launch, &replay->failure.plan,
				       &replay->failure.found, replay->rebuilt);

		code = tell_result(replay, &result, run.slot.board);
	}
	perturb_run_close(&run);
	return code;
}

/* The threads pass their points in the order of that run, and the kernel does the rest. */
static int replay_perturbed(struct replay *replay)
{
	int code;

	if (replay->options->gdb)
		return say_error(EXIT_USAGE,
				 "replay: %s was found on real threads, where --gdb "
				 "cannot stop at the failure; replay it without",
				 replay->failure.id);
	launch_prepare_bare(&replay->launch, &replay->target, &replay->input);
	replay->failure.plan.hang_timeout_ns = replay->options->hang_timeout_ns;
	code = replay->tool ? replay_below(replay) : replay_natively(replay);
	process_sweep();
	return code;
}

static int replay_prepared(struct replay *replay)
{
	struct gather learned = { .learned_steps_max = replay->failure.learned_steps_max,
				  .learned_threads_max = replay->failure.learned_threads_max };
	struct verifier verifier;
	int code = launch_prepare(&replay->launch, &replay->target, &replay->input);

	if (code)
		return code;
	replay->failure.plan.hang_timeout_ns = replay->options->hang_timeout_ns;
	code = verifier_open(&verifier, &replay->launch, &replay->failure.plan, &learned);
	verifier.rebuilt = replay->rebuilt;
	if (code == 0) {
		code = replay->options->gdb ? gdb_replay(&verifier, &replay->failure.found)
					    : replay_once(replay, &verifier);
		verifier_close(&verifier);
	}
	launch_finish(&replay->launch);
	process_sweep();
	return code;
}

int command_replay(struct options *options)
{
	struct replay replay = { .options = options, .input = { .fd = -1 } };
	int code;

	if (options->operand_count != 1)
		return say_error(EXIT_USAGE,
				 options->operand_count
					 ? "replay: takes one failure file or ID"
					 : "replay: needs a failure file or its ID, such as F1");
	interrupt_init();
	code = failure_read(&replay.pool, options->out, options->operands[0], &replay.failure);
	if (code)
		return code;
	code = open_program(&replay);
	if (code == 0 && replay.failure.input)
		code = open_input(&replay);
	if (code == 0 && replay.failure.cwd[0] && chdir(replay.failure.cwd) < 0)
		say("%s: %s; replaying here instead", replay.failure.cwd, strerror(errno));
	if (code == 0)
		code = replay.failure.plan.perturbed ? replay_perturbed(&replay)
						     : replay_prepared(&replay);
	input_close(&replay.input);
	failure_fini(&replay.failure);
	pool_fini(&replay.pool);
	return code;
}
