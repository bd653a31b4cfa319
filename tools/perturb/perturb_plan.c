/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which strategy a run gets, and how strongly. No strategy finds everything: a wake-up that comes
 * too early wants one long delay at the right point, a lock cycle many short ones, a missing join a
 * slow child. So the portfolio is dealt out by the number of the run, and within a strategy the
 * length of the delays is drawn anew for each run, uniformly in its logarithm: how wide the window
 * is that a bug needs is not known.
 *
 * What a delay may cost is measured in what the program costs without: longer than the whole run,
 * its start included, it need not be, since by then every other thread came as far as it could.
 */
#include <string.h>

#include "base/rng.h"
#include "perturb/perturb.h"

#define MICROSECOND    1000ULL
#define MILLISECOND    1000000ULL
#define DELAY_LEAST_NS (10 * MICROSECOND)
#define START_NS       (500 * MICROSECOND) /* what it costs to start any program at all */
#define DELAY_MOST_NS  (200 * MILLISECOND)
#define BUDGET_MOST_NS (2000 * MILLISECOND)
#define NATIVE_UNKNOWN (2 * MILLISECOND)
#define HALVINGS_MAX   8
#define STREAM         0x7065727475726221ULL /* apart from the streams of schedules */

static const uint32_t portfolio[] = {
	PERTURB_POINT, PERTURB_RANDOM, PERTURB_PCT, PERTURB_START,  PERTURB_CORE,
	PERTURB_PLACE, PERTURB_RANDOM, PERTURB_PCT, PERTURB_RANDOM, PERTURB_CORE,
};

static uint64_t within(uint64_t value, uint64_t least, uint64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* Between least and most, each power of two as likely as another. */
static uint64_t log_uniform(struct rng *rng, uint64_t least, uint64_t most)
{
	unsigned doublings = 0;
	uint64_t low;

	while (doublings < 40 && least << (doublings + 1) <= most)
		doublings++;
	low = least << rng_below(rng, doublings + 1);
	return within(low + rng_next(rng) % low, least, most);
}

struct perturb_config perturb_plan_with(uint64_t seed, uint64_t run,
					const struct perturb_learned *learned, uint32_t strategy)
{
	const uint64_t own = rng_derive(seed ^ STREAM, run);
	const uint64_t native = learned->native_ns ? learned->native_ns : NATIVE_UNKNOWN;
	struct perturb_config config = { .seed = own,
					 .strategy = strategy,
					 .points = learned->points };
	struct rng rng;
	uint64_t most;

	rng_seed(&rng, own);
	most = within(native, START_NS, DELAY_MOST_NS) >> learned->halvings;
	most = within(most, DELAY_LEAST_NS, most);
	config.delay_ns = log_uniform(&rng, within(most / 16, DELAY_LEAST_NS, most), most);
	config.budget_ns = within(4 * native, 4 * MILLISECOND, BUDGET_MOST_NS) >> learned->halvings;
	/* Few delays may be long ones. */
	if (strategy == PERTURB_POINT || strategy == PERTURB_START)
		config.delay_ns = within(4 * config.delay_ns, 0, config.budget_ns);
	if (strategy == PERTURB_NATIVE)
		config.delay_ns = config.budget_ns = 0;
	return config;
}

struct perturb_config perturb_plan(uint64_t seed, uint64_t run,
				   const struct perturb_learned *learned)
{
	const size_t count = sizeof(portfolio) / sizeof(portfolio[0]);

	return perturb_plan_with(seed, run, learned,
				 run == 0 ? PERTURB_NATIVE : portfolio[(run - 1) % count]);
}

static uint32_t busiest(const struct perturb_board *board)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++)
		if (board->threads[i].points > most)
			most = board->threads[i].points;
	return most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
}

/* Loading takes a millisecond natively and a quarter of a second below Valgrind: no window of a bug
 * is as long for that. */
static uint64_t without_loading(const struct perturb *perturb, uint64_t elapsed_ns)
{
	const uint64_t started_ns = perturb->board->started_ns;
	const uint64_t loading_ns =
		started_ns > perturb->configured_ns ? started_ns - perturb->configured_ns : 0;

	return elapsed_ns > loading_ns ? elapsed_ns - loading_ns : 1;
}

void perturb_learn(struct perturb_learned *learned, const struct perturb *perturb,
		   uint64_t elapsed_ns)
{
	const uint32_t points = busiest(perturb->board);
	uint64_t *mean = &learned->perturbed_ns;

	elapsed_ns = without_loading(perturb, elapsed_ns);
	if (points > learned->points)
		learned->points = points;
	if (perturb->board->config.strategy == PERTURB_NATIVE) {
		if (!learned->native_ns || elapsed_ns < learned->native_ns)
			learned->native_ns = elapsed_ns;
		return;
	}
	*mean = *mean ? (*mean * 15 + elapsed_ns) / 16 : elapsed_ns;
	if (*mean > 6 * learned->native_ns + 5 * MILLISECOND && learned->halvings < HALVINGS_MAX) {
		learned->halvings++;
		*mean = 0;
	} else if (*mean < 2 * learned->native_ns && learned->halvings > 0) {
		learned->halvings--;
		*mean = 0;
	}
}

static const char *const names[] = {
#define X(name, text) [PERTURB_##name] = text,
	PERTURB_STRATEGY_LIST(X)
#undef X
};

const char *perturb_strategy_name(uint32_t strategy)
{
	return strategy < PERTURB_STRATEGY_COUNT ? names[strategy] : "unknown";
}

uint32_t perturb_strategy_find(const char *name)
{
	uint32_t strategy = 0;

	while (strategy < PERTURB_STRATEGY_COUNT && strcmp(names[strategy], name) != 0)
		strategy++;
	return strategy;
}
