/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finding told: names instead of addresses, sentences, the interleaving, stacks. It is made once,
 * from the board of the replay that confirmed the finding, and is plain data afterwards: the text
 * report, the JSON and the failure file print the same story. Everything in it belongs to the pool
 * it was made with.
 */
#ifndef JOSTLE_REPORT_STORY_H
#define JOSTLE_REPORT_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "campaign/gather.h"
#include "campaign/verify.h"
#include "event/event.h"
#include "report/confirmation.h"
#include "report/pool.h"
#include "symbols/symbols.h"

/* A lock that a thread held while it made an access. */
struct story_lock {
	const char *object; /* "mutex#1 account.lock" */
	bool shared;        /* to read */
	uint32_t step;      /* that took it */
	struct frame place; /* where */
};

/* One place that takes part, with the innermost frame first. */
struct story_site {
	unsigned role;      /* enum site_role */
	unsigned op_kind;   /* enum op_kind */
	unsigned thread;    /* THREAD_NONE: unknown */
	uint32_t step;      /* of an access: the first that came after; UINT32_MAX: not known */
	const char *object; /* "mutex#1 account.lock", NULL none */
	const char *object2;
	uint32_t size;      /* of an access or a heap block, bytes; 0: none */
	struct frame place; /* the innermost frame that is the user's */
	const struct frame
		*frames; /* the whole stack if it was dumped, else what is known of the place */
	size_t frame_count;
	/* Of the accesses of a race: */
	bool seen;         /* by the replay: the step is its */
	const char *value; /* read or written, "-1", "NULL", "&table"; NULL: not known */
	bool locks_known;  /* locks are all that the thread held */
	const struct story_lock *locks;
	size_t lock_count;
};

struct story_thread {
	unsigned id;
	const char *name;           /* "" when it has none */
	unsigned creator;           /* THREAD_NONE: not known, or main */
	struct frame created;       /* where */
	bool involved;              /* a site of the finding is its */
	bool alive;                 /* at the end of the schedule */
	const struct frame *frames; /* its stack at the end */
	size_t frame_count;
};

struct story_event {
	uint32_t step;
	unsigned thread;
	const char *what; /* "locks mutex#1 account.lock"; empty for a gap in the table */
	struct frame place;
	bool waits;   /* not performed: what it waits for at the end */
	bool gap;     /* steps were left out before it */
	bool foreign; /* the place is not the user's: of a library, or of one's header */
	bool access;  /* one of those that the finding is about */
	bool between; /* which was no step, but made before that one */
};

/* What is known in words of one site of a finding that another detector made. All in the story's
 * pool. */
struct story_given {
	struct frame place;         /* the innermost frame that is the user's */
	const struct frame *frames; /* the innermost first */
	size_t frame_count;         /* 0: as the board says */
	/* Of an access: addresses of locks that its thread held. */
	const struct story_given_lock {
		uint64_t object;
		bool shared;
	} * locks;
	size_t lock_count;
	bool locks_known; /* these are all */
};

/* In how many of its runs a detector told a finding. */
struct story_below {
	const char *tool;
	uint64_t shown, runs;
};

struct story {
	const char *id; /* "F1" */
	const char *kind, *cause, *severity;
	unsigned severity_level; /* enum severity */
	const char *title;       /* one line, the same in each run */
	const char *headline;    /* what happened, in a sentence */
	const char *advice;      /* what usually helps, or NULL */
	const char *text;        /* of the assertion, the invariant, the outcome; "" */
	uint64_t key, first_schedule, count, seed, event_hash;
	uint64_t schedules; /* that the campaign ran; 0: not known (a replay) */
	uint32_t steps;
	uint32_t older_loads; /* atomic loads before it that read an older value than the latest */
	const char *strategy;
	const char *replay;   /* "exact", "inexact", "3 of 5" */
	const char *tool;     /* the detector it was run below, NULL: none; then count is of
				 schedules runs, first_schedule the first such run */
	const uint64_t *runs; /* of under: the numbers of those that showed it */
	size_t run_count;
	const struct story_below *below; /* of each detector, in the order they were named */
	size_t below_count;
	const char *file;       /* the failure file, NULL when it was not written */
	const char *suppressed; /* the rule, or NULL */
	bool in_baseline;
	const char *folded_into; /* the id of the finding that tells the same: the deadlock that
				    this lock order led to, or one at the same lines; or NULL */
	const char *folded_as;   /* "came true as" it, or "at the lines of" it */
	const struct story_site *sites;
	size_t site_count;
	struct story_thread *threads; /* by id */
	size_t thread_count;
	const struct story_event *events; /* the last ones, for the table */
	size_t event_count;
	const char *output;
	size_t output_size;
	const char *doubt; /* objects that may have ordered a race unseen; NULL: none */
	bool steered;      /* shown while a race was confirmed, not by the campaign itself */
	const struct confirmation *confirmation; /* of a race; NULL: it was not steered at */
};

/* The board must still hold the run that result is about. given: of each site of the finding, or
 * NULL. */
struct story *story_new(struct pool *pool, struct symbols *symbols, const struct found *found,
			const struct verification *result, const struct board *board,
			const struct story_given *given);

/*
 * The deadlock among stories that came true where this lock order only warned: both wait at the
 * same places for locks that were taken at the same places. NULL: none, or story is no lock order.
 */
const struct story *story_confirmation(const struct story *story, struct story *const *stories,
				       size_t count);

/*
 * The story among stories that tells the same of the same lines, at other places of the code; NULL:
 * none. The accesses of a race may be the other way round.
 */
const struct story *story_told_before(const struct story *story, struct story *const *stories,
				      size_t count);

/* "T1 worker", "main" for T0 without a name of its own. */
const char *story_thread_label(struct pool *pool, const struct story *story, unsigned thread);

#endif
