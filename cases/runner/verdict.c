/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine knows functions of a void pointer; a case declares functions of its state. Between
 * them stand two adapters, which also say "holds" once the run was judged: the engine keeps
 * asking while teardown() takes the state apart.
 */
#include "verdict.h"

#include <string.h>

static struct {
	const struct entry *entry;
	struct jostle_state *state;
	const struct jostle_hooks *hooks;
	int over;
} run;

static int invariant_holds(void *arg)
{
	return run.over || run.entry->declared->invariant(arg);
}

static int always_holds(void *arg)
{
	return run.over || run.entry->declared->always(arg);
}

void verdict_begin(const struct entry *entry, struct jostle_state *state,
		   const struct jostle_hooks *hooks)
{
	const struct jostle_case *c = entry->declared;

	run.entry = entry;
	run.state = state;
	run.hooks = hooks;
	run.over = 0;
	if (hooks && c->invariant)
		hooks->invariant(entry->id, invariant_holds, state,
				 c->guarded_by ? c->guarded_by(state) : NULL);
	if (hooks && c->always)
		hooks->always(entry->id, always_holds, state);
}

static int fail(enum jostle_kind kind, const char *message)
{
	const struct entry *entry = run.entry;

	if (run.hooks)
		run.hooks->fail(kind, message, entry->path, entry->registration->line);
	else
		printf("%s: %s: %s\n", entry->id, kind_name(kind), message);
	return 0;
}

static const struct jostle_graded *grade(const char *text)
{
	static const struct jostle_graded undeclared = { "", JOSTLE_FORBIDDEN,
							 "the case declares no such outcome" };
	const struct jostle_graded *outcomes = run.entry->declared->outcomes;

	for (int i = 0; i < JOSTLE_OUTCOMES_MAX && outcomes[i].text; i++)
		if (strcmp(outcomes[i].text, text) == 0)
			return &outcomes[i];
	return &undeclared;
}

static int judge_outcome(void)
{
	static char text[128];
	const struct jostle_graded *graded;

	text[0] = '\0';
	run.entry->declared->observe(run.state, text, sizeof(text));
	graded = grade(text);
	if (run.hooks)
		run.hooks->outcome(text, graded->grade, graded->why);
	else if (graded->grade != JOSTLE_ALLOWED)
		printf("%s: %s outcome %s: %s\n", run.entry->id,
		       graded->grade == JOSTLE_FORBIDDEN ? "forbidden" : "interesting", text,
		       graded->why);
	return graded->grade != JOSTLE_FORBIDDEN;
}

int verdict_end(void)
{
	const struct jostle_case *c = run.entry->declared;
	int good = 1;

	if (c->invariant && !c->invariant(run.state))
		good = fail(JOSTLE_INVARIANT, "the invariant does not hold at the end");
	if (c->always && !c->always(run.state))
		good = fail(JOSTLE_INVARIANT, "what must always hold does not hold at the end");
	run.over = 1;
	if (c->observe)
		good &= judge_outcome();
	return good;
}
