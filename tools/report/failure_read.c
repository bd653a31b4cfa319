/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: a file from anywhere is not trusted; each thing that can be wrong with it has its
 * sentence. */
#include "report/failure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jostle/say.h"
#include "report/decisions.h"
#include "report/failure_bytes.h"
#include "report/failure_parts.h"

static uint64_t hex_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? strtoull(text, NULL, 16) : 0;
}

static uint64_t count_of(const json_t *object, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(object, key));

	return number < 0 ? 0 : (uint64_t)number;
}

static const char *text_of(struct pool *pool, const json_t *object, const char *key)
{
	return pool_text(pool, json_string_value(json_object_get(object, key)));
}

/* name itself, or DIR/name.json; what was asked for comes first. */
static int find_file(struct pool *pool, const char *directory, const char *name, const char **file)
{
	struct stat status;

	*file = name;
	if (stat(name, &status) == 0) {
		if (S_ISREG(status.st_mode))
			return 0;
		return say_error(EXIT_USAGE, "%s: is %s, not a failure file", name,
				 S_ISDIR(status.st_mode) ? "a directory" : "no regular file");
	}
	if (*name && !strchr(name, '/')) {
		*file = pool_format(pool, "%s/%s%s", directory, name,
				    strstr(name, ".json") ? "" : ".json");
		if (stat(*file, &status) == 0 && S_ISREG(status.st_mode))
			return 0;
		if (stat(directory, &status) < 0)
			return say_error(EXIT_USAGE,
					 "%s: no such failure file, and there is no directory %s",
					 name, directory);
		return say_error(EXIT_USAGE, "%s: no such failure file, neither here nor in %s",
				 name, directory);
	}
	return say_error(EXIT_USAGE, "%s: %s", *name ? name : "''", strerror(errno));
}

static int check_format(const char *file, json_t *object)
{
	const char *format = json_string_value(json_object_get(object, "format"));
	json_int_t version = json_integer_value(json_object_get(object, "version"));
	uint64_t sum = hex_of(object, "checksum");

	if (!format || strcmp(format, FAILURE_FORMAT) != 0)
		return say_error(EXIT_USAGE, "%s: is JSON, but no failure file of jostle", file);
	if (version > FAILURE_VERSION)
		return say_error(EXIT_USAGE,
				 "%s: has version %lld of the format, and this jostle reads up to "
				 "%d; use a newer one",
				 file, (long long)version, FAILURE_VERSION);
	if (failure_checksum(object) != sum)
		return say_error(EXIT_USAGE, "%s: is damaged: its checksum does not fit", file);
	return 0;
}

/* Absent in files of version 1, which knew no instrumented programs. */
static bool read_points(const json_t *array, struct decisions *decisions)
{
	const size_t count = json_array_size(array);

	if (count > BOARD_POINTS_MAX)
		return false;
	decisions->points = calloc(count + 1, sizeof(decisions->points[0]));
	if (!decisions->points)
		abort();
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (!text)
			return false;
		decisions->points[i] = strtoull(text, NULL, 16);
	}
	decisions->point_count = count;
	return true;
}

static bool read_decisions(const json_t *object, struct decisions *decisions)
{
	const char *choices = json_string_value(json_object_get(object, "choices"));
	const char *values = json_string_value(json_object_get(object, "values"));
	uint32_t *wide = NULL;

	*decisions = (struct decisions){ 0 };
	if (!choices || !values ||
	    !decisions_decode(choices, UINT16_MAX, BOARD_STEPS_MAX, &wide,
			      &decisions->choice_count))
		return false;
	decisions->choices = calloc(decisions->choice_count + 1, sizeof(uint16_t));
	if (!decisions->choices)
		abort();
	for (size_t i = 0; i < decisions->choice_count; i++)
		decisions->choices[i] = (uint16_t)wide[i];
	free(wide);
	return decisions_decode(values, UINT32_MAX, BOARD_VALUES_MAX, &decisions->values,
				&decisions->value_count) &&
	       read_points(json_object_get(object, "points"), decisions);
}

static bool read_program(struct pool *pool, const json_t *object, struct failure *failure)
{
	const char *path = failure_text(pool, object, "path");

	failure->argv = failure_texts(pool, object, "argv", &failure->argc);
	if (!path || !failure->argv || failure->argc == 0)
		return false;
	failure->path = path;
	failure->cwd = failure_text(pool, object, "cwd");
	failure->build_id = text_of(pool, object, "build_id");
	failure->digest = hex_of(object, "digest");
	return failure->cwd && failure->build_id;
}

/* The kept input lies beside the failure file, wherever that was moved to. */
static void read_input(struct pool *pool, const json_t *object, struct failure *failure)
{
	const char *name = json_string_value(json_object_get(object, "input"));
	const char *slash = strrchr(failure->file, '/');
	const int length = slash ? (int)(slash - failure->file) + 1 : 0;

	failure->input_digest = hex_of(object, "input_digest");
	if (name && !strchr(name, '/'))
		failure->input = pool_format(pool, "%.*s%s", length, failure->file, name);
}

static uint32_t reset_of(const char *name)
{
	for (uint32_t reset = RESET_SNAPSHOT; reset <= RESET_EXEC; reset++)
		if (name && strcmp(reset_name(reset), name) == 0)
			return reset;
	return RESET_AUTO;
}

