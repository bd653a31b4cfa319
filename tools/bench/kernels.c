/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs do with memory, each thread with its own: an array is swept, a hash table filled
 * and asked, an array sorted, a text compressed. Built three times by tools/bench/accesses.
 *
 *	kernels KERNEL THREADS ROUNDS	prints processor ticks and the number of accesses
 *
 * Ticks are the processor's counter, which is asked for: below jostle the clocks are virtual.
 * Accesses are those of the source, counted in a register; what the compiler makes of them is the
 * same in all builds.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <x86intrin.h>

#define THREADS_MAX 8
#define SIZE        (1U << 14)

struct work {
	uint32_t numbers[SIZE];
	uint32_t table[2 * SIZE];
	uint8_t text[SIZE], packed[2 * SIZE];
	uint32_t last[1U << 12];
	unsigned rounds;
	uint64_t accesses;
};

static struct work works[THREADS_MAX];
static void (*kernel)(struct work *);

static uint32_t next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void sweep(struct work *w)
{
	for (size_t i = 1; i < SIZE; i++)
		w->numbers[i] = w->numbers[i] * 3 + w->numbers[i - 1];
	w->accesses += 3 * (SIZE - 1);
}

static void hash(struct work *w)
{
	uint32_t state = 7;
	uint64_t accesses = 0;

	memset(w->table, 0, sizeof(w->table));
	for (size_t i = 0; i < SIZE; i++) {
		const uint32_t key = next(&state) | 1;
		uint32_t at = key * 2654435761U % (2 * SIZE);

		while (w->table[at] && w->table[at] != key) {
			at = (at + 1) % (2 * SIZE);
			accesses += 2;
		}
		w->table[at] = key;
		accesses += 3;
	}
	w->accesses += accesses;
}

static void sift(uint32_t *numbers, size_t root, size_t end, uint64_t *accesses)
{
	while (2 * root + 1 < end) {
		size_t child = 2 * root + 1;
		const uint32_t here = numbers[root];

		if (child + 1 < end && numbers[child] < numbers[child + 1])
			child++;
		*accesses += 4;
		if (here >= numbers[child])
			return;
		numbers[root] = numbers[child];
		numbers[child] = here;
		*accesses += 3;
		root = child;
	}
}

static void sort(struct work *w)
{
	uint32_t state = 5;
	uint64_t accesses = SIZE;

	for (size_t i = 0; i < SIZE; i++)
		w->numbers[i] = next(&state);
	for (size_t i = SIZE / 2; i-- > 0;)
		sift(w->numbers, i, SIZE, &accesses);
	for (size_t end = SIZE; --end > 0;) {
		const uint32_t top = w->numbers[0];

		w->numbers[0] = w->numbers[end];
		w->numbers[end] = top;
		accesses += 4;
		sift(w->numbers, 0, end, &accesses);
	}
	w->accesses += accesses;
}

/* Lempel and Ziv, with a table of where three bytes were last seen. */
static void compress(struct work *w)
{
	size_t at = 0, out = 0;
	uint64_t accesses = 0;

	memset(w->last, 0, sizeof(w->last));
	while (at + 3 < SIZE) {
		const uint32_t key =
			(w->text[at] | w->text[at + 1] << 8 | (uint32_t)w->text[at + 2] << 16) *
				2654435761U >>
			20;
		const size_t from = w->last[key];
		size_t length = 0;

		w->last[key] = (uint32_t)at;
		while (from < at && at + length < SIZE && length < 255 &&
		       w->text[from + length] == w->text[at + length]) {
			length++;
			accesses += 2;
		}
		accesses += 8;
		if (length < 4) {
			w->packed[out++] = w->text[at++];
			continue;
		}
		w->packed[out++] = (uint8_t)length;
		w->packed[out++] = (uint8_t)(at - from);
		at += length;
	}
	w->accesses += accesses;
}

static void *body(void *arg)
{
	struct work *w = arg;

	for (unsigned i = 0; i < w->rounds; i++)
		kernel(w);
	return NULL;
}

static void prepare(struct work *w, unsigned rounds)
{
	uint32_t state = 3;

	w->rounds = rounds;
	for (size_t i = 0; i < SIZE; i++) {
		w->numbers[i] = next(&state);
		w->text[i] = (uint8_t) "the quick brown fox jumps "[next(&state) % 5 * (i % 5)];
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*kernel)(struct work *);
	} kernels[] = {
		{ "sweep", sweep }, { "hash", hash }, { "sort", sort }, { "compress", compress }
	};
	const unsigned threads = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	pthread_t started[THREADS_MAX];
	uint64_t ticks, accesses = 0;

	for (size_t i = 0; argc > 3 && i < sizeof(kernels) / sizeof(kernels[0]); i++)
		if (strcmp(argv[1], kernels[i].name) == 0)
			kernel = kernels[i].kernel;
	if (!kernel || threads < 1 || threads > THREADS_MAX)
		return 2;
	for (unsigned i = 0; i < threads; i++)
		prepare(&works[i], (unsigned)atoi(argv[3]));
	prctl(PR_SET_TSC, PR_TSC_ENABLE);
	ticks = __rdtsc();
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&started[i], NULL, body, &works[i]))
			return 3;
	for (unsigned i = 0; i < threads; i++)
		pthread_join(started[i], NULL);
	ticks = __rdtsc() - ticks;
	for (unsigned i = 0; i < threads; i++)
		accesses += works[i].accesses;
	printf("%llu %llu\n", (unsigned long long)ticks, (unsigned long long)accesses);
	return 0;
}
