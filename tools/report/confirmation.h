/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came of steering at a race (campaign/confirm.h), as it is told: each order in which the two
 * accesses can come, and what that led to. Plain data; everything belongs to the story's pool.
 */
#ifndef JOSTLE_REPORT_CONFIRMATION_H
#define JOSTLE_REPORT_CONFIRMATION_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "report/page.h"
#include "report/pool.h"

struct story;

enum confirmation_status {
	CONFIRMATION_UNCONFIRMED, /* neither of the following */
	CONFIRMATION_REVERSED,    /* the accesses never met, but both orders were seen */
	CONFIRMATION_CONFIRMED,   /* both accesses were about to be made at once in one schedule */
};

/* One thing that an order led to. */
struct confirmation_result {
	const char *id;   /* "F1a", of the failure file that shows it */
	const char *file; /* NULL when it was not written */
	const char *kind; /* NULL: nothing but the race was found */
	const char *title;
	const char *text;    /* of the assertion, invariant, outcome; "" */
	const char *finding; /* the id of the run's finding that is the same, or NULL */
	uint64_t count;      /* schedules of this order */
	uint64_t seed;       /* of the one in the file */
};

struct confirmation_outcome {
	const char *text; /* as jostle_outcome() gave it */
	uint64_t count;
};

struct confirmation_order {
	unsigned first, second; /* sites of the story; equal places: there is one order */
	uint64_t schedules;     /* run for this order */
	uint64_t met;           /* in so many of them the accesses met */
	struct confirmation_result *results;
	size_t result_count;
	struct confirmation_outcome *outcomes;
	size_t outcome_count;
	const char *output; /* what the schedule of the first result wrote */
	size_t output_size;
};

struct confirmation {
	enum confirmation_status status;
	struct confirmation_order orders[2];
	size_t order_count;
};

const char *confirmation_status_name(enum confirmation_status status);
void confirmation_text(struct pool *pool, const struct story *story, struct page *page);
/* A new reference; null for a story without. */
json_t *confirmation_json(const struct story *story);

#endif
