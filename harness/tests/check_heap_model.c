/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator against a list of what it handed out, under random sequences of calls: blocks keep
 * their bytes, are aligned, never overlap; garbage is refused at any time; and the sequence that is
 * repeated after its bytes were restored gives the same addresses.
 */
#include "check_main.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "engine/heap/heap.h"

enum { LIVE_MAX = 400 };

struct model {
	struct rng rng;
	uint64_t addresses; /* hash of all that the heap answered */
	struct {
		unsigned char *start;
		size_t size;
		unsigned char fill;
	} live[LIVE_MAX];
	int count;
};

static size_t random_size(struct rng *rng)
{
	static const uint32_t bounds[] = { 40, 200, 3000, 20000, 70000, 400000 };
	const uint32_t kind = rng_below(rng, 40);

	return rng_below(rng, bounds[kind < 20 ? 0 : kind < 30 ? 1 : kind < 35 ? 2 : kind - 34]);
}

static void check_bytes(const unsigned char *start, size_t size, unsigned char fill)
{
	for (size_t i = 0; i < size; i++)
		if (start[i] != fill)
			ck_abort_msg("byte %zu of %zu is %u, not %u", i, size, start[i], fill);
}

static void model_insert(struct model *model, unsigned char *start, size_t size)
{
	for (int i = 0; i < model->count; i++)
		if (start < model->live[i].start + model->live[i].size + !model->live[i].size &&
		    model->live[i].start < start + size + !size)
			ck_abort_msg("two blocks overlap");
	model->live[model->count].start = start;
	model->live[model->count].size = size;
	model->live[model->count].fill = (unsigned char)rng_next(&model->rng);
	memset(start, model->live[model->count].fill, size);
	model->count++;
	model->addresses = hash_mix(model->addresses ^ (uintptr_t)start);
}

static void model_alloc(struct model *model)
{
	const size_t size = random_size(&model->rng);
	const size_t align = rng_below(&model->rng, 5) ? 1 : 1ul << rng_below(&model->rng, 19);
	const bool cleared = rng_below(&model->rng, 2);
	struct heap *heap = heap_get(HEAP_PROGRAM);
	unsigned char *start = (cleared ? heap_zalloc : heap_alloc)(heap, size, align);

	ck_assert_ptr_nonnull(start);
	ck_assert_uint_eq((uintptr_t)start % (align < 16 ? 16 : align), 0);
	ck_assert_uint_eq(heap_usable_size(start), size);
	if (cleared)
		check_bytes(start, size, 0);
	model_insert(model, start, size);
}

static void model_free(struct model *model, int i)
{
	unsigned char *start = model->live[i].start;

	check_bytes(start, model->live[i].size, model->live[i].fill);
	ck_assert_int_eq(heap_free(start), HEAP_OK);
	ck_assert_int_eq(heap_free(start), HEAP_FREED);
	model->live[i] = model->live[--model->count];
}

static void model_realloc(struct model *model, int i)
{
	const size_t old = model->live[i].size, size = random_size(&model->rng);
	const unsigned char fill = model->live[i].fill;
	void *moved = NULL;

	ck_assert_int_eq(heap_realloc(model->live[i].start, size, &moved), HEAP_OK);
	ck_assert_ptr_nonnull(moved);
	check_bytes(moved, old < size ? old : size, fill);
	ck_assert_uint_eq(heap_usable_size(moved), size);
	model->live[i] = model->live[--model->count];
	model_insert(model, moved, size);
}

/* What must be refused, whatever the state. */
static void model_garbage(struct model *model, int i)
{
	unsigned char *start = model->live[i].start;
	const size_t size = model->live[i].size;
	const size_t offset = 1 + rng_below(&model->rng, (uint32_t)size - 1);
	struct heap_block block;
	void *moved = model;

	ck_assert_int_eq(heap_check_pointer(start + offset, &block), HEAP_INTERIOR);
	ck_assert_ptr_eq(block.start, start);
	ck_assert_uint_eq(block.size, size);
	ck_assert(block.live);
	ck_assert_int_eq(heap_free(start + offset), HEAP_INTERIOR);
	ck_assert_int_eq(heap_realloc(start + offset, 10, &moved), HEAP_INTERIOR);
	ck_assert_ptr_eq(moved, model);
	ck_assert_int_eq(heap_check_pointer(start, &block), HEAP_OK);
}

