/* SPDX-License-Identifier: Apache-2.0 */
/* The cause speaks if there is one, else the kind. */
#include "report/words.h"

#include <string.h>

#include "event/finding.h"
#include "report/pool.h"

static const struct words by_cause[CAUSE_COUNT] = {
	[CAUSE_LOCK_CYCLE] = { "Threads wait in a circle: each holds a lock that the next one "
			       "wants.",
			       "Take these locks in the same order everywhere." },
	[CAUSE_SELF] = { "A thread waits for a lock that it holds itself.",
			 "Do not call a function that locks while holding the lock, or split it in "
			 "two." },
	[CAUSE_SELF_IN_HANDLER] = { "A signal's handler wants a lock that the interrupted "
				    "thread holds.",
				    "Call nothing that locks in a handler, or block the signal "
				    "while the lock is held." },
	[CAUSE_LOST_WAKEUP] = { "A wake-up came before its waiter waited; the waiter waits for "
				"ever.",
				"Test a condition under the mutex before waiting, and change it "
				"under the same mutex. If that is so: what it waits for was "
				"undone since, or is to be done by one of those who wait." },
	[CAUSE_MISSED_BROADCAST] = { "One signal woke one of several waiters; the others wait for "
				     "ever.",
				     "Use broadcast when more than one waiter may have to go on." },
	[CAUSE_FORGOTTEN_UNLOCK] = { "A thread never unlocks a lock that others wait for: it waits "
				     "itself, for something else.",
				     "Unlock before waiting for what others are to do; look for a "
				     "return or a loop between the lock and its unlock." },
	[CAUSE_OWNER_EXITED] = { "A thread ended while it held a lock that others wait for.",
				 "Unlock on every way out, cancellation included "
				 "(pthread_cleanup_push)." },
	[CAUSE_OWNER_DIED] = { "A process was killed while it held a lock that others wait for.",
			       "Make the mutex robust, and put the data in order where "
			       "EOWNERDEAD is returned." },
	[CAUSE_OWNER_NOT_FORKED] = { "A process was forked while another thread held a lock; in "
				     "the child its copy stays locked for ever.",
				     "Let the child call nothing that locks before exec, fork "
				     "before "
				     "there are threads, or take the lock around the fork "
				     "(pthread_atfork)." },
	[CAUSE_UPGRADE] = { "A reader waits to become the writer and thereby blocks itself, or two "
			    "readers do so to each other.",
			    "Unlock before taking the write lock, and look again at what was "
			    "read." },
	[CAUSE_JOIN_CYCLE] = { "Threads join each other in a circle, or join a thread that waits "
			       "for them.",
			       NULL },
	[CAUSE_CIRCLE] = { "Threads wait in a circle: each holds a lock, or took from a semaphore, "
			   "what the next one wants.",
			   "Take locks and semaphores in the same order everywhere; wait for no "
			   "semaphore with a lock held that those need who post it." },
	[CAUSE_CHILD_WAIT] = { "A process waits for a child that cannot end.", NULL },
	[CAUSE_SEMAPHORE] = { "Threads wait for a semaphore that nobody will post.",
			      "Count the posts on every path." },
	[CAUSE_BARRIER] = { "Fewer threads came to a barrier than it was made for.",
			    "Compare the barrier's count with the number of threads that reach "
			    "it." },
	[CAUSE_PIPE] = { "Threads wait to read or to write a descriptor (a pipe, a socket, an "
			 "event) that nobody serves.",
			 "Look who is to write or read at its other end; and whether one read took "
			 "what was meant for two." },
	[CAUSE_QUEUE] = { "Threads wait on a full or an empty queue that nobody serves.",
			  "Look who is to receive or send at its other end, and what that one "
			  "waits for." },
	[CAUSE_NO_SIGNAL] = { "A thread waits on a condition that is never signalled.",
			      "Look who is to signal it, and what that one waits for." },
	[CAUSE_FUTEX] = { "Threads wait on a futex that nobody will wake.",
			  "In C++ that is a future, a latch, a barrier, a semaphore or an atomic's "
			  "wait(): look who is to set, count, arrive, release or notify." },
	[CAUSE_WAIT_SIGNAL] = { "A thread waits for a signal that does not come, or not any more.",
				"A signal that may come before the wait: block it, and wait with "
				"sigsuspend(), sigwait() or ppoll()." },
	[CAUSE_UNLOCK_NOT_OWNER] = { "A thread unlocked a lock that another thread holds.", NULL },
	[CAUSE_UNLOCK_UNLOCKED] = { "A thread unlocked a lock that nobody holds.", NULL },
	[CAUSE_DESTROY_HELD] = { "A lock was destroyed while it was held.", NULL },
	[CAUSE_DESTROY_WAITED] = { "An object was destroyed while threads wait for it.", NULL },
	[CAUSE_DOUBLE_DESTROY] = { "An object was destroyed twice.", NULL },
	[CAUSE_USE_DESTROYED] = { "An object was used after it had been destroyed.", NULL },
	[CAUSE_UNINITIALISED] = { "An object was used that was never initialised.", NULL },
	[CAUSE_REINITIALISED] = { "An object was initialised again while it was in use.", NULL },
	[CAUSE_RELOCK] = { "A thread locked a lock again that it holds.", NULL },
	[CAUSE_WAIT_NOT_HELD] = { "A thread waited on a condition without holding the mutex.",
				  NULL },
	[CAUSE_WAIT_RECURSIVE] = { "A thread waited on a condition while it held the mutex more "
				   "than once.",
				   "The wait unlocks it once only, so nobody else gets in to "
				   "signal." },
	[CAUSE_TWO_MUTEXES] = { "Threads wait on one condition with different mutexes.", NULL },
	[CAUSE_SEM_OVERFLOW] = { "A semaphore was posted beyond its greatest value.", NULL },
	[CAUSE_SEM_NEGATIVE] = { "A semaphore's value is impossible.", NULL },
	[CAUSE_JOIN_TWICE] = { "A thread was joined, detached or cancelled after it had been "
			       "joined.",
			       NULL },
	[CAUSE_JOIN_DETACHED] = { "A detached thread was joined.", NULL },
	[CAUSE_JOIN_SELF] = { "A thread joined itself.", NULL },
	[CAUSE_DETACH_TWICE] = { "A thread was detached twice.", NULL },
	[CAUSE_NO_SUCH_THREAD] = { "A thread's handle was used after the thread was gone.", NULL },
	[CAUSE_ONCE_RECURSIVE] = { "An initialiser of pthread_once calls the same pthread_once.",
				   NULL },
	[CAUSE_TOO_MANY_THREADS] = { "More threads were created than the limit allows.",
				     "If that many are meant, see --threads-limit." },
	[CAUSE_KEY_INVALID] = { "A key of thread-specific data was used that does not exist.",
				NULL },
	[CAUSE_INVALID_FREE] = { "Something was freed that was not allocated.", NULL },
	[CAUSE_DOUBLE_FREE] = { "The same memory was freed twice.", NULL },
	[CAUSE_USE_AFTER_FREE] = { "Memory was used after it had been freed.", NULL },
	[CAUSE_DEAD_STACK] = { "The stack of a thread was used that has ended.", NULL },
	[CAUSE_DEAD_FRAME] = { "A variable on another thread's stack was used after its function "
			       "had returned.",
			       "Wait for all who know the address before returning, or allocate "
			       "it." },
	[CAUSE_STACK_OVERFLOW] = { "A thread ran out of stack.", NULL },
	[CAUSE_SIGNAL] = { "The program crashed.", NULL },
	[CAUSE_ABORT] = { "The program called abort().", NULL },
	[CAUSE_KILLED] = { "The process was killed, or ended in a way that the engine could not "
			   "see.",
			   NULL },
	[CAUSE_EXIT_STATUS] = { "The program ended with another exit status than expected.",
				"If that status is meant, see --expect-exit." },
	[CAUSE_UNCAUGHT_EXCEPTION] = { "An exception was not caught.", NULL },
	[CAUSE_STEP_BOUND] = { "The schedule did not end within the bound of steps.",
			       "If it only has that much to do, allow it more with --step-bound; "
			       "if its threads keep answering each other, that is the bug." },
	[CAUSE_NO_SCHEDULING_POINT] = { "A thread computed without reaching any call that jostle "
					"sees.",
					"If it waits for a variable in a loop, that is the bug or "
					"needs sched_yield(); if it only "
					"computes for long, see --hang-timeout." },
	[CAUSE_NOBODY_LEFT] = { "A thread looks at a variable in a loop, and nobody is left who "
				"could "
				"change it.",
				"Look who is to change it: has that one looked too early, ended, "
				"or "
				"does it wait?" },
	[CAUSE_NO_PROGRESS] = { "Threads run, but only repeat themselves; none gets on.", NULL },
	[CAUSE_LOCK_HELD] = { "A lock was still held when the program ended.", NULL },
	[CAUSE_THREAD_LEAKED] = { "A thread was neither joined nor detached.", NULL },
	[CAUSE_INVALID_ACCESS] = { "Memory was accessed that belongs to no object of the program.",
				   NULL },
	[CAUSE_UNINITIALISED_VALUE] = { "What the program does depends on memory that was never "
					"set.",
					NULL },
	[CAUSE_MISMATCHED_FREE] = { "Memory was freed by another family of functions than the one "
				    "that allocated it.",
				    NULL },
	[CAUSE_MEMORY_LOST] = { "Memory was never freed, and nothing points to it any more.",
				NULL },
	[CAUSE_FORBIDDEN] = { "An outcome was observed that must not be.", NULL },
};

