/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON of a run, as tools/README.md documents it. Numbers that need all 64 bits (seeds, hashes)
 * are hexadecimal text, since readers in many languages hold a number as a double.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "jostle/say.h"
#include "report/failure.h"
#include "report/json_parts.h"
#include "report/report.h"
#include "report/suite.h"

json_t *json_hex(uint64_t number)
{
	return json_sprintf("0x%016llx", (unsigned long long)number);
}

json_t *json_words(const char *text)
{
	/* A program's own text may hold any bytes, and be of any length. */
	json_t *string = text ? json_string(text) : json_null();
	struct pool pool = { NULL };
	char *plain;

	if (string)
		return string;
	plain = pool_text(&pool, text);
	for (size_t i = 0, size = strlen(plain); i < size;) {
		size_t length = text_utf8_length(plain + i, size - i);

		if (!length)
			plain[i] = '?';
		i += length ? length : 1;
	}
	string = json_string(plain);
	pool_fini(&pool);
	return string;
}

json_t *json_of_frame(const struct frame *frame)
{
	json_t *object = json_object();

	json_object_set_new(object, "function", json_words(frame->function));
	json_object_set_new(object, "file", json_words(frame->file));
	json_object_set_new(object, "line", json_integer(frame->line));
	json_object_set_new(object, "module", json_words(frame->module));
	json_object_set_new(object, "offset",
			    json_sprintf("0x%llx", (unsigned long long)frame->offset));
	if (frame->inlined)
		json_object_set_new(object, "inlined", json_true());
	return object;
}

static const char *role_name(unsigned role)
{
	static const char *const names[] = {
		[SITE_AT] = "at",           [SITE_WAITS] = "waits",
		[SITE_HOLDS] = "holds",     [SITE_FIRST] = "earlier",
		[SITE_CREATED] = "created", [SITE_SIGNALLED] = "signalled",
		[SITE_ENDED] = "ended",     [SITE_EDGE] = "takes",
		[SITE_ACCESS] = "accesses", [SITE_ALLOCATED] = "allocated",
		[SITE_AFTER] = "after",     [SITE_BEFORE] = "before",
	};

	return role < sizeof(names) / sizeof(names[0]) ? names[role] : "at";
}

static json_t *frames_json(const struct frame *frames, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_of_frame(&frames[i]));
	return array;
}

static json_t *locks_json(const struct story_site *site)
{
	json_t *array = json_array();

	for (size_t i = 0; i < site->lock_count; i++) {
		const struct story_lock *lock = &site->locks[i];
		json_t *object = json_of_frame(&lock->place);

		json_object_set_new(object, "object", json_words(lock->object));
		json_object_set_new(object, "mode",
				    json_string(lock->shared ? "shared" : "exclusive"));
		json_object_set_new(object, "step", json_integer(lock->step));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *site_json(const struct story *story, const struct story_site *site)
{
	json_t *object = json_of_frame(&site->place);

	json_object_set_new(object, "role", json_string(role_name(site->role)));
	json_object_set_new(object, "operation", json_string(op_kind_text(site->op_kind)));
	json_object_set_new(object, "thread",
			    site->thread == THREAD_NONE ? json_null() : json_integer(site->thread));
	json_object_set_new(object, "thread_name",
			    json_words(site->thread < story->thread_count
					       ? story->threads[site->thread].name
					       : ""));
	json_object_set_new(object, "object", json_words(site->object));
	if (site->size)
		json_object_set_new(object, "size", json_integer(site->size));
	if (site->value)
		json_object_set_new(object, "value", json_words(site->value));
	if (site->locks_known)
		json_object_set_new(object, "locks", locks_json(site));
	json_object_set_new(object, "step",
			    site->step == UINT32_MAX ? json_null() : json_integer(site->step));
	json_object_set_new(object, "stack", frames_json(site->frames, site->frame_count));
	return object;
}

static json_t *events_json(const struct story *story)
{
	json_t *array = json_array();

	for (size_t i = 0; i < story->event_count; i++) {
		const struct story_event *event = &story->events[i];

		json_array_append_new(
			array,
			json_pack("{s:I, s:i, s:o, s:o, s:i, s:b, s:b, s:b}", "step",
				  (json_int_t)event->step, "thread", (int)event->thread, "what",
				  json_words(event->what), "file", json_words(event->place.file),
				  "line", (int)event->place.line, "waits", (int)event->waits,
				  "access", (int)event->access, "between", (int)event->between));
	}
	return array;
}

static json_t *stacks_json(const struct story *story)
{
	json_t *array = json_array();

	for (size_t i = 0; i < story->thread_count; i++)
		if (story->threads[i].frame_count)
			json_array_append_new(
				array, json_pack("{s:i, s:o, s:o}", "thread",
						 (int)story->threads[i].id, "thread_name",
						 json_words(story->threads[i].name), "frames",
						 frames_json(story->threads[i].frames,
							     story->threads[i].frame_count)));
	return array;
}

static json_t *below_json(const struct story *story)
{
	json_t *array = json_array();

	for (size_t i = 0; i < story->below_count; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:I, s:I}", "tool", story->below[i].tool,
						"shown", (json_int_t)story->below[i].shown, "runs",
						(json_int_t)story->below[i].runs));
	return array;
}

