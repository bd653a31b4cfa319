/* SPDX-License-Identifier: Apache-2.0 */
#include "report/confirmation.h"

#include <stdio.h>
#include <string.h>

#include "report/json_parts.h"
#include "report/source.h"
#include "report/story.h"

const char *confirmation_status_name(enum confirmation_status status)
{
	static const char *const names[] = {
		[CONFIRMATION_UNCONFIRMED] = "unconfirmed",
		[CONFIRMATION_REVERSED] = "reversed",
		[CONFIRMATION_CONFIRMED] = "confirmed",
	};

	return names[status];
}

static const char *access_text(struct pool *pool, const struct story_site *site)
{
	const char *file = site->place.file ? source_base(source_short(site->place.file)) : NULL;

	if (file)
		return pool_format(pool, "the one that %s at %s:%u", op_kind_text(site->op_kind),
				   file, site->place.line);
	return pool_format(pool, "the one that %s in %s()", op_kind_text(site->op_kind),
			   site->place.function ? site->place.function : "?");
}

static const char *status_text(struct pool *pool, const struct confirmation *confirmation)
{
	uint64_t schedules = 0, met = 0;

	for (size_t i = 0; i < confirmation->order_count; i++) {
		schedules += confirmation->orders[i].schedules;
		met += confirmation->orders[i].met;
	}
	switch (confirmation->status) {
	case CONFIRMATION_CONFIRMED:
		return pool_format(pool,
				   "Confirmed: in %s of %s steered schedules both accesses were "
				   "about to be made at once.",
				   count_text(pool, met), count_text(pool, schedules));
	case CONFIRMATION_REVERSED:
		return pool_format(pool,
				   "Reversed: in %s steered schedules the accesses never met, but "
				   "each came before the other in some.",
				   count_text(pool, schedules));
	default:
		return pool_format(pool,
				   "Unconfirmed: in %s steered schedules, which hold a thread at "
				   "one access until another is at the other, they never met.",
				   count_text(pool, schedules));
	}
}

static bool outputs_differ(const struct confirmation *confirmation)
{
	const struct confirmation_order *one = &confirmation->orders[0],
					*other = &confirmation->orders[1];

	return confirmation->order_count == 2 && one->result_count && other->result_count &&
	       !one->results[0].kind && !other->results[0].kind &&
	       (one->output_size != other->output_size ||
		(one->output_size && memcmp(one->output, other->output, one->output_size) != 0));
}

static void tell_result(struct pool *pool, const struct confirmation_result *result, bool differs,
			struct page *page)
{
	const char *what = result->kind ? result->title : "nothing but the race";

	if (!result->kind && differs)
		what = "another output than the other order";
	page_add(page, "    %s ", result->kind ? "->" : "  ");
	page_wrap(page, 7,
		  pool_format(pool, "%s, %s time%s%s%s%s", what, count_text(pool, result->count),
			      result->count == 1 ? "" : "s",
			      result->finding ? pool_format(pool, " (%s)", result->finding) : "",
			      result->file ? ": jostle replay " : "",
			      result->file ? result->file : ""));
}

static void tell_order(struct pool *pool, const struct story *story,
		       const struct confirmation_order *order, bool one, bool differs,
		       struct page *page)
{
	const struct story_site *first = &story->sites[order->first];

	if (!order->met)
		return;
	page_add(page, "  ");
	page_wrap(page, 4,
		  one ? "What it led to:"
		      : pool_format(pool, "First %s, then the other:", access_text(pool, first)));
	for (size_t i = 0; i < order->result_count; i++)
		tell_result(pool, &order->results[i], differs, page);
	for (size_t i = 0; i < order->outcome_count; i++) {
		page_add(page, "       ");
		page_wrap(page, 7,
			  pool_format(pool, "outcome \"%s\", %s time%s", order->outcomes[i].text,
				      count_text(pool, order->outcomes[i].count),
				      order->outcomes[i].count == 1 ? "" : "s"));
	}
	if (differs && order->output_size) {
		page_add(page, "       it wrote:\n");
		page_output(page, "       | ", order->output, order->output_size);
	}
}

void confirmation_text(struct pool *pool, const struct story *story, struct page *page)
{
	const struct confirmation *confirmation = story->confirmation;
	const bool differs = confirmation && outputs_differ(confirmation);

	if (!confirmation && !story->doubt)
		return;
	page_add(page, "  ");
	page_wrap(page, 4,
		  confirmation ? status_text(pool, confirmation)
			       : "Not steered at: there was no time for it, or races enough were.");
	if (story->doubt) {
		page_add(page, "  ");
		page_wrap(page, 4,
			  pool_format(pool,
				      "Not an error for want of proof: what %s does is not seen, "
				      "and may order them.",
				      story->doubt));
	}
	for (size_t i = 0; confirmation && i < confirmation->order_count; i++)
		tell_order(pool, story, &confirmation->orders[i], confirmation->order_count == 1,
			   differs, page);
	page_add(page, "\n");
}

static json_t *results_json(const struct confirmation_order *order)
{
	json_t *array = json_array();

	for (size_t i = 0; i < order->result_count; i++) {
		const struct confirmation_result *result = &order->results[i];
		json_t *object = json_object();

		json_object_set_new(object, "kind", json_words(result->kind));
		json_object_set_new(object, "title", json_words(result->title));
		json_object_set_new(object, "text", json_words(result->text));
		json_object_set_new(object, "count", json_integer((json_int_t)result->count));
		json_object_set_new(object, "finding", json_words(result->finding));
		json_object_set_new(object, "id", json_words(result->id));
		json_object_set_new(object, "seed", json_hex(result->seed));
		json_object_set_new(object, "file", json_words(result->file));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *order_json(const struct story *story, const struct confirmation_order *order)
{
	json_t *object = json_object(), *outcomes = json_array();

	for (size_t i = 0; i < order->outcome_count; i++)
		json_array_append_new(outcomes,
				      json_pack("{s:o, s:I}", "text",
						json_words(order->outcomes[i].text), "count",
						(json_int_t)order->outcomes[i].count));
	json_object_set_new(object, "first", json_of_frame(&story->sites[order->first].place));
	json_object_set_new(object, "second", json_of_frame(&story->sites[order->second].place));
	json_object_set_new(object, "schedules", json_integer((json_int_t)order->schedules));
	json_object_set_new(object, "met", json_integer((json_int_t)order->met));
	json_object_set_new(object, "led_to", results_json(order));
	json_object_set_new(object, "outcomes", outcomes);
	return object;
}

json_t *confirmation_json(const struct story *story)
{
	const struct confirmation *confirmation = story->confirmation;
	json_t *object, *orders;

	if (!confirmation && !story->doubt)
		return json_null();
	object = json_object();
	orders = json_array();
	for (size_t i = 0; confirmation && i < confirmation->order_count; i++)
		json_array_append_new(orders, order_json(story, &confirmation->orders[i]));
	json_object_set_new(
		object, "status",
		json_string(confirmation_status_name(confirmation ? confirmation->status
								  : CONFIRMATION_UNCONFIRMED)));
	json_object_set_new(object, "doubt", json_words(story->doubt));
	json_object_set_new(object, "orders", orders);
	return object;
}