static const struct words by_kind[FINDING_KIND_COUNT] = {
	[FINDING_RACE] = { "Two threads access the same memory, at least one writes, and nothing "
			   "orders the two.",
			   NULL },
	[FINDING_DEADLOCK] = { "No thread can go on.", NULL },
	[FINDING_LOCK_ORDER] = { "Locks are taken in orders that can deadlock; in this schedule "
				 "they did not.",
				 "Take these locks in the same order everywhere." },
	[FINDING_LIVELOCK] = { "Threads run, but none gets on.", NULL },
	[FINDING_STARVATION] = { "A thread never gets its turn.", NULL },
	[FINDING_HANG] = { "The program stopped making progress.", NULL },
	[FINDING_MISUSE] = { "A primitive was used in a way that is undefined.", NULL },
	[FINDING_LIFETIME] = { "Memory was used outside of its life.", NULL },
	[FINDING_LEAK] = { "Something was left behind.", NULL },
	[FINDING_ASSERT] = { "An assertion failed.", NULL },
	[FINDING_CRASH] = { "The program crashed.", NULL },
	[FINDING_EXIT] = { "The program ended with another exit status than expected.",
			   "If that status is meant, see --expect-exit." },
	[FINDING_INVARIANT] = { "An invariant does not hold.", NULL },
	[FINDING_OUTCOME] = { "An outcome was observed that must not be.", NULL },
	[FINDING_LINEARIZABILITY] = { "The operations' results fit no order of the operations.",
				      NULL },
};

static struct words words_for(unsigned kind, unsigned cause)
{
	if (kind == FINDING_LOCK_ORDER)
		return by_kind[kind];
	if (cause < CAUSE_COUNT && by_cause[cause].headline)
		return by_cause[cause];
	if (kind < FINDING_KIND_COUNT && by_kind[kind].headline)
		return by_kind[kind];
	return (struct words){ "Something was found that this version has no words for.", NULL };
}

/* Signals there were, and a thread that waits all the same. */
static const struct words heard = {
	"A thread waits on a condition that is not signalled any more.",
	"Look whether what it waits for was true and is false again when it looks, or whether the "
	"last change is not signalled.",
};

struct words words_of(const struct finding *finding)
{
	for (unsigned i = 0; finding->cause == CAUSE_NO_SIGNAL && i < finding->site_count; i++)
		if (finding->sites[i].role == SITE_SIGNALLED)
			return heard;
	return words_for(finding->kind, finding->cause);
}

const char *signal_name(struct pool *pool, int signal)
{
	const char *name = sigabbrev_np(signal);

	return name ? pool_format(pool, "SIG%s", name) : pool_format(pool, "signal %d", signal);
}