json_t *story_json(const struct story *story)
{
	json_t *object = json_object(), *sites = json_array();

	for (size_t i = 0; i < story->site_count; i++)
		json_array_append_new(sites, site_json(story, &story->sites[i]));
	json_object_set_new(object, "id", json_words(story->id));
	json_object_set_new(object, "kind", json_string(story->kind));
	json_object_set_new(object, "cause", json_string(story->cause));
	json_object_set_new(object, "severity", json_string(story->severity));
	json_object_set_new(object, "title", json_words(story->title));
	json_object_set_new(object, "headline", json_words(story->headline));
	json_object_set_new(object, "text", json_words(story->text));
	json_object_set_new(object, "first_schedule",
			    json_integer((json_int_t)story->first_schedule));
	json_object_set_new(object, "count", json_integer((json_int_t)story->count));
	json_object_set_new(object, "seed", json_hex(story->seed));
	json_object_set_new(object, "strategy", json_words(story->strategy));
	json_object_set_new(object, "steps", json_integer(story->steps));
	json_object_set_new(object, "older_loads", json_integer(story->older_loads));
	json_object_set_new(object, "event_hash", json_hex(story->event_hash));
	json_object_set_new(object, "replay", json_string(story->replay));
	if (story->below_count)
		json_object_set_new(object, "below", below_json(story));
	json_object_set_new(object, "file", json_words(story->file));
	json_object_set_new(object, "suppressed", json_words(story->suppressed));
	json_object_set_new(object, "in_baseline", json_boolean(story->in_baseline));
	json_object_set_new(object, "folded_into", json_words(story->folded_into));
	json_object_set_new(object, "confirmation", confirmation_json(story));
	json_object_set_new(object, "sites", sites);
	json_object_set_new(object, "events", events_json(story));
	json_object_set_new(object, "stacks", stacks_json(story));
	return object;
}

static const char *ending_name(enum campaign_ending ending)
{
	static const char *const names[] = {
		[ENDED_SCHEDULES] = "schedules", [ENDED_TIME] = "time",
		[ENDED_FIRST] = "first",         [ENDED_INTERRUPTED] = "interrupted",
		[ENDED_HANGS] = "hangs",         [ENDED_DEATHS] = "deaths",
		[ENDED_REFUSED] = "refused",     [ENDED_FAILED] = "failed",
	};

	return names[ending];
}

static json_t *words_array(const char *const *words, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_words(words[i]));
	return array;
}

