/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The classes and their rules. A rule says of which detectors, which reports and which cases it
 * speaks; the first that fits gives the mark. What a detector misses has two reasons only: it does
 * not look for that kind, or no run took a schedule that shows it; the second is given only when
 * the exploration beside it found such a schedule.
 */
#include "test/disagree.h"

#include <stdio.h>
#include <string.h>

#include "event/finding.h"
#include "test/judge.h"

#define BIT(tool) (1U << TOOL_##tool)
#define VALGRIND  (BIT(HELGRIND) | BIT(DRD))
#define DETECTORS (VALGRIND | BIT(TSAN))

const struct disagreement disagreements[] = {
	{ 'k', "another kind of bug",
	  "The detector does not look for this kind. Helgrind, DRD and TSan look for races and "
	  "for misuse of primitives, all but DRD also for lock orders, TSan also for the use of "
	  "what was freed; none looks for nothing. Of misuse each has a list of its own, in which "
	  "this one is not. What remains is what the program itself shows: a wrong outcome, a "
	  "crash, a deadlock in which it stands still." },
	{ 's', "a schedule that did not happen",
	  "The detector judges the schedules that ran. In all of its runs, perturbed as they were, "
	  "the accesses or the steps came in an order that hides the bug: a lock between them "
	  "ordered them, or one came long before the other. jostle found it in a schedule of its "
	  "own choice." },
	{ 'r', "the same bug by another name",
	  "What is used after its end, memory or a descriptor, and many a misuse, are also two "
	  "accesses that nothing "
	  "orders, and a detector of races tells that. Locking twice, never unlocking, and a "
	  "signal "
	  "that is sent without the lock are told as misuse where a thread then waits for ever." },
	{ 'a', "C11 atomics",
	  "Helgrind and DRD see instructions. An atomic load or store is for them a plain access, "
	  "and what its memory order promises is not known: atomics race, and so does what they "
	  "guard." },
	{ 'f', "fences",
	  "TSan ignores atomic_thread_fence(): what a fence orders beside relaxed accesses is a "
	  "race for it." },
	{ 'm', "messages through the kernel",
	  "Helgrind and DRD do not know that what is written into a pipe, a socket or an eventfd "
	  "comes before what is read from it. TSan knows the message, and not the end of a pipe. "
	  "None knows that a signal is sent before a signalfd takes it, and that a timer is set "
	  "before it expires." },
	{ 'c', "calls that the detector does not know",
	  "The threads and call_once() of C11 crash DRD and TSan, and make TSan see races; a main "
	  "thread that leaves by pthread_exit() lets TSan's program never end. For Helgrind and "
	  "DRD it is also pthread_once(), joins and waits that are tried or have a time limit, and "
	  "what a cancelled wait leaves behind. What such a call orders is then a race, and what "
	  "it "
	  "ended still goes on." },
	{ 't', "stacks and thread-local storage used again",
	  "The stack and the thread-local storage of an ended thread serve the next one. Helgrind "
	  "and DRD take the accesses of the two for a race." },
	{ 'l', "lock orders that cannot meet",
	  "The two orders of a report are kept apart by a join, by a third lock that both sides "
	  "hold, or the second lock is only tried. Helgrind and TSan report them all the same." },
	{ 'o', "owners that die",
	  "A thread may end with a robust mutex: the next one gets it with EOWNERDEAD. Helgrind "
	  "and DRD call that an error, and none of the three sees that the mutex was taken." },
	{ 'p', "two processes",
	  "Each process has a detector of its own, which knows nothing of what the other one does "
	  "to shared memory: a semaphore or condition that only the other initialised, posted or "
	  "signalled is used wrongly, and no access of the other's is one side of a race." },
	{ 'd', "dubious, and allowed",
	  "Helgrind and DRD call it dubious to signal a condition whose mutex nobody holds; POSIX "
	  "allows it, and the waiter tests its predicate with the lock held. Helgrind also "
	  "warns of a semaphore that begins with more than it counts." },
	{ .mark = '\0' },
};

struct rule {
	char mark;
	unsigned tools;
	const char *kind;   /* of the report */
	const char *tag;    /* of the case; NULL: any */
	const char *expect; /* what it declares; NULL: anything */
	const char *cause;  /* and why; NULL: any */
};

