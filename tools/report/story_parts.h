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

/* The stack that was dumped when the thread performed that step; at the end for UINT32_MAX; NULL:
 * none. */
const struct board_stack *story_stack(const struct board *board, unsigned thread, uint32_t step);
/* The dumped stack of a site holds the site's own address; if it does not, the dump is of something
 * else (the thread went on) and the address alone is told. */
bool story_stack_fits(const struct frame *frames, size_t count, uint64_t pc);
/* The user's own place of what a thread did at pc in that step. What a library called for the
 * program is where the program called the library, if the stack of the step is there. */
struct frame story_step_place(struct objects *objects, unsigned thread, uint32_t step, uint64_t pc,
			      bool is_return_address);

bool story_is_user(struct symbols *symbols, const struct frame *frame);
/* The innermost frame that is the user's own and has a line, which a library without debug
 * information has not. */
struct frame story_line(struct symbols *symbols, const struct frame *frames, size_t count,
			const struct frame *otherwise);
/* The innermost frame that is the user's own; the innermost at all if there is none. */
struct frame story_user_place(struct symbols *symbols, const struct frame *frames, size_t count);

/* The rows: the last steps of the threads that take part, the steps of the sites, and what each
 * waits for at the end. */
void story_tell_events(struct story *story, struct pool *pool, struct objects *objects,
		       const struct finding *finding, const struct event *events, size_t count);

const char *story_headline(struct pool *pool, const struct story *story,
			   const struct finding *finding, const char *words);

/* Kind, cause and the functions that take part, sorted; without anything that differs between runs.
 */
const char *story_title(struct pool *pool, const struct story *story);

#endif
