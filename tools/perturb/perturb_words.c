/* SPDX-License-Identifier: Apache-2.0 */
/* Eight words of configuration; how many lineages and passes; the lineages; the passes, in each the
 * thread below and the gap in microseconds above. */
#include "perturb/perturb_words.h"

#include <string.h>

#define CONFIG_WORDS 8
#define HEAD_WORDS   (CONFIG_WORDS + 2)
#define THREAD_BITS  8
#define THREAD_MASK  ((1U << THREAD_BITS) - 1)
#define GAP_MOST     (UINT32_MAX >> THREAD_BITS)

_Static_assert(PERTURB_THREADS_MAX <= 1U << THREAD_BITS, "a thread is a word's low bits");

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void split(uint32_t words[2], uint64_t value)
{
	words[0] = (uint32_t)value;
	words[1] = (uint32_t)(value >> 32);
}

static uint64_t two(const uint32_t *words)
{
	return words[0] | (uint64_t)words[1] << 32;
}

struct pass_writer {
	uint32_t *words;
	uint32_t count, last_us;
};

/* Two that passed at once may have looked at the clock in the other order. */
static void write_pass(struct pass_writer *writer, uint32_t thread, uint32_t at_us)
{
	uint32_t gap_us = 0;

	if (at_us > writer->last_us) {
		gap_us = at_us - writer->last_us;
		writer->last_us = at_us;
	}
	writer->words[writer->count++] = thread | least(gap_us, GAP_MOST) << THREAD_BITS;
}

/*
 * Of two that ask for a lock it is not known who asked first, only who got it: each asks right
 * before it gets it, the next pass of the same thread. One that never got it keeps its place, since
 * waiting is what it did.
 */
static uint32_t write_passes(const struct perturb_board *board, uint32_t threads, uint32_t *words)
{
	const uint32_t claimed = least(board->passed_count, PERTURB_PASSES_MAX);
	struct pass_writer writer = { .words = words, .last_us = 1 };
	bool asks[PERTURB_THREADS_MAX] = { false }, gets[PERTURB_PASSES_MAX];
	uint32_t next[PERTURB_THREADS_MAX], count = 0;

	memset(next, 0xff, sizeof(next));
	while (count < claimed && board->passed[count].after_us != 0 &&
	       board->passed[count].thread < threads)
		count++;
	for (uint32_t i = count; i-- > 0;) {
		gets[i] = board->passed[i].acquires && next[board->passed[i].thread] < count;
		next[board->passed[i].thread] = i;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct perturb_pass pass = board->passed[i];

		if (asks[pass.thread])
			write_pass(&writer, pass.thread, pass.after_us);
		asks[pass.thread] = gets[i];
		if (!gets[i])
			write_pass(&writer, pass.thread, pass.after_us);
	}
	return writer.count;
}

size_t perturb_to_words(const struct perturb_board *board, uint32_t words[PERTURB_WORDS_MAX])
{
	const struct perturb_config *config = &board->config;
	const uint32_t threads = least(board->thread_count, PERTURB_THREADS_MAX);

	split(words, config->seed);
	split(words + 2, config->delay_ns);
	split(words + 4, config->budget_ns);
	words[6] = config->strategy;
	words[7] = config->points;
	words[CONFIG_WORDS] = threads;
	for (uint32_t i = 0; i < threads; i++)
		split(words + HEAD_WORDS + 2UL * i, board->threads[i].lineage);
	words[CONFIG_WORDS + 1] = write_passes(board, threads, words + HEAD_WORDS + 2UL * threads);
	return HEAD_WORDS + 2UL * threads + words[CONFIG_WORDS + 1];
}

static bool read_guide(struct perturb_guide *guide, const uint32_t *words, size_t count)
{
	const uint32_t threads = words[CONFIG_WORDS], passes = words[CONFIG_WORDS + 1];

	if (threads > PERTURB_THREADS_MAX || passes > PERTURB_PASSES_MAX ||
	    count != HEAD_WORDS + 2UL * threads + passes)
		return false;
	words += HEAD_WORDS;
	for (uint32_t i = 0; i < threads; i++)
		guide->lineages[i] = two(words + 2UL * i);
	words += 2UL * threads;
	for (uint32_t i = 0; i < passes; i++)
		guide->passes[i] = (struct perturb_pass){ words[i] >> THREAD_BITS,
							  (uint16_t)(words[i] & THREAD_MASK), 0 };
	guide->lineage_count = threads;
	guide->pass_count = passes;
	return true;
}

bool perturb_from_words(struct perturb_config *config, struct perturb_guide *guide,
			const uint32_t *words, size_t count)
{
	if (count < CONFIG_WORDS || words[6] >= PERTURB_STRATEGY_COUNT)
		return false;
	*config = (struct perturb_config){ .seed = two(words),
					   .delay_ns = two(words + 2),
					   .budget_ns = two(words + 4),
					   .strategy = words[6],
					   .points = words[7] };
	memset(guide, 0, sizeof(*guide));
	return count == CONFIG_WORDS || (count >= HEAD_WORDS && read_guide(guide, words, count));
}
