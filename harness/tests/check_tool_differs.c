/* SPDX-License-Identifier: Apache-2.0 */
/* Where two runs of one schedule part, in words. */
#include "check_main.h"

#include <stdlib.h>

#include "campaign/differs.h"
#include "event/op.h"

#define READ(thread_, result_)                                                        \
	{                                                                             \
		.thread = thread_, .kind = OP_FD_READ, .object = 8, .result = result_ \
	}

static const struct {
	struct board_difference difference;
	const char *text;
} rows[] = {
	{ { .known = 0 }, "" },
	{ { .known = 1, .step = 10, .happened = 3, .first = READ(4, 326), .second = READ(4, 322) },
	  "step 10: T4 reads from descriptor 8, which gave 326 once and 322 the other time" },
	{ { .known = 1, .step = 10, .happened = 3, .first = READ(4, 326), .second = READ(5, 326) },
	  "step 10: T4 reads from descriptor 8 once, T5 reads from descriptor 8 the other time" },
	{ { .known = 1,
	    .step = 3,
	    .happened = 3,
	    .first = { .thread = 1, .kind = OP_MUTEX_LOCK, .object = 4096 },
	    .second = READ(1, 0) },
	  "step 3: T1 locks once, T1 reads from descriptor 8 the other time" },
	{ { .known = 1, .step = 7, .happened = 1, .first = READ(2, 1) },
	  "step 7: T2 reads from descriptor 8, which came only once" },
	{ { .known = 1, .step = 7, .happened = 2, .second = READ(3, 1) },
	  "step 7: T3 reads from descriptor 8, which came only once" },
	{ { .known = 1, .step = 7, .happened = 0 }, "its end, after 7 equal steps" },
};

START_TEST(the_first_event_that_differs_is_told)
{
	struct board *board = calloc(1, sizeof(*board));
	char text[512];

	ck_assert_ptr_nonnull(board);
	board->status.difference = rows[_i].difference;
	differs_tell(board, text, sizeof(text));
	ck_assert_str_eq(text, rows[_i].text);
	free(board);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("differs");
	TCase *tcase = tcase_create("differs");

	tcase_add_loop_test(tcase, the_first_event_that_differs_is_told, 0,
			    sizeof(rows) / sizeof(rows[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}
