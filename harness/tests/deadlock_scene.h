/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deadlocks as a few lines each: threads by name, what they took, did and now wait for.
 *
 *	start(A), start(B);
 *	takes(A, M1), takes(B, M2);
 *	wants(A, OP_MUTEX_LOCK, M2), wants(B, OP_MUTEX_LOCK, M1);
 *
 * A scene is played with any numbering of its threads and at two layouts of its objects; places in
 * the code come from what is done there. Nothing here asserts but scene_check_...().
 */
#ifndef JOSTLE_TESTS_DEADLOCK_SCENE_H
#define JOSTLE_TESTS_DEADLOCK_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/deadlock.h"

#define SCENE_THREADS 6 /* main and up to five others */

enum { MAIN, A, B, C, D, E };
enum { M1, M2, M3, COND, OTHER_COND, SEM, BARRIER, RW, FD };

struct scene {
	const char *name;
	void (*play)(void);
	enum finding_cause cause;
	enum site_role first, second; /* of the sites; second only if there are two */
};

#define SCENE(name, cause, first, second)                               \
	{                                                               \
#name, name, CAUSE_##cause, SITE_##first, SITE_##second \
	}

struct thread *thread(unsigned name);
void *place(unsigned n); /* an address in the code */

void start(unsigned who);
void ends(unsigned who);
void forks(unsigned who, unsigned child); /* the first thread of another process */
void event(unsigned who, enum op_kind kind, unsigned what, uint32_t aux);
void event_at(unsigned who, enum op_kind kind, unsigned what, unsigned where);
void takes(unsigned who, unsigned what); /* a mutex */
void reads(unsigned who, unsigned what); /* an rwlock */
void takes_in_mode(unsigned who, enum op_kind kind, unsigned what, enum op_family family,
		   enum hold_mode mode);
void gives_back(unsigned who, unsigned what);
void signals(unsigned who, enum op_kind kind, unsigned cond, uint32_t waiters, uint32_t woken);

/* From here on who does nothing more. */
void wants(unsigned who, enum op_kind kind, unsigned what);
void joins(unsigned who, unsigned whom);
void waits(unsigned who, unsigned cond, unsigned mutex); /* gives mutex back; logged as a stage */
void is_woken(unsigned who, unsigned cond, unsigned mutex);   /* and has mutex back; logged */
void wants_back(unsigned who, unsigned cond, unsigned mutex); /* was woken, stands before mutex */

/* Plays with threads numbered as named, and classifies. */
bool scene_classify(void (*play)(void), place_fn places, struct finding *out);
/* Classifies what was played last, changed by the test meanwhile. */
bool scene_classify_again(place_fn places, struct finding *out);

/* Cause, kind, severity, step and the first roles are as declared. */
void scene_check_cause(const struct scene *scene);
/* Cause and key are the same under all 120 numberings, other names and another layout. */
void scene_check_numbering(const struct scene *scene);

#endif
