/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategies. PERTURB_PCT follows Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized
 * Scheduler with Probabilistic Guarantees of Finding Bugs" (ASPLOS 2010), as far as that goes from
 * within: a thread of low priority is not stopped, which could stop the program, but sleeps at each
 * point; the guarantee of the paper is lost, the idea that few ordered pairs matter is kept.
 * PERTURB_POINT is its shortest form: a thread runs freely and stands still once.
 */
#include "threads/choice.h"

#include "base/hash.h"
#include "event/op.h"

#define PRIORITIES 4
#define POINTS_UNKNOWN                                                             \
	64 /* how far changes are spread as long as no run told how many there are \
	    */
#define PLACES_PRESSED     4 /* one place in so many */
#define ODDS_DOUBLINGS_MAX 6
#define SLEEPS_MEAN_NS     100000ULL

uint64_t choice_child(uint64_t lineage, uint32_t nth)
{
	const uint64_t child = hash_fold(lineage, nth + 1ULL);

	return child ? child : 1;
}

bool choice_is_idle(const struct perturb_config *config, uint64_t lineage)
{
	return config->strategy == PERTURB_CORE && hash_fold(config->seed, lineage) % 3 == 0;
}

/* At which of its points the thread changes: never, or one to three times. */
static void draw_changes(struct choice *choice)
{
	const uint32_t points = choice->config->points ? choice->config->points : POINTS_UNKNOWN;
	const uint32_t count = rng_below(&choice->rng, CHOICE_CHANGES_MAX + 1);

	for (uint32_t i = 0; i < CHOICE_CHANGES_MAX; i++)
		choice->changes[i] = i < count ? rng_below(&choice->rng, points + 1) : UINT32_MAX;
}

/* From every point to one of the run. */
static uint32_t draw_odds(struct choice *choice)
{
	const uint32_t points = choice->config->points ? choice->config->points : POINTS_UNKNOWN;
	uint32_t doublings = 1;

	while (doublings < ODDS_DOUBLINGS_MAX && 2U << doublings <= points)
		doublings++;
	return 1U << rng_below(&choice->rng, doublings + 1);
}

void choice_init(struct choice *choice, const struct perturb_config *config, uint64_t lineage)
{
	*choice = (struct choice){ .config = config };
	/* The odds are the run's, all else the thread's own. */
	rng_seed(&choice->rng, config->seed);
	choice->odds = draw_odds(choice);
	rng_seed(&choice->rng, hash_fold(config->seed, lineage));
	choice->priority = rng_below(&choice->rng, PRIORITIES);
	draw_changes(choice);
}

static bool changes_here(const struct choice *choice)
{
	for (uint32_t i = 0; i < CHOICE_CHANGES_MAX; i++)
		if (choice->changes[i] == choice->passed)
			return true;
	return false;
}

/* Short delays as likely as long ones. */
static uint64_t some_of(struct choice *choice, uint64_t most_ns)
{
	return (most_ns >> rng_below(&choice->rng, 4)) + 1;
}

static struct choice_answer sleep_for(uint64_t delay_ns)
{
	return (struct choice_answer){ CHOICE_SLEEP, delay_ns };
}

static struct choice_answer at_random(struct choice *choice)
{
	const uint32_t drawn = rng_below(&choice->rng, choice->odds);

	if (drawn == 0)
		return sleep_for(some_of(choice, choice->config->delay_ns));
	return (struct choice_answer){ drawn == 1 ? CHOICE_YIELD : CHOICE_GO_ON, 0 };
}

static struct choice_answer by_priority(struct choice *choice)
{
	if (changes_here(choice)) {
		choice->priority = choice->priority ? 0 : PRIORITIES;
		return sleep_for(choice->config->delay_ns);
	}
	if (choice->priority == 0)
		return (struct choice_answer){ CHOICE_GO_ON, 0 };
	return sleep_for(choice->config->delay_ns * choice->priority / (4 * PRIORITIES));
}

static struct choice_answer by_place(struct choice *choice, const struct choice_point *point)
{
	const uint64_t place = hash_fold(point->place, point->kind * 2U + point->after);

	if (hash_fold(choice->config->seed, place) % PLACES_PRESSED != 0)
		return (struct choice_answer){ CHOICE_GO_ON, 0 };
	return sleep_for(some_of(choice, choice->config->delay_ns));
}

static struct choice_answer at_start(struct choice *choice, const struct choice_point *point)
{
	const bool starts = point->kind == OP_THREAD_START,
		   creates = point->kind == OP_THREAD_CREATE && point->after;

	if ((!starts && !creates) || rng_below(&choice->rng, 2))
		return at_random(choice);
	return sleep_for(choice->config->delay_ns >> rng_below(&choice->rng, 3));
}

static struct choice_answer on_one_core(struct choice *choice)
{
	switch (rng_below(&choice->rng, 8)) {
	case 0:
		return sleep_for(some_of(choice, choice->config->delay_ns));
	case 1:
	case 2:
		return (struct choice_answer){ CHOICE_YIELD, 0 };
	default:
		return (struct choice_answer){ CHOICE_GO_ON, 0 };
	}
}

static struct choice_answer ask(struct choice *choice, const struct choice_point *point)
{
	switch (choice->config->strategy) {
	case PERTURB_RANDOM:
		return at_random(choice);
	case PERTURB_POINT:
		if (changes_here(choice))
			return sleep_for(choice->config->delay_ns);
		break;
	case PERTURB_PCT:
		return by_priority(choice);
	case PERTURB_PLACE:
		return by_place(choice, point);
	case PERTURB_START:
		return at_start(choice, point);
	case PERTURB_CORE:
		return on_one_core(choice);
	case PERTURB_SLEEPS:
		return sleep_for(rng_next(&choice->rng) % (2 * SLEEPS_MEAN_NS));
	default:
		break;
	}
	return (struct choice_answer){ CHOICE_GO_ON, 0 };
}

struct choice_answer choice_at(struct choice *choice, const struct choice_point *point)
{
	struct choice_answer answer = ask(choice, point);

	choice->passed++;
	if (answer.act != CHOICE_SLEEP || choice->config->strategy == PERTURB_SLEEPS)
		return answer;
	/* What the run may cost is spent: from now on it goes at its own pace. */
	if (choice->spent_ns + answer.delay_ns > choice->config->budget_ns)
		return (struct choice_answer){ CHOICE_GO_ON, 0 };
	choice->spent_ns += answer.delay_ns;
	return answer;
}
