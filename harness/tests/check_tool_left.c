/* SPDX-License-Identifier: Apache-2.0 */
/* What is removed after a target was killed: what it noted, and nothing of other people's. */
#include "check_main.h"

#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "campaign/left.h"

static struct board *board;
static int segment;

static void setup(void)
{
	board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(board, MAP_FAILED);
	segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	ck_assert_int_ge(segment, 0);
}

static void teardown(void)
{
	shmctl(segment, IPC_RMID, NULL);
	munmap(board, sizeof(*board));
}

static bool is_there(void)
{
	struct shmid_ds status;

	return shmctl(segment, IPC_STAT, &status) == 0;
}

START_TEST(what_was_noted_is_removed)
{
	board->objects[0] = (struct board_object){ .kind = OBJECT_SEGMENT, .id = segment };
	board->object_count = 1;
	left_remove(board);
	ck_assert(!is_there());
	ck_assert_uint_eq(board->object_count, 0);
}
END_TEST

/* A program that writes over the board writes small numbers most of the time. */
START_TEST(what_a_program_wrote_over_it_is_not)
{
	for (unsigned value = 0; value < 256; value++) {
		board->objects[0] = (struct board_object){ .kind = value, .id = segment };
		board->objects[1] =
			(struct board_object){ .kind = value * 0x1010101U, .id = segment };
		board->object_count = 2;
		left_remove(board);
	}
	ck_assert(is_there());
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_left");
	TCase *tests = tcase_create("objects");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_was_noted_is_removed);
	tcase_add_test(tests, what_a_program_wrote_over_it_is_not);
	suite_add_tcase(suite, tests);
	return suite;
}
