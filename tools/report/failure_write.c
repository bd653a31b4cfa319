/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checksum at the end covers the whole object, and is how damage is told from a program that
 * changed.
 */
#include "report/failure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/beside.h"
#include "jostle/say.h"
#include "report/decisions.h"
#include "report/failure_bytes.h"
#include "report/failure_parts.h"
#include "report/json_parts.h"
#include "report/report.h"

extern char **environ;

int json_write_atomically(const json_t *object, const char *file)
{
	char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	struct beside beside;

	if (!text)
		abort();
	beside_open(&beside, file);
	beside_write(&beside, text, strlen(text));
	beside_write(&beside, "\n", 1);
	free(text);
	if (beside_close(&beside) == 0)
		return 0;
	return say_error(EXIT_USAGE, "cannot write %s: %s", file, strerror(beside.error));
}

uint64_t failure_checksum(json_t *object)
{
	char *text;
	uint64_t hash;

	json_object_del(object, "checksum");
	text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		abort();
	hash = hash_bytes(HASH_START, text, strlen(text));
	free(text);
	return hash;
}

static json_t *modules_json(const struct board *board)
{
	json_t *array = json_array();

	for (uint32_t i = 0; board && i < board->status.module_count && i < BOARD_MODULES_MAX;
	     i++) {
		const struct board_module *module = &board->modules[i];
		char build_id[2 * BUILD_ID_MAX + 1];

		build_id_text(module->build_id,
			      module->build_id_size < BUILD_ID_MAX ? module->build_id_size
								   : BUILD_ID_MAX,
			      build_id);
		json_array_append_new(array,
				      json_pack("{s:o, s:s}", "path", json_words(module->path),
						"build_id", build_id));
	}
	return array;
}

/* What changes how a C program runs; all the rest of an environment may be nobody's business. */
static bool is_relevant(const char *entry)
{
	static const char *const names[] = { "LANG=",           "LC_",  "LD_", "MALLOC_",
					     "GLIBC_TUNABLES=", "OMP_", "TZ=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static json_t *environment_json(void)
{
	json_t *array = json_array();

	for (char **entry = environ; *entry; entry++)
		if (is_relevant(*entry))
			json_array_append_new(array, json_words(*entry));
	return array;
}

static json_t *points_json(const struct decisions *decisions)
{
	json_t *array = json_array();

	for (size_t i = 0; i < decisions->point_count; i++)
		json_array_append_new(
			array, json_sprintf("%016llx", (unsigned long long)decisions->points[i]));
	return array;
}

static json_t *decisions_json(const struct decisions *decisions)
{
	uint32_t *wide = calloc(decisions->choice_count + 1, sizeof(*wide));
	char *choices, *values;
	json_t *object;

	if (!wide)
		abort();
	for (size_t i = 0; i < decisions->choice_count; i++)
		wide[i] = decisions->choices[i];
	choices = decisions_encode(wide, decisions->choice_count);
	values = decisions_encode(decisions->values, decisions->value_count);
	object = json_pack("{s:I, s:s, s:I, s:s, s:o}", "choice_count",
			   (json_int_t)decisions->choice_count, "choices", choices, "value_count",
			   (json_int_t)decisions->value_count, "values", values, "points",
			   points_json(decisions));
	free(choices);
	free(values);
	free(wide);
	return object;
}

static json_t *plan_json(const struct campaign *campaign)
{
	const struct plan *plan = &campaign->plan;
	json_t *object = json_object();

	json_object_set_new(object, "seed", json_hex(plan->seed));
	json_object_set_new(object, "strategy", json_string(plan->strategy));
	json_object_set_new(object, "reset", json_string(reset_name(campaign->gather.reset)));
	json_object_set_new(object, "expect_exit", json_integer(plan->expect_exit));
	json_object_set_new(object, "step_bound", json_integer(plan->step_bound));
	json_object_set_new(object, "threads_limit", json_integer(plan->threads_limit));
	json_object_set_new(object, "memory_limit", json_hex(plan->memory_limit));
	json_object_set_new(object, "nasty", json_integer(plan->spurious));
	json_object_set_new(object, "ignore_accesses", json_boolean(plan->ignore_accesses));
	json_object_set_new(object, "memory_model",
			    json_string(plan->sequential ? MEMORY_MODEL_SC : MEMORY_MODEL_C11));
	json_object_set_new(object, "with", json_boolean(plan->with));
	failure_set_text(object, "workdir", plan->workdir);
	json_object_set_new(object, "learned_steps_max",
			    json_integer(campaign->gather.learned_steps_max));
	json_object_set_new(object, "learned_threads_max",
			    json_integer(campaign->gather.learned_threads_max));
	return object;
}

static json_t *program_json(const struct target *target, const char *cwd)
{
	char build_id[2 * BUILD_ID_MAX + 1];
	json_t *object = json_object();

	build_id_text(target->elf.build_id, target->elf.build_id_size, build_id);
	failure_set_text(object, "path", target->path);
	failure_set_texts(object, "argv", target->argv, target->argc);
	failure_set_text(object, "cwd", cwd);
	json_object_set_new(object, "build_id", json_string(build_id));
	json_object_set_new(object, "digest", json_hex(target->digest));
	return object;
}

static int make_directory(const char *directory)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", directory);
	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		mkdir(path, 0777);
		*at = '/';
	}
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return say_error(EXIT_USAGE, "cannot make the directory %s: %s", directory,
				 strerror(errno));
	return 0;
}