static const struct rule rules[] = {
	{ 'p', VALGRIND, "misuse", "process", NULL, NULL },
	{ 'p', VALGRIND, "misuse", "ipc", NULL, NULL },
	{ 'r', DETECTORS, "misuse", NULL, "deadlock", "self" },
	{ 'r', DETECTORS, "misuse", NULL, "deadlock", "lost-wakeup" },
	{ 'r', DETECTORS, "misuse", NULL, "deadlock", "forgotten-unlock" },
	{ 'r', DETECTORS, "misuse", NULL, "deadlock", "owner-exited" },
	{ 'r', DETECTORS, "race", NULL, "lifetime", NULL },
	{ 'r', DETECTORS, "race", NULL, "misuse", NULL },
	{ 'f', BIT(TSAN), "race", "fence", NULL, NULL },
	{ 'a', VALGRIND, "race", "atomic", NULL, NULL },
	{ 'm', VALGRIND, "race", "pipe", NULL, NULL },
	{ 'm', VALGRIND, "race", "socket", NULL, NULL },
	{ 'm', VALGRIND, "race", "eventfd", NULL, NULL },
	/* A descriptor is something that is used after its end, too. */
	{ 'r', BIT(TSAN), "race", "descriptor", "outcome", NULL },
	{ 'm', BIT(TSAN), "race", "pipe", NULL, NULL },
	{ 'm', VALGRIND | BIT(TSAN), "race", "signalfd", NULL, NULL },
	{ 'm', VALGRIND | BIT(TSAN), "race", "timerfd", NULL, NULL },
	{ 'c', DETECTORS, "race", "c11", NULL, NULL },
	{ 'c', BIT(DRD) | BIT(TSAN), "crash", "c11", NULL, NULL },
	{ 'c', VALGRIND, "misuse", "cancel", NULL, NULL },
	{ 'o', VALGRIND, "misuse", "robust", NULL, NULL },
	{ 'o', DETECTORS, "race", "robust", NULL, NULL },
	{ 'd', VALGRIND, "misuse", "condition", NULL, NULL },
	{ 'd', BIT(HELGRIND), "misuse", "semaphore", NULL, NULL },
	{ 'c', BIT(TSAN), "hang", "pthread-exit", NULL, NULL },
	{ 'c', VALGRIND, "race", "once", NULL, NULL },
	{ 'c', VALGRIND, "race", "time", NULL, NULL },
	{ 'c', VALGRIND, "race", "timeout", NULL, NULL },
	{ 'c', VALGRIND, "race", "try", NULL, NULL },
	{ 'c', VALGRIND, "race", "cancel", NULL, NULL },
	{ 't', VALGRIND, "race", "thread-local", NULL, NULL },
	{ 'l', BIT(HELGRIND) | BIT(TSAN), "lock-order", "lock-order", NULL, NULL },
	{ 'l', BIT(HELGRIND) | BIT(TSAN), "lock-order", "gate", NULL, NULL },
	{ 'l', BIT(HELGRIND), "lock-order", "trylock", NULL, NULL },
};

/* What each detector looks for, beside what the program itself shows (kind_shows_on_threads()); of
 * misuse what the manuals of Helgrind and DRD and TSan's list of reports name. */
static const struct {
	unsigned tools;
	const char *kind, *cause; /* NULL: any */
} looks_for[] = {
	{ DETECTORS, "race", NULL },
	{ BIT(HELGRIND) | BIT(TSAN), "lock-order", NULL },
	{ DETECTORS, "misuse", "destroy-held" },
	{ DETECTORS, "misuse", "unlock-not-owner" },
	{ DETECTORS, "misuse", "unlock-unlocked" },
	{ VALGRIND, "misuse", "destroy-waited" },
	{ VALGRIND, "misuse", "two-mutexes" },
	{ VALGRIND, "misuse", "wait-mutex-not-held" },
	{ BIT(HELGRIND), "misuse", "join-detached" },
	{ BIT(HELGRIND), "misuse", "join-twice" },
	{ BIT(HELGRIND), "misuse", "semaphore-overflow" },
	{ BIT(HELGRIND), "misuse", "uninitialised" },
	{ BIT(TSAN), "lifetime", NULL },
};

const char *test_tool_name(enum test_tool tool)
{
	static const char *const names[TOOL_COUNT] = { "none", "helgrind", "drd", "tsan" };

	return names[tool];
}

