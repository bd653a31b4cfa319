/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two heaps of a process: which one serves, where they lie whatever the limits of the process
 * are, and what keeps kernel threads apart in them.
 */
#include "check_main.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/heap/heap.h"

START_TEST(a_block_is_freed_to_its_own_heap_whatever_is_selected)
{
	char *program, *engine;
	struct heap_totals totals;

	ck_assert_int_eq(heap_selected(), HEAP_PROGRAM);
	program = heap_alloc(heap_current(), 100, 1);
	ck_assert_int_eq(heap_select(HEAP_ENGINE), HEAP_PROGRAM);
	engine = heap_alloc(heap_current(), 100, 1);
	ck_assert_ptr_eq(heap_current(), heap_get(HEAP_ENGINE));
	ck_assert_int_eq(heap_free(program), HEAP_OK);
	ck_assert_int_eq(heap_select(HEAP_PROGRAM), HEAP_ENGINE);
	ck_assert_int_eq(heap_free(engine), HEAP_OK);
	ck_assert_ptr_eq(heap_alloc(heap_current(), 100, 1), program);
	ck_assert_ptr_eq(heap_alloc(heap_get(HEAP_ENGINE), 100, 1), engine);
	for (int which = 0; which < HEAPS; which++) {
		ck_assert(heap_totals((enum heap_which)which, &totals));
		ck_assert_uint_eq(totals.live_blocks, 1);
	}
}
END_TEST

/* AddressSanitizer keeps its shadow there. */
#if defined(__SANITIZE_ADDRESS__)
#define FIXED 0
#elif defined(__has_feature)
#define FIXED (!__has_feature(address_sanitizer))
#else
#define FIXED 1
#endif

#if FIXED
START_TEST(the_heaps_lie_at_their_fixed_addresses)
{
	ck_assert(heap_is_fixed(HEAP_PROGRAM));
	ck_assert(heap_is_fixed(HEAP_ENGINE));
	ck_assert_ptr_eq(heap_get(HEAP_PROGRAM), (struct heap *)HEAP_PROGRAM_BASE);
	ck_assert_ptr_eq(heap_get(HEAP_ENGINE), (struct heap *)HEAP_ENGINE_BASE);
}
END_TEST

/* The two addresses that a new process gets below a limit to its address space. */
static void addresses_below(rlim_t limit, void *addresses[2])
{
	const struct rlimit bound = { limit, limit };
	int ends[2];
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (limit != RLIM_INFINITY && setrlimit(RLIMIT_AS, &bound) != 0)
			_exit(1);
		addresses[0] = heap_alloc(heap_get(HEAP_PROGRAM), 100, 1);
		addresses[1] = heap_alloc(heap_get(HEAP_PROGRAM), 1 << 20, 1);
		_exit(write(ends[1], addresses, 2 * sizeof(void *)) < 0);
	}
	ck_assert_int_eq(read(ends[0], addresses, 2 * sizeof(void *)), 2 * sizeof(void *));
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static const rlim_t limits[] = { 40ul << 30, 8ul << 30, 2ul << 30, 500ul << 20 };

START_TEST(a_limited_address_space_does_not_change_the_addresses)
{
	void *free_space[2], *limited[2];

	addresses_below(RLIM_INFINITY, free_space);
	addresses_below(limits[_i], limited);
	ck_assert_ptr_nonnull(limited[0]);
	ck_assert_ptr_eq(free_space[0], limited[0]);
	ck_assert_ptr_eq(free_space[1], limited[1]);
}
END_TEST
#endif

static pthread_barrier_t start_line;

static void *one_of_several(void *argument)
{
	const unsigned char mine = (unsigned char)(uintptr_t)argument;

	pthread_barrier_wait(&start_line);
	for (size_t i = 0; i < 300000; i++) {
		const size_t size = i % 30 + 1;
		unsigned char *block;

		heap_lock();
		block = heap_alloc(heap_get(HEAP_PROGRAM), size, 1);
		heap_unlock();
		memset(block, mine, size);
		for (size_t at = 0; at < size; at++)
			if (block[at] != mine)
				return argument;
		heap_lock();
		if (heap_free(block) != HEAP_OK)
			return argument;
		heap_unlock();
	}
	return NULL;
}

START_TEST(the_lock_excludes_kernel_threads_once_there_are_some)
{
	pthread_t threads[4];
	struct heap_totals totals;
	void *failed;

	heap_threads_begin();
	pthread_barrier_init(&start_line, NULL, 4);
	for (uintptr_t i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, one_of_several, (void *)(i + 1));
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	heap_totals(HEAP_PROGRAM, &totals);
	ck_assert_uint_eq(totals.live_blocks, 0);
	ck_assert_uint_eq(totals.damaged_lists, 0);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("heap_place");
	TCase *tests = tcase_create("heap_place");

	tcase_add_test(tests, a_block_is_freed_to_its_own_heap_whatever_is_selected);
#if FIXED
	tcase_add_test(tests, the_heaps_lie_at_their_fixed_addresses);
	tcase_add_loop_test(tests, a_limited_address_space_does_not_change_the_addresses, 0, 4);
#endif
	tcase_add_test(tests, the_lock_excludes_kernel_threads_once_there_are_some);
	suite_add_tcase(suite, tests);
	return suite;
}
