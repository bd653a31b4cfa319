/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/facts.h"
#include "compare/show.h"
#include "report/json_parts.h"

static json_t *machine_json(const struct machine *machine)
{
	json_t *object = json_object();

	json_object_set_new(object, "system", json_words(machine->system));
	json_object_set_new(object, "processor", json_words(machine->processor));
	json_object_set_new(object, "processors", json_integer(machine->processors));
	json_object_set_new(object, "online", json_integer(machine->online));
	json_object_set_new(object, "quota",
			    machine->quota > 0 ? json_real(machine->quota) : json_null());
	json_object_set_new(object, "folder", json_words(machine->folder));
	json_object_set_new(object, "file_system", json_words(machine->file_system));
	json_object_set_new(object, "others", json_real(machine->others));
	json_object_set_new(object, "stolen", json_real(machine->stolen));
	return object;
}

static json_t *numbers_json(const double *numbers, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_real(numbers[i]));
	return array;
}

static json_t *measure_json(const struct comparison *comparison, const struct measure *measure)
{
	const bool run = measure->row->topic == TOPIC_RUN;
	const struct summary *summary = &measure->summary;
	json_t *object = json_object();

	json_object_set_new(object, "topic", json_string(topic_id(measure->row->topic)));
	json_object_set_new(object, "what", json_string(measure->row->id));
	json_object_set_new(object, "way", json_string(way_id(measure->way)));
	json_object_set_new(object, "workers", run ? json_integer(measure->workers) : json_null());
	json_object_set_new(object, "unit",
			    json_string(measure->row->unit == UNIT_NS ? "ns" : "bytes"));
	json_object_set_new(object, "missing", json_words(measure->missing));
	if (measure->missing)
		return object;
	json_object_set_new(object, "operations",
			    measure->row->topic == TOPIC_MEMORY
				    ? json_null()
				    : json_integer((json_int_t)measure->operations));
	json_object_set_new(object, "median", json_real(summary->median));
	json_object_set_new(object, "first_quartile", json_real(summary->first_quartile));
	json_object_set_new(object, "third_quartile", json_real(summary->third_quartile));
	json_object_set_new(object, "least", json_real(summary->least));
	json_object_set_new(object, "most", json_real(summary->most));
	json_object_set_new(object, "samples",
			    numbers_json(measure->samples, comparison->rounds_done));
	json_object_set_new(object, "processor_share",
			    run ? json_real(measure->processor_share) : json_null());
	return object;
}

static json_t *facts_json(void)
{
	json_t *array = json_array();

	for (const struct fact *fact = compare_facts; fact->about; fact++)
		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:s}", "about", fact->about, "process",
						fact->process, "thread", fact->thread));
	return array;
}

json_t *show_json(const struct comparison *comparison, const struct meaning *meanings)
{
	json_t *object = json_object(), *workers = json_array(), *measures = json_array(),
	       *words = json_array();

	for (unsigned i = 0; i < comparison->worker_count; i++)
		json_array_append_new(workers, json_integer(comparison->workers[i]));
	for (size_t i = 0; i < comparison->measure_count; i++)
		json_array_append_new(measures, measure_json(comparison, &comparison->measures[i]));
	for (size_t i = 0; i < MEANINGS; i++)
		if (meanings[i].text[0])
			json_array_append_new(words,
					      json_pack("{s:s, s:o}", "about", meanings[i].about,
							"text", json_words(meanings[i].text)));
	json_object_set_new(object, "version", json_integer(1));
	json_object_set_new(object, "jostle", json_string(JOSTLE_VERSION));
	json_object_set_new(object, "seed", json_hex(comparison->seed));
	json_object_set_new(object, "quick", json_boolean(comparison->quick));
	json_object_set_new(object, "rounds", json_integer(comparison->rounds_done));
	json_object_set_new(object, "ended",
			    json_string(comparison->interrupted ? "interrupted" : "rounds"));
	json_object_set_new(object, "seconds", json_real(comparison->seconds));
	json_object_set_new(object, "workers", workers);
	json_object_set_new(object, "tasks", json_integer(comparison->tasks));
	json_object_set_new(object, "hashes", json_integer((json_int_t)comparison->hashes));
	json_object_set_new(object, "wait_ns", json_integer((json_int_t)comparison->wait_ns));
	json_object_set_new(object, "machine", machine_json(&comparison->machine));
	json_object_set_new(object, "facts", facts_json());
	json_object_set_new(object, "measures", measures);
	json_object_set_new(object, "meaning", words);
	return object;
}
