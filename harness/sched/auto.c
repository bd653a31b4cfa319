/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default: a fixed portfolio. No strategy is best on all programs, and which is best shows only
 * after the fact, so each schedule number has its strategy, in a round of ROUND schedules. Nothing
 * is carried from one schedule to the next: a schedule is the same whichever worker runs it, after
 * whatever else.
 *
 * The weights: in small programs, most there are, the walks and pos find a bug within tens of
 * schedules, and pct takes several times as many; so they get most. In large ones, where
 * a walk stands no chance, pct is what remains: pct:3 for most bugs, pct:2 for those that need one
 * thread to stand still for long, pct:5 for deep ones. Two kinds of bugs none of these finds: those
 * behind a long loop, where rare switches, and those that need very many threads at the same place,
 * which delay brings there. The round is spread such that any few schedules in a row are made by
 * different ones.
 */
#include <stddef.h>

#include "base/insist.h"
#include "sched/strategies.h"

#define MEMBER_ALIGN 16

static const struct {
	const char *spec;
	const char *argument; /* the part of spec after the colon */
	const struct sched_strategy *strategy;
} members[] = {
	{ "sticky", NULL, &sched_sticky }, { "pct:3", "3", &sched_pct },
	{ "random", NULL, &sched_random }, { "pos", NULL, &sched_pos },
	{ "pct:2", "2", &sched_pct },      { "pct:5", "5", &sched_pct },
	{ "rare", NULL, &sched_rare },     { "delay:2", "2", &sched_delay },
};

enum { STICKY, PCT_3, RANDOM, POS, PCT_2, PCT_5, RARE, DELAY, MEMBER_COUNT };

_Static_assert(sizeof(members) / sizeof(members[0]) == MEMBER_COUNT, "one number per member");

static const unsigned char round_of[] = {
	RANDOM, STICKY, POS, PCT_3,  RANDOM, STICKY, RANDOM, POS,   PCT_2, STICKY,
	RANDOM, PCT_3,  POS, RANDOM, STICKY, PCT_5,  RARE,   DELAY, RARE,  DELAY,
};

#define ROUND (sizeof(round_of) / sizeof(round_of[0]))

/* Each member's state lies behind this, at offset[]. */
struct portfolio {
	uint32_t member;
	uint32_t offset[MEMBER_COUNT];
};

/* Generous: fits what is checked in configure. */
#define PORTFOLIO_SIZE (64 * 1024)

_Static_assert(PORTFOLIO_SIZE <= SCHED_STATE_MAX, "auto's members must fit the state");

static void *state_of(struct portfolio *portfolio, uint32_t member)
{
	return (char *)portfolio + portfolio->offset[member];
}

static bool auto_configure(void *state, const char *argument)
{
	struct portfolio *portfolio = (struct portfolio *)state;
	size_t end = sizeof(*portfolio);

	if (argument != NULL)
		return false;
	for (uint32_t i = 0; i < MEMBER_COUNT; i++) {
		end = (end + MEMBER_ALIGN - 1) & ~(size_t)(MEMBER_ALIGN - 1);
		portfolio->offset[i] = (uint32_t)end;
		end += members[i].strategy->state_size;
		insist(end <= PORTFOLIO_SIZE);
		if (members[i].strategy->configure)
			insist(members[i].strategy->configure(state_of(portfolio, i),
							      members[i].argument));
	}
	return true;
}

static void auto_begin(void *state, const struct sched_begin *begin)
{
	struct portfolio *portfolio = (struct portfolio *)state;

	portfolio->member = round_of[begin->schedule % ROUND];
	members[portfolio->member].strategy->begin(state_of(portfolio, portfolio->member), begin);
}

static const struct sched_strategy *auto_delegate(void *state, void **sub_state)
{
	struct portfolio *portfolio = (struct portfolio *)state;

	*sub_state = state_of(portfolio, portfolio->member);
	return members[portfolio->member].strategy;
}

static const char *auto_made_by(const void *state)
{
	return members[((const struct portfolio *)state)->member].spec;
}

static thread_id auto_choose(void *state, const struct sched_view *view)
{
	void *sub_state;
	const struct sched_strategy *strategy = auto_delegate(state, &sub_state);

	return strategy->choose(sub_state, view);
}

static uint32_t auto_choose_value(void *state, unsigned kind, uint32_t bound)
{
	void *sub_state;
	const struct sched_strategy *strategy = auto_delegate(state, &sub_state);

	return strategy->choose_value(sub_state, kind, bound);
}

const struct sched_strategy sched_auto = {
	.name = "auto",
	.summary = "a round of sticky, pct:2, pct:3, pct:5, pos, random, rare and delay:2, by "
		   "schedule number (default)",
	.reference = "a fixed portfolio; no member sees another's schedules",
	.state_size = PORTFOLIO_SIZE,
	.configure = auto_configure,
	.begin = auto_begin,
	.choose = auto_choose,
	.choose_value = auto_choose_value,
	.made_by = auto_made_by,
	.delegate = auto_delegate,
};