/* The epoch of the virtual clock and all else that belongs to the engine is fixed by its version.
 */
static json_t *failure_json(const struct story *story, const struct found *found,
			    const struct campaign *campaign, const struct board *board)
{
	char cwd[PATH_MAX];
	json_t *object = json_object();

	if (!getcwd(cwd, sizeof(cwd)))
		cwd[0] = '\0';
	json_object_set_new(object, "format", json_string(FAILURE_FORMAT));
	json_object_set_new(object, "version", json_integer(FAILURE_VERSION));
	json_object_set_new(object, "jostle", json_string(JOSTLE_VERSION));
	json_object_set_new(object, "program", program_json(campaign->launch->target, cwd));
	json_object_set_new(object, "environment", environment_json());
	json_object_set_new(object, "modules", modules_json(board));
	json_object_set_new(object, "level",
			    json_string(campaign->plan.perturbed        ? LEVEL_NAME_PERTURBED
					: campaign->gather.instrumented ? LEVEL_NAME_INSTRUMENTED
									: LEVEL_NAME_CONTROLLED));
	if (story->tool)
		json_object_set_new(object, "tool", json_string(story->tool));
	json_object_set_new(object, "options", plan_json(campaign));
	json_object_set_new(object, "schedule", json_integer((json_int_t)found->first_schedule));
	json_object_set_new(object, "seed", json_hex(found->seed));
	json_object_set_new(object, "strategy", json_words(found->strategy));
	json_object_set_new(object, "event_hash", json_hex(found->event_hash));
	json_object_set_new(object, "key", json_hex(found->finding.key));
	json_object_set_new(object, "decisions", decisions_json(&found->decisions));
	json_object_set_new(object, "verdict",
			    json_pack("{s:s, s:s, s:i, s:i, s:i, s:b, s:o}", "kind",
				      finding_kind_name(found->finding.kind), "cause",
				      finding_cause_name(found->finding.cause), "signal",
				      found->finding.signal, "status", found->finding.status,
				      "older_loads", (int)found->finding.older_loads, "inexact",
				      found->finding.inexact, "site_steps",
				      failure_site_steps(&found->finding)));
	json_object_set_new(object, "finding", story_json(story));
	json_object_set_new(object, "output", json_words(story->output));
	return object;
}

json_t *failure_site_steps(const struct finding *finding)
{
	json_t *array = json_array();

	for (uint16_t i = 0; i < finding->site_count && i < FINDING_SITES_MAX; i++)
		json_array_append_new(array, json_integer(finding->sites[i].step));
	return array;
}

int failure_write(struct pool *pool, const char *directory, const struct story *story,
		  const struct found *found, const struct campaign *campaign,
		  const struct board *board, const char **path)
{
	int code = make_directory(directory);
	json_t *object;

	*path = NULL;
	if (code)
		return code;
	*path = pool_format(pool, "%s/%s.json", directory, story->id);
	object = failure_json(story, found, campaign, board);
	if (campaign->launch->input->fd >= 0) {
		const char *input = pool_format(pool, "%s/%s.stdin", directory, story->id);

		code = input_save(campaign->launch->input, input);
		json_object_set_new(object, "input", json_sprintf("%s.stdin", story->id));
		json_object_set_new(object, "input_digest",
				    json_hex(file_digest(campaign->launch->input->fd)));
	}
	json_object_set_new(object, "checksum", json_hex(failure_checksum(object)));
	if (code == 0)
		code = json_write_atomically(object, *path);
	json_decref(object);
	if (code)
		*path = NULL;
	return code;
}
