/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of Helgrind's and DRD's (3.15 to 3.24) on how primitives are used, by a part of each
 * that only it has. */
#include <string.h>

#include "under/valgrind.h"

static const struct {
	const char *part;
	enum finding_kind kind;
	enum finding_cause cause;
	enum severity severity;
} sentences[] = {
	{ "unlocked a not-locked lock", FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, SEVERITY_ERROR },
	{ "unlocked an invalid lock", FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, SEVERITY_ERROR },
	{ "currently held by thread", FINDING_MISUSE, CAUSE_UNLOCK_NOT_OWNER, SEVERITY_ERROR },
	{ "re-lock a non-recursive lock", FINDING_MISUSE, CAUSE_RELOCK, SEVERITY_ERROR },
	{ "of a locked mutex", FINDING_MISUSE, CAUSE_DESTROY_HELD, SEVERITY_ERROR },
	{ "pthread_rwlock_destroy of a locked", FINDING_MISUSE, CAUSE_DESTROY_HELD,
	  SEVERITY_ERROR },
	{ "condition variable being waited upon", FINDING_MISUSE, CAUSE_DESTROY_WAITED,
	  SEVERITY_ERROR },
	{ "wait called with un-held mutex", FINDING_MISUSE, CAUSE_WAIT_NOT_HELD, SEVERITY_ERROR },
	{ "mutex held by a different thread", FINDING_MISUSE, CAUSE_WAIT_NOT_HELD, SEVERITY_ERROR },
	{ "cond is associated with a different mutex", FINDING_MISUSE, CAUSE_TWO_MUTEXES,
	  SEVERITY_ERROR },
	{ "associated lock is not held", FINDING_MISUSE, CAUSE_NONE, SEVERITY_WARNING },
	{ "thread still holds", FINDING_LEAK, CAUSE_LOCK_HELD, SEVERITY_NOTE },
	{ "Mutex not locked by calling thread", FINDING_MISUSE, CAUSE_UNLOCK_NOT_OWNER,
	  SEVERITY_ERROR },
	{ "Mutex not locked", FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, SEVERITY_ERROR },
	{ "is not a mutex", FINDING_MISUSE, CAUSE_UNINITIALISED, SEVERITY_ERROR },
	{ "Mutex reinitialization", FINDING_MISUSE, CAUSE_REINITIALISED, SEVERITY_ERROR },
	{ "Destroying locked mutex", FINDING_MISUSE, CAUSE_DESTROY_HELD, SEVERITY_ERROR },
	{ "Recursive locking not allowed", FINDING_MISUSE, CAUSE_RELOCK, SEVERITY_ERROR },
	{ "Mutex locked recursively", FINDING_MISUSE, CAUSE_WAIT_RECURSIVE, SEVERITY_ERROR },
	{ "initialized twice", FINDING_MISUSE, CAUSE_REINITIALISED, SEVERITY_ERROR },
	{ "Inconsistent association of condition", FINDING_MISUSE, CAUSE_TWO_MUTEXES,
	  SEVERITY_ERROR },
	{ "destroyed while being waited upon", FINDING_MISUSE, CAUSE_DESTROY_WAITED,
	  SEVERITY_ERROR },
	{ "that is being waited upon", FINDING_MISUSE, CAUSE_DESTROY_WAITED, SEVERITY_ERROR },
	{ "is not locked by the signalling thread", FINDING_MISUSE, CAUSE_NONE, SEVERITY_WARNING },
	{ "Reader-writer lock not locked by calling thread", FINDING_MISUSE, CAUSE_UNLOCK_NOT_OWNER,
	  SEVERITY_ERROR },
	{ "Reader-writer lock not locked", FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, SEVERITY_ERROR },
	{ "Destroying locked rwlock", FINDING_MISUSE, CAUSE_DESTROY_HELD, SEVERITY_ERROR },
	{ "Reader-writer lock reinitialization", FINDING_MISUSE, CAUSE_REINITIALISED,
	  SEVERITY_ERROR },
	{ "Semaphore reinitialization", FINDING_MISUSE, CAUSE_REINITIALISED, SEVERITY_ERROR },
	{ "Barrier reinitialization", FINDING_MISUSE, CAUSE_REINITIALISED, SEVERITY_ERROR },
	{ "Reinitialization of barrier", FINDING_MISUSE, CAUSE_REINITIALISED, SEVERITY_ERROR },
	{ "barrier with active waiters", FINDING_MISUSE, CAUSE_DESTROY_WAITED, SEVERITY_ERROR },
	{ "has not been initialized", FINDING_MISUSE, CAUSE_UNINITIALISED, SEVERITY_ERROR },
};

struct claim valgrind_misuse(struct pool *pool, const char *sentence)
{
	struct claim claim;

	/* DRD says "not locked by calling thread" of the last owner's unlock, too. */
	if (strstr(sentence, "not locked by calling thread") &&
	    strstr(sentence, "recursion count 0,"))
		return claim_new(FINDING_MISUSE, CAUSE_UNLOCK_UNLOCKED, NULL);
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (!strstr(sentence, sentences[i].part))
			continue;
		claim = claim_new(sentences[i].kind, sentences[i].cause,
				  sentences[i].cause ? NULL : claim_stable_text(pool, sentence));
		claim.finding.severity = (uint8_t)sentences[i].severity;
		return claim;
	}
	return claim_new(FINDING_MISUSE, CAUSE_NONE, claim_stable_text(pool, sentence));
}