static void model_run(struct model *model, int steps)
{
	for (int i = 0; i < steps; i++) {
		const int what = (int)rng_below(&model->rng, 10);
		const int one =
			model->count ? (int)rng_below(&model->rng, (uint32_t)model->count) : 0;

		if (model->count == 0 || (what < 4 && model->count < LIVE_MAX))
			model_alloc(model);
		else if (what < 7)
			model_free(model, one);
		else if (what < 9)
			model_realloc(model, one);
		else if (model->live[one].size > 1)
			model_garbage(model, one);
	}
}

static struct model model;

START_TEST(blocks_never_overlap_and_keep_their_bytes)
{
	struct heap_totals totals;

	rng_seed(&model.rng, (uint64_t)_i);
	model_run(&model, 20000);
	heap_totals(HEAP_PROGRAM, &totals);
	ck_assert_uint_eq(totals.live_blocks, (size_t)model.count);
	while (model.count)
		model_free(&model, model.count - 1);
	heap_totals(HEAP_PROGRAM, &totals);
	ck_assert_uint_eq(totals.live_blocks, 0);
	ck_assert_uint_eq(totals.live_bytes, 0);
	ck_assert_uint_eq(totals.damaged_lists, 0);
}
END_TEST

START_TEST(the_same_calls_after_a_restore_give_the_same_addresses)
{
	static struct model before;
	struct heap_extent saved[HEAP_EXTENTS], now[HEAP_EXTENTS];
	void *copies[HEAP_EXTENTS];
	uint64_t first = 0;

	rng_seed(&model.rng, (uint64_t)_i);
	model_run(&model, 3000);
	before = model;
	ck_assert(heap_extents(HEAP_PROGRAM, saved));
	for (int i = 0; i < HEAP_EXTENTS; i++) {
		copies[i] = malloc(saved[i].used);
		memcpy(copies[i], saved[i].base, saved[i].used);
	}
	for (int run = 0; run < 3; run++) {
		model = before;
		model_run(&model, 5000);
		if (run == 0)
			first = model.addresses;
		ck_assert_uint_eq(model.addresses, first);
		ck_assert(heap_extents(HEAP_PROGRAM, now));
		for (int i = 0; i < HEAP_EXTENTS; i++) {
			ck_assert_ptr_eq(now[i].base, saved[i].base);
			ck_assert_uint_ge(now[i].used, saved[i].used);
			memcpy(saved[i].base, copies[i], saved[i].used);
			memset((char *)saved[i].base + saved[i].used, 0,
			       now[i].used - saved[i].used);
		}
	}
	for (int i = 0; i < HEAP_EXTENTS; i++)
		free(copies[i]);
}
END_TEST

START_TEST(nothing_is_written_beyond_the_extents)
{
	struct heap_extent extents[HEAP_EXTENTS];

	rng_seed(&model.rng, 7);
	model_run(&model, 5000);
	ck_assert(heap_extents(HEAP_PROGRAM, extents));
	for (int i = 0; i < HEAP_EXTENTS; i++) {
		const size_t rest = extents[i].reserved - extents[i].used;

		check_bytes((unsigned char *)extents[i].base + extents[i].used,
			    rest < 4 << 20 ? rest : 4 << 20, 0);
	}
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("heap_model");
	TCase *tests = tcase_create("heap_model");

	tcase_add_loop_test(tests, blocks_never_overlap_and_keep_their_bytes, 0, 8);
	tcase_add_loop_test(tests, the_same_calls_after_a_restore_give_the_same_addresses, 0, 4);
	tcase_add_test(tests, nothing_is_written_beyond_the_extents);
	suite_add_tcase(suite, tests);
	return suite;
}
