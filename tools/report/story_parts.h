/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of which story.c puts a story together; nobody else calls them. */
#ifndef JOSTLE_REPORT_STORY_PARTS_H
#define JOSTLE_REPORT_STORY_PARTS_H

#include "report/objects.h"
#include "report/story.h"

#define STORY_EVENTS_MAX 28 /* rows of the interleaving table */

/* Frames of a dumped stack without the engine's and the start code's. */
size_t story_unwind(struct pool *pool, struct symbols *symbols, const struct board *board,
		    const struct board_stack *stack, const struct frame **result);

/*
 * Whether the site is part of what went wrong. Who was created where, and main that waits to join
 * threads which wait for something else, are only its surroundings.
 */
bool story_is_core(const struct story *story, const struct story_site *site);

/* Of an access that the replay saw, the n-th of those that it was asked for: value and locks. */
void story_tell_access(struct pool *pool, struct objects *objects, const struct board_seen *seen,
		       uint64_t address, struct story_site *site);

/* In struct event.aux of an access, where no kind of access has anything of its own. */
#define STORY_ACCESS  (1U << 30) /* one of those that the finding is about */
#define STORY_BETWEEN (1U << 31) /* which was no step */

/*
 * The events with the accesses that the finding is about marked among them. One that was no
 * scheduling point is put between the steps where it was made. In the pool unless nothing changed.
 */
const struct event *story_mark_accesses(struct pool *pool, const struct story *story,
					const struct finding *finding, const struct event *events,
					size_t *count);
/* Memory that is read, written or freed; op_kind. */
bool story_is_access(unsigned kind);
bool story_is_marked(const struct event *event);

/* The locks of an access as another detector named them. */
void story_give_locks(struct pool *pool, struct objects *objects, const struct story_given *given,
		      struct story_site *site);

/* The innermost frame that is the user's own; the innermost at all if there is none. */
struct frame story_user_place(struct symbols *symbols, const struct frame *frames, size_t count);

/* The rows: the last steps of the threads that take part, the steps of the sites, and what each
 * waits for at the end. */
void story_tell_events(struct story *story, struct pool *pool, struct symbols *symbols,
		       struct objects *objects, const struct finding *finding,
		       const struct event *events, size_t count);

const char *story_headline(struct pool *pool, const struct story *story,
			   const struct finding *finding, const char *words);

/* Kind, cause and the functions that take part, sorted; without anything that differs between runs.
 */
const char *story_title(struct pool *pool, const struct story *story);

#endif
