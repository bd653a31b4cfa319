/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshot against a plain copy of everything, with the kernel's help and without it, under
 * programs that write by the CPU and by system calls, read, and drop pages at random.
 */
#include "snapshot_memory.h"

#include <stdlib.h>

#include "base/rng.h"

/* The sanitizers look at each access and not at chance: fewer will do for them. */
#if defined(__SANITIZE_ADDRESS__)
#define SEEDS 1
#else
#define SEEDS 3
#endif

enum { AREAS = 7, WINDOW = 64 * PAGE };

struct area {
	char *at;
	size_t length;
	char *copy; /* NULL: zeros */
};

static struct area areas[AREAS];
static size_t area_count;
static char statics[5 * PAGE] = "statics";

static void add_area(char *at, size_t length, enum snapshot_kind kind, bool told)
{
	struct area *area = &areas[area_count++];

	*area = (struct area){ at, length, NULL };
	if (kind == SNAPSHOT_SAVED) {
		area->copy = malloc(length);
		memcpy(area->copy, at, length);
	}
	if (told)
		ck_assert_int_eq(snapshot_add(at, length, kind), 0);
}

static void build_scenery(size_t fresh_length, struct rng *rng)
{
	char *memory = map_memory(40 * PAGE), *file = map_file(9 * PAGE);
	char *sparse = map_memory(3 * MIB), *fresh = map_memory(fresh_length);

	for (size_t i = 0; i < 40ul * PAGE; i++)
		memory[i] = (char)rng_next(rng);
	for (int i = 0; i < 5; i++)
		sparse[rng_below(rng, 3 * MIB)] = (char)rng_next(rng);
	area_count = 0;
	add_area(memory, 40ul * PAGE, SNAPSHOT_SAVED, true);
	add_area(file, 9ul * PAGE, SNAPSHOT_SAVED, true);
	add_area(sparse, 3 * MIB, SNAPSHOT_SAVED, true);
	add_area(statics + 100, sizeof(statics) - 1000, SNAPSHOT_SAVED, true);
	/* Looked at where it is written to: at its ends and somewhere within. */
	ck_assert_int_eq(snapshot_add(fresh + 24, fresh_length - 24, SNAPSHOT_FRESH), 0);
	add_area(fresh + 24, WINDOW, SNAPSHOT_FRESH, false);
	add_area(fresh + fresh_length / 3, WINDOW, SNAPSHOT_FRESH, false);
	add_area(fresh + fresh_length - WINDOW, WINDOW, SNAPSHOT_FRESH, false);
}

static bool scenery_is_as_it_was(void)
{
	for (size_t i = 0; i < area_count; i++) {
		const struct area *area = &areas[i];

		if (area->copy ? memcmp(area->at, area->copy, area->length) != 0
			       : !all(area->at, area->length, 0))
			return false;
	}
	return true;
}

static void drop_pages(char *at, size_t length)
{
	char *page = (char *)((uintptr_t)at & -(uintptr_t)PAGE);

	/* Its first and last pages are shared with others. */
	if (at >= statics && at < statics + sizeof(statics))
		return;
	snapshot_mark(page, length);
	ck_assert_int_eq(madvise(page, length, MADV_DONTNEED), 0);
}

/* One schedule's worth of writing. Small ones most of the time, as schedules are. */
static void act(struct rng *rng)
{
	const uint32_t writes = rng_below(rng, 12);

	for (uint32_t i = 0; i < writes; i++) {
		const struct area *area = &areas[rng_below(rng, (uint32_t)area_count)];
		char *at = area->at + rng_below(rng, (uint32_t)area->length);
		const size_t rest = (size_t)(area->at + area->length - at);

		switch (rng_below(rng, 40)) {
		case 0:
			memset(at, (int)rng_next(rng), rest < 5 * PAGE ? rest : 5 * PAGE);
			break;
		case 1:
			drop_pages(at, PAGE);
			break;
		case 2:
		case 3:
			write_by_kernel(at, (char)rng_next(rng));
			break;
		case 4:
		case 5:
		case 6:
			(void)*(volatile char *)at;
			break;
		default:
			*at = (char)rng_next(rng);
		}
	}
}

/*
 * The promise: when a scan finds nothing, each schedule since the last one started from the saved
 * state; and after a scan a restore always brings it back.
 */
START_TEST(a_batch_that_scans_clean_ran_from_the_saved_state_throughout)
{
	const size_t method = (size_t)_i % METHODS;
	unsigned int clean = 0, dirty = 0;
	struct rng rng;

	rng_seed(&rng, (uint64_t)_i);
	build_scenery(methods[method].fresh, &rng);
	snapshot_forbid(methods[method].forbidden);
	ck_assert_int_eq(snapshot_take(), 0);
	ck_assert(scenery_is_as_it_was());
	for (unsigned int schedules = 0; schedules < 2000;) {
		unsigned int batch = snapshot_batch_max() < 8 ? snapshot_batch_max() : 8;
		bool leaked = false;
		long found;

		for (; batch > 0; batch--, schedules++) {
			leaked |= !scenery_is_as_it_was();
			act(&rng);
			snapshot_restore();
		}
		found = snapshot_scan();
		ck_assert_int_ge(found, 0);
		if (found == 0) {
			ck_assert_msg(!leaked, "%s: a leak before a clean scan",
				      methods[method].name);
			clean++;
		} else {
			dirty++;
		}
		snapshot_restore();
		ck_assert_msg(scenery_is_as_it_was(), "%s: not restored", methods[method].name);
	}
	/* Both happened, so both were tested. */
	ck_assert_uint_gt(clean, 10);
	ck_assert_uint_gt(dirty, 10);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("snapshot_random");
	TCase *tcase = tcase_create("snapshot_random");

	tcase_add_checked_fixture(tcase, NULL, forget_snapshot);
	tcase_add_loop_test(tcase, a_batch_that_scans_clean_ran_from_the_saved_state_throughout, 0,
			    SEEDS * METHODS);
	suite_add_tcase(suite, tcase);
	return suite;
}
