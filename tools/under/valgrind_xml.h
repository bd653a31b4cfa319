/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what Valgrind's tools write with --xml=yes (its docs/internals/xml-output-protocol4.txt). A
 * file may end anywhere, when the run was killed; processes may have written into one another's;
 * names of functions and files may hold any bytes. So it is cut at its <error> elements and each is
 * parsed by itself: what is damaged is lost alone, and counted.
 */
#ifndef JOSTLE_UNDER_VALGRIND_XML_H
#define JOSTLE_UNDER_VALGRIND_XML_H

#include "report/pool.h"
#include "symbols/symbols.h"

#define VALGRIND_PARTS_MAX 24

/* One sentence of an error and the stack below it. Texts are in the pool. */
struct valgrind_part {
	const char *element; /* "what", "auxwhat" (<xwhat> and <xauxwhat> as well), or what stands
				around a stack: "allocation_context", "other_segment_start" */
	const char *text;    /* "" when it has none */
	unsigned thread;     /* hthreadid, 0 none */
	const struct frame *frames;
	size_t frame_count;
};

struct valgrind_error {
	const char *kind; /* "Race" */
	unsigned tid;     /* of Valgrind, from 1; numbers of ended threads are used again */
	struct valgrind_part parts[VALGRIND_PARTS_MAX];
	size_t part_count;
};

/* A thread of Helgrind's <announcethread>. */
struct valgrind_thread {
	unsigned number;
	const struct frame *frames; /* where it was created; main: none */
	size_t frame_count;
};

struct valgrind_output {
	const char *executable; /* as it was started; "" when that was lost */
	struct valgrind_error *errors;
	size_t error_count;
	struct valgrind_thread *threads;
	size_t thread_count;
	size_t damaged; /* elements that could not be read */
};

/* Fills output, in the pool. */
void valgrind_read(struct valgrind_output *output, struct pool *pool, const char *bytes,
		   size_t size);
/* NULL: was not announced. */
const struct valgrind_thread *valgrind_thread(const struct valgrind_output *output,
					      unsigned number);

#endif