static bool looks_for_it(enum test_tool tool, const struct case_entry *entry)
{
	for (size_t i = 0; i < sizeof(looks_for) / sizeof(looks_for[0]); i++)
		if ((looks_for[i].tools & 1U << tool) &&
		    strcmp(looks_for[i].kind, entry->expect) == 0 &&
		    (!looks_for[i].cause ||
		     (entry->cause && strcmp(looks_for[i].cause, entry->cause) == 0)))
			return true;
	return false;
}

/* A lock order is how a detector that watches one run tells a deadlock by locks. */
static bool warns_of(const struct case_entry *entry, const struct story *story)
{
	return strcmp(story->kind, "lock-order") == 0 && entry->cause &&
	       strcmp(entry->expect, "deadlock") == 0 && strcmp(entry->cause, "lock-cycle") == 0;
}

static char class_of(const struct case_entry *entry, enum test_tool tool, const char *kind)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if ((rules[i].tools & 1U << tool) && strcmp(rules[i].kind, kind) == 0 &&
		    (!rules[i].tag || case_has_word(entry->tags, rules[i].tag)) &&
		    (!rules[i].expect || strcmp(rules[i].expect, entry->expect) == 0) &&
		    (!rules[i].cause ||
		     (entry->cause && strcmp(rules[i].cause, entry->cause) == 0)))
			return rules[i].mark;
	return DISAGREE_UNKNOWN;
}

static char class_of_miss(const struct case_entry *entry, enum test_tool tool, bool jostle_found)
{
	/* No schedule shows it: one of the two accesses is the other process's. */
	if (strcmp(entry->expect, "race") == 0 && looks_for_it(tool, entry) &&
	    case_has_word(entry->tags, "process"))
		return 'p';
	if (!looks_for_it(tool, entry) && !kind_shows_on_threads(entry->expect))
		return 'k';
	return jostle_found ? 's' : DISAGREE_UNKNOWN;
}

static void add_mark(struct tool_verdict *verdict, char mark)
{
	const size_t length = strlen(verdict->marks);

	if (!strchr(verdict->marks, mark) && length < DISAGREE_MARKS_MAX)
		verdict->marks[length] = mark;
}

static void show(struct tool_verdict *verdict, const struct story *story)
{
	snprintf(verdict->kind, sizeof(verdict->kind), "%s", story->kind);
	snprintf(verdict->title, sizeof(verdict->title), "%s", story->title);
	verdict->shown = story->count;
}

static void unexplained(struct tool_verdict *verdict, const char *text)
{
	/* Before all others: it must not be lost among them. */
	memmove(verdict->marks + 1, verdict->marks, DISAGREE_MARKS_MAX - 1);
	verdict->marks[0] = DISAGREE_UNKNOWN;
	if (!verdict->why[0])
		snprintf(verdict->why, sizeof(verdict->why), "%.200s: unexplained", text);
}

static void judge_other(const struct case_entry *entry, enum test_tool tool,
			const struct story *story, struct tool_verdict *verdict)
{
	const char mark = class_of(entry, tool, story->kind);

	if (!verdict->other)
		show(verdict, story);
	verdict->other = true;
	if (mark != DISAGREE_UNKNOWN)
		add_mark(verdict, mark);
	else if (!strchr(verdict->marks, mark))
		unexplained(verdict, story->title);
}

void disagree_judge(const struct case_entry *entry, enum test_tool tool,
		    struct story *const *stories, size_t count, bool jostle_found,
		    struct tool_verdict *verdict)
{
	const bool broken = strcmp(entry->expect, "pass") != 0;
	char mark;

	for (size_t i = 0; i < count; i++) {
		if (stories[i]->severity_level < SEVERITY_WARNING)
			continue;
		if (broken && (judge_is_bug(entry, stories[i]) || warns_of(entry, stories[i]))) {
			if (!verdict->found && !verdict->other)
				show(verdict, stories[i]);
			verdict->found = true;
		} else {
			judge_other(entry, tool, stories[i], verdict);
		}
	}
	/* What was told by another name was not missed. */
	if (!broken || verdict->found || strchr(verdict->marks, 'r'))
		return;
	mark = class_of_miss(entry, tool, jostle_found);
	if (mark == DISAGREE_UNKNOWN)
		unexplained(verdict, "nothing was told, and jostle found nothing either");
	else
		add_mark(verdict, mark);
}

bool disagree_is_unexplained(const struct tool_verdict *verdict)
{
	return verdict->ran && strchr(verdict->marks, DISAGREE_UNKNOWN);
}
