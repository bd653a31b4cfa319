/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invariants and outcomes that the program told us about (jostle.h).
 *
 * A check is a function of the program. It runs here, on a stack of its own while every thread
 * stands still, with the library aside: whatever it calls acts at once. `always` runs after each
 * step; an invariant whenever its guard is free, or, without a guard, when no thread holds any
 * lock; both once more at the end.
 *
 * The registrations live in the engine, so they are dropped at the begin of each schedule; the
 * program makes them anew.
 */
#include <pthread.h>
#include <string.h>

#include "base/fmt.h"
#include "engine/access/access.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "include/jostle.h"

#define CHECKS_MAX 32

struct check {
	char name[96];
	int (*holds)(void *);
	void *argument;
	void *guard;
	bool always;
};

static struct check checks[CHECKS_MAX];
static uint32_t check_count;

void checks_reset(void)
{
	check_count = 0;
	engine.checks = false;
}

static bool lock_held(const void *guard)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		struct thread *t = engine_world.threads[i];

		if (t->hold_count == 0 || t->status == THREAD_FINISHED)
			continue;
		if (!guard || hold_find(t, guard))
			return true;
	}
	return false;
}

static void report(const struct check *check, const struct thread *t)
{
	struct finding f = { .kind = FINDING_INVARIANT, .severity = SEVERITY_ERROR };

	f.step = engine_world.step;
	f.thread = t ? t->id : THREAD_NONE;
	fmt(f.text, sizeof(f.text), "%s", check->name);
	if (t) {
		f.sites[0] = report_site(t, SITE_AT);
		f.site_count = 1;
	}
	report_add(&f);
}

static bool holds(const struct check *check)
{
	const struct op op = engine_current->op;
	const long performed = engine_current->result;
	const uint8_t watched = access_state.on;
	bool result;

	engine_is_aside = true;
	access_state.on = 0;
	result = check->holds(check->argument) != 0;
	engine_is_aside = false;
	access_state.on = watched;
	engine_current->op = op;
	engine_current->result = performed;
	return result;
}

bool checks_run(struct thread *t, bool at_end)
{
	for (uint32_t i = 0; i < check_count; i++) {
		if (!at_end && !checks[i].always && lock_held(checks[i].guard))
			continue;
		if (!holds(&checks[i])) {
			report(&checks[i], t);
			return false;
		}
	}
	return true;
}

static void add(const char *name, int (*holds_fn)(void *), void *argument, void *guard, bool always)
{
	struct check *check;

	if (engine.phase != PHASE_SCHEDULE || check_count == CHECKS_MAX) {
		engine_note("more than 32 invariants were registered; the others are not checked");
		return;
	}
	check = &checks[check_count++];
	fmt(check->name, sizeof(check->name), "%s", name);
	check->holds = holds_fn;
	check->argument = argument;
	check->guard = guard;
	check->always = always;
	engine.checks = true;
	step_watch_next();
}

static void hook_invariant(const char *name, int (*holds_fn)(void *), void *argument, void *guard)
{
	add(name, holds_fn, argument, guard, false);
}

static void hook_always(const char *name, int (*holds_fn)(void *), void *argument)
{
	add(name, holds_fn, argument, NULL, true);
}

void engine_outcome(const char *text)
{
	fmt(engine.result->outcome, sizeof(engine.result->outcome), "%s", text);
}

static __attribute__((noinline)) void report_outcome(const char *text, const char *why)
{
	struct finding f = { .kind = FINDING_OUTCOME,
			     .cause = CAUSE_FORBIDDEN,
			     .severity = SEVERITY_ERROR };

	f.thread = engine_current->id;
	f.step = engine_world.step;
	if (why && *why)
		fmt(f.text, sizeof(f.text), "%s (%s)", text, why);
	else
		fmt(f.text, sizeof(f.text), "%s", text);
	report_add(&f);
}

static void hook_outcome(const char *text, int grade, const char *why)
{
	engine_outcome(text);
	if (grade == JOSTLE_FORBIDDEN)
		report_outcome(text, why);
}

static void hook_fail(int kind, const char *message, const char *file, int line)
{
	struct finding f = { .kind = FINDING_ASSERT, .severity = SEVERITY_ERROR };

	if (kind > FINDING_NONE && kind < FINDING_KIND_COUNT)
		f.kind = (uint8_t)kind;
	f.thread = engine_current->id;
	f.step = engine_world.step;
	fmt(f.text, sizeof(f.text), "%s:%d: %s", file ? file : "?", line, message ? message : "");
	report_add(&f);
}

static const struct jostle_hooks hooks = {
	.version = 1,
	.level = JOSTLE_LEVEL_CONTROLLED,
	.outcome = hook_outcome,
	.invariant = hook_invariant,
	.always = hook_always,
	.fail = hook_fail,
};

INTERPOSE const struct jostle_hooks *jostle_hooks_v1(void);

const struct jostle_hooks *jostle_hooks_v1(void)
{
	return engine.phase == PHASE_SCHEDULE ? &hooks : NULL;
}