static json_t *outcomes_json(const struct gather *gather)
{
	json_t *array = json_array();

	for (size_t i = 0; i < gather->outcome_count; i++)
		json_array_append_new(
			array, json_pack("{s:o, s:I}", "text", json_words(gather->outcomes[i].text),
					 "count", (json_int_t)gather->outcomes[i].count));
	return array;
}

static json_t *tools_json(const struct report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->tool_count; i++) {
		const struct report_tool *tool = &report->tools[i];

		json_array_append_new(
			array,
			json_pack("{s:s, s:o, s:I, s:s, s:o}", "tool", tool->name, "program",
				  json_words(tool->program), "runs", (json_int_t)tool->runs,
				  "ended", tool->left_out ? "left out" : ending_name(tool->ending),
				  "left_out", json_words(tool->left_out)));
	}
	return array;
}

json_t *report_json(const struct report *report)
{
	const struct campaign *campaign = &report->campaign;
	const struct gather *gather = &campaign->gather;
	const double seconds = campaign->seconds > 0 ? campaign->seconds : 1e-9;
	json_t *object = json_object(), *findings = json_array();

	for (size_t i = 0; i < report->story_count; i++)
		json_array_append_new(findings, story_json(report->stories[i]));
	json_object_set_new(object, "version", json_integer(REPORT_VERSION));
	json_object_set_new(object, "jostle", json_string(JOSTLE_VERSION));
	json_object_set_new(object, "program",
			    words_array((const char *const *)report->target->argv,
					report->target->argc));
	json_object_set_new(object, "level", json_string(report->level));
	if (report->tool_count == 1)
		json_object_set_new(object, "tool", json_string(report->tool));
	if (report->tool)
		json_object_set_new(object, "tools", tools_json(report));
	json_object_set_new(object, "reset", json_string(reset_name(gather->reset)));
	json_object_set_new(object, "reset_reason", json_words(campaign->fallback));
	json_object_set_new(object, "strategy", json_string(campaign->plan.strategy));
	json_object_set_new(object, "seed", json_integer((json_int_t)campaign->plan.seed));
	json_object_set_new(object, "ended", json_string(ending_name(campaign->ending)));
	json_object_set_new(object, "schedules", json_integer((json_int_t)gather->schedules));
	json_object_set_new(object, "distinct", json_integer((json_int_t)gather->seen.count));
	json_object_set_new(object, "event_hash", json_hex(gather->event_hash));
	json_object_set_new(object, "kills", json_integer((json_int_t)gather->kills));
	json_object_set_new(object, "dropped", json_integer((json_int_t)report->dropped));
	json_object_set_new(object, "unverified", json_integer((json_int_t)report->unverified));
	json_object_set_new(object, "counted", json_integer((json_int_t)report->counted));
	json_object_set_new(object, "uncontrolled",
			    words_array(report->uncontrolled, report->uncontrolled_count));
	json_object_set_new(object, "outcomes", outcomes_json(gather));
	json_object_set_new(object, "findings", findings);
	json_object_set_new(
		object, "timing",
		json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:I}", "seconds", campaign->seconds,
			  "schedules_per_second", (double)gather->schedules / seconds, "steps",
			  (json_int_t)gather->scheduled_points, "switches",
			  (json_int_t)gather->switches, "threads", (json_int_t)gather->threads_max,
			  "pages_restored", (json_int_t)gather->pages_dirty, "batches_redone",
			  (json_int_t)gather->batches_redone));
	return object;
}

int json_write(const json_t *object, const char *file)
{
	if (strcmp(file, "-") == 0) {
		fflush(stdout);
		/* As of text: a reader that goes away has read what it wanted. */
		if ((json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) ||
		     putchar('\n') == EOF || fflush(stdout)) &&
		    errno != EPIPE)
			return say_error(EXIT_USAGE, "cannot write JSON to standard output: %s",
					 strerror(errno));
		return 0;
	}
	return json_write_atomically(object, file);
}
