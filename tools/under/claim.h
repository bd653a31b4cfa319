/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A claim: what a detector said of one run, before it is a finding of the campaign. Readers of a
 * detector's output (valgrind_xml.c, tsan_text.c) know its format, its file (helgrind.c, ...) what
 * its sentences mean; both end here, in the finding's own words, with a stack for each site as the
 * detector named it.
 */
#ifndef JOSTLE_UNDER_CLAIM_H
#define JOSTLE_UNDER_CLAIM_H

#include "event/finding.h"
#include "event/op.h"
#include "event/thread.h"
#include "report/story.h"

#define CLAIM_FRAMES_MAX 64   /* of one stack; the outermost beyond are left out */
#define CLAIMS_MAX       1000 /* of one run; more are counted only */

struct claim {
	struct finding finding; /* sites by claim_site(); key by claims_add() */
	struct story_given given[FINDING_SITES_MAX];
	const char *location; /* what the memory of a race is, in the detector's words; or NULL */
};

struct claims {
	struct pool *pool; /* of the claims' texts */
	struct claim *list;
	size_t count, lost;
};

/* A claim without sites. text: of a misuse that has no cause of its own; cut where it is too long,
 * without what differs from run to run (addresses, thread numbers). NULL: none. */
struct claim claim_new(enum finding_kind kind, enum finding_cause cause, const char *text);

/*
 * One more site; object is the address of the lock or of the memory, 0 when none is named. frames
 * belong to the pool, the innermost first; frames of the detector's own and the code that starts
 * threads are left out. Returns NULL when there is no room.
 */
struct finding_site *claim_site(struct claim *claim, struct pool *pool, enum site_role role,
				enum op_kind op, uint64_t object, unsigned thread,
				const struct frame *frames, size_t frame_count);

/* Puts the two sides of a race or of a lock order in an order of their own, gives the claim its
 * key, and adds it; one with the key of an earlier one is merged with that. */
void claims_add(struct claims *claims, struct claim *claim);
void claims_fini(struct claims *claims);

/* Whether one of the frames is the program's own, and not of the system or the detector. */
bool claim_has_user(const struct frame *frames, size_t count);

/* Text without hexadecimal numbers, thread numbers and counts, in the pool. */
char *claim_stable_text(struct pool *pool, const char *text);

#endif