static bool read_plan(struct pool *pool, const json_t *object, struct failure *failure)
{
	struct plan *plan = &failure->plan;
	const char *model;

	*plan = (struct plan){ .jobs = 1, .time_ns = UINT64_MAX, .schedules = BOARD_NO_SCHEDULE };
	plan->seed = hex_of(object, "seed");
	plan->strategy = text_of(pool, object, "strategy");
	plan->reset = reset_of(json_string_value(json_object_get(object, "reset")));
	plan->expect_exit = (int32_t)count_of(object, "expect_exit");
	plan->step_bound = (uint32_t)count_of(object, "step_bound");
	plan->threads_limit = (uint32_t)count_of(object, "threads_limit");
	plan->memory_limit = hex_of(object, "memory_limit");
	plan->spurious = (uint32_t)count_of(object, "nasty");
	plan->ignore_accesses = json_is_true(json_object_get(object, "ignore_accesses"));
	/* What was written before there was a choice had none. */
	model = json_string_value(json_object_get(object, "memory_model"));
	plan->sequential = !model || strcmp(model, MEMORY_MODEL_C11) != 0;
	plan->with = json_is_true(json_object_get(object, "with"));
	plan->workdir = failure_text(pool, object, "workdir");
	failure->learned_steps_max = (uint32_t)count_of(object, "learned_steps_max");
	failure->learned_threads_max = (uint32_t)count_of(object, "learned_threads_max");
	return plan->strategy != NULL;
}

static bool read_found(const json_t *object, struct failure *failure)
{
	const json_t *verdict = json_object_get(object, "verdict"),
		     *steps = json_object_get(verdict, "site_steps");
	const char *kind = json_string_value(json_object_get(verdict, "kind"));
	const char *cause = json_string_value(json_object_get(verdict, "cause"));
	const char *strategy = json_string_value(json_object_get(object, "strategy"));
	struct found *found = &failure->found;

	if (!kind || !cause || !strategy || finding_kind_from_name(kind) < 0 ||
	    finding_cause_from_name(cause) < 0)
		return false;
	found->first_schedule = count_of(object, "schedule");
	found->seed = hex_of(object, "seed");
	found->event_hash = hex_of(object, "event_hash");
	found->count = count_of(json_object_get(object, "finding"), "count");
	found->steps = (uint32_t)count_of(json_object_get(object, "finding"), "steps");
	found->finding.key = hex_of(object, "key");
	found->finding.kind = (uint8_t)finding_kind_from_name(kind);
	found->finding.cause = (uint8_t)finding_cause_from_name(cause);
	found->finding.severity = (uint8_t)finding_kind_severity(found->finding.kind);
	found->finding.signal = (int32_t)json_integer_value(json_object_get(verdict, "signal"));
	found->finding.status = (int32_t)json_integer_value(json_object_get(verdict, "status"));
	found->finding.older_loads = (uint32_t)count_of(verdict, "older_loads");
	found->finding.inexact = json_is_true(json_object_get(verdict, "inexact"));
	for (size_t i = 0; i < json_array_size(steps) && i < FINDING_SITES_MAX; i++) {
		found->finding.sites[i].step =
			(uint32_t)json_integer_value(json_array_get(steps, i));
		found->finding.sites[i].thread = 0xffff;
		found->finding.site_count++;
	}
	snprintf(found->strategy, sizeof(found->strategy), "%s", strategy);
	return read_decisions(json_object_get(object, "decisions"), &found->decisions);
}

int failure_read(struct pool *pool, const char *directory, const char *name,
		 struct failure *failure)
{
	const json_t *finding;
	json_error_t error;
	json_t *object;
	int code;

	*failure = (struct failure){ 0 };
	code = find_file(pool, directory, name, &failure->file);
	if (code)
		return code;
	errno = 0;
	object = json_load_file(failure->file, JSON_REJECT_DUPLICATES, &error);
	if (!object && error.line < 0)
		return say_error(EXIT_USAGE, "%s: %s", failure->file,
				 errno ? strerror(errno) : "cannot be read");
	/* The library's own words quote the file, whatever bytes it holds. */
	if (!object)
		return say_error(EXIT_USAGE,
				 "%s: is damaged or no failure file: line %d is no JSON",
				 failure->file, error.line);
	code = check_format(failure->file, object);
	read_input(pool, object, failure);
	finding = json_object_get(object, "finding");
	if (code == 0) {
		failure->id = text_of(pool, finding, "id");
		failure->title = text_of(pool, finding, "title");
		failure->tool = text_of(pool, object, "tool");
		if (!failure->id || !failure->title ||
		    !read_program(pool, json_object_get(object, "program"), failure) ||
		    !read_plan(pool, json_object_get(object, "options"), failure) ||
		    !read_found(object, failure))
			code = say_error(EXIT_USAGE,
					 "%s: lacks something that a failure file must say",
					 failure->file);
	}
	if (code == 0) {
		const char *level = json_string_value(json_object_get(object, "level"));

		failure->plan.perturbed = level && strcmp(level, LEVEL_NAME_PERTURBED) == 0;
	}
	json_decref(object);
	if (code)
		failure_fini(failure);
	return code;
}

void failure_fini(struct failure *failure)
{
	decisions_fini(&failure->found.decisions);
}
