/* SPDX-License-Identifier: Apache-2.0 */
/* Also the public hooks, under the name that jostle.h looks for. */
#include "threads/checks.h"

#include <stdlib.h>

#include "base/fmt.h"
#include "base/str.h"
#include "jostle.h"
#include "threads/held.h"
#include "threads/self.h"

#define CHECKS_MAX 32

struct check {
	uint32_t ready;
	uint32_t failed; /* reported: once is enough */
	bool always;
	const volatile void *guard;
	int (*holds)(void *);
	void *argument;
	char name[120];
};

static struct check checks[CHECKS_MAX];
static uint32_t check_count;
static bool any_unguarded, any_always;

void checks_report(unsigned kind, unsigned cause, const char *text, const void *pc)
{
	const uint32_t index =
		__atomic_fetch_add(&perturb_board->finding_count, 1, __ATOMIC_RELAXED);
	struct perturb_finding *to = &perturb_board->findings[index % PERTURB_FINDINGS_MAX];

	if (index >= PERTURB_FINDINGS_MAX)
		return; /* the count says that they were lost */
	to->entry = self.entry ? self.index : PERTURB_NO_ENTRY;
	to->finding.kind = (uint8_t)kind;
	to->finding.cause = (uint8_t)cause;
	to->finding.severity = SEVERITY_ERROR;
	to->finding.sites[0].pc = (uint64_t)(uintptr_t)pc;
	to->finding.site_count = pc != NULL;
	str_copy(to->finding.text, sizeof(to->finding.text), text);
	__atomic_store_n(&to->ready, 1, __ATOMIC_RELEASE);
}

static void ask(struct check *check, const void *site)
{
	if (__atomic_load_n(&check->failed, __ATOMIC_RELAXED))
		return;
	self.aside = true;
	if (!check->holds(check->argument) &&
	    !__atomic_exchange_n(&check->failed, 1, __ATOMIC_RELAXED))
		checks_report(FINDING_INVARIANT, CAUSE_NONE, check->name, site);
	self.aside = false;
}

static bool is_ready(const struct check *check)
{
	return __atomic_load_n(&check->ready, __ATOMIC_ACQUIRE) != 0;
}

static uint32_t registered(void)
{
	const uint32_t count = __atomic_load_n(&check_count, __ATOMIC_RELAXED);

	return count < CHECKS_MAX ? count : CHECKS_MAX;
}

void checks_guarded(const volatile void *guard, const void *site)
{
	for (uint32_t i = 0; i < registered(); i++)
		if (is_ready(&checks[i]) && !checks[i].always && checks[i].guard == guard)
			ask(&checks[i], site);
}

void checks_unguarded(const void *site)
{
	if (!__atomic_load_n(&any_unguarded, __ATOMIC_RELAXED) || !held_close(1))
		return;
	for (uint32_t i = 0; i < registered(); i++)
		if (is_ready(&checks[i]) && !checks[i].always && !checks[i].guard)
			ask(&checks[i], site);
	held_open(1);
}

void checks_always(const void *site)
{
	if (!__atomic_load_n(&any_always, __ATOMIC_RELAXED))
		return;
	for (uint32_t i = 0; i < registered(); i++)
		if (is_ready(&checks[i]) && checks[i].always)
			ask(&checks[i], site);
}

/* Other threads may still be running when main returns: then nothing is known. */
static bool is_alone(void)
{
	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++) {
		const struct perturb_thread *entry = &perturb_board->threads[i];
		const uint32_t state = __atomic_load_n(&entry->state, __ATOMIC_ACQUIRE);

		if (state != PERTURB_UNUSED && state != PERTURB_ENDED && entry != self.entry)
			return false;
	}
	return true;
}

static void at_end(void)
{
	if (!perturb_board || !is_alone())
		return;
	for (uint32_t i = 0; i < registered(); i++)
		if (is_ready(&checks[i]))
			ask(&checks[i], NULL);
}

static void add(const char *name, int (*holds)(void *), void *argument, void *guard, bool always)
{
	const uint32_t index = __atomic_fetch_add(&check_count, 1, __ATOMIC_RELAXED);
	struct check *check = &checks[index % CHECKS_MAX];

	if (index >= CHECKS_MAX) {
		perturb_board->checks_skipped = 1;
		return;
	}
	if (index == 0)
		atexit(at_end);
	str_copy(check->name, sizeof(check->name), name);
	check->holds = holds;
	check->argument = argument;
	check->guard = guard;
	check->always = always;
	__atomic_store_n(&check->ready, 1, __ATOMIC_RELEASE);
	if (guard)
		return;
	if (perturb_board->below_detector)
		perturb_board->checks_skipped = 1;
	else
		__atomic_store_n(always ? &any_always : &any_unguarded, true, __ATOMIC_RELAXED);
}

static void hook_invariant(const char *name, int (*holds)(void *), void *argument, void *guard)
{
	add(name, holds, argument, guard, false);
}

static void hook_always(const char *name, int (*holds)(void *), void *argument)
{
	add(name, holds, argument, NULL, true);
}

static void hook_outcome(const char *text, int grade, const char *why)
{
	const uint32_t index =
		__atomic_fetch_add(&perturb_board->outcome_count, 1, __ATOMIC_RELAXED);
	char told[FINDING_TEXT_MAX];

	if (index < PERTURB_OUTCOMES_MAX) {
		struct perturb_outcome *outcome = &perturb_board->outcomes[index];

		str_copy(outcome->text, sizeof(outcome->text), text);
		__atomic_store_n(&outcome->ready, 1, __ATOMIC_RELEASE);
	}
	if (grade != JOSTLE_FORBIDDEN)
		return;
	if (why && *why)
		fmt(told, sizeof(told), "%s (%s)", text, why);
	else
		fmt(told, sizeof(told), "%s", text);
	checks_report(FINDING_OUTCOME, CAUSE_FORBIDDEN, told, NULL);
}

static void hook_fail(int kind, const char *message, const char *file, int line)
{
	char told[FINDING_TEXT_MAX];

	if (kind <= FINDING_NONE || kind >= FINDING_KIND_COUNT)
		kind = FINDING_ASSERT;
	fmt(told, sizeof(told), "%s:%d: %s", file ? file : "?", line, message ? message : "");
	checks_report((unsigned)kind, CAUSE_NONE, told, NULL);
}

static const struct jostle_hooks hooks = {
	.version = 1,
	.level = JOSTLE_LEVEL_PERTURBED,
	.outcome = hook_outcome,
	.invariant = hook_invariant,
	.always = hook_always,
	.fail = hook_fail,
};

EXPORT const struct jostle_hooks *jostle_hooks_v1(void);

EXPORT const struct jostle_hooks *jostle_hooks_v1(void)
{
	return perturb_board ? &hooks : NULL;
}
