/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions to text and back, and text that somebody damaged. */
#include "check_main.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "report/decisions.h"

#define COUNT_MAX 5000

static uint32_t numbers[COUNT_MAX];

/* Runs of equal numbers, as schedules have them. */
static size_t make_numbers(struct rng *rng, uint32_t most)
{
	size_t count = rng_below(rng, COUNT_MAX), at = 0;

	while (at < count) {
		uint32_t number = rng_below(rng, most), run = 1 + rng_below(rng, 20);

		while (run-- && at < count)
			numbers[at++] = number;
	}
	return count;
}

START_TEST(what_was_encoded_decodes_to_itself)
{
	struct rng rng;

	rng_seed(&rng, 1);
	for (int i = 0; i < 200; i++) {
		size_t count = make_numbers(&rng, i % 2 ? 4 : UINT32_MAX), decoded_count;
		char *text = decisions_encode(numbers, count);
		uint32_t *decoded;

		ck_assert(decisions_decode(text, UINT32_MAX, COUNT_MAX, &decoded, &decoded_count));
		ck_assert_uint_eq(decoded_count, count);
		if (count)
			ck_assert_int_eq(memcmp(decoded, numbers, count * sizeof(*numbers)), 0);
		free(decoded);
		free(text);
	}
}
END_TEST

START_TEST(long_runs_are_short_text)
{
	char *text;

	for (size_t i = 0; i < COUNT_MAX; i++)
		numbers[i] = i < COUNT_MAX / 2;
	text = decisions_encode(numbers, COUNT_MAX);
	ck_assert_uint_lt(strlen(text), 24);
	free(text);
}
END_TEST

START_TEST(a_changed_character_is_noticed)
{
	static const char alphabet[] = "ABCxyz019-_ =";
	struct rng rng;
	size_t count, decoded_count;
	uint32_t *decoded;
	char *text;

	rng_seed(&rng, 2);
	count = make_numbers(&rng, 5);
	text = decisions_encode(numbers, count);
	for (int i = 0; i < 3000; i++) {
		size_t at = rng_below(&rng, (uint32_t)strlen(text));
		char old = text[at], changed = alphabet[rng_below(&rng, sizeof(alphabet) - 1)];

		text[at] = changed;
		ck_assert_int_eq(decisions_decode(text, UINT32_MAX, COUNT_MAX, &decoded,
						  &decoded_count),
				 changed == old);
		free(decoded);
		text[at] = old;
	}
	free(text);
}
END_TEST

START_TEST(a_cut_text_is_noticed)
{
	uint32_t some[] = { 1, 2, 3, 3, 3, 70000 }, *decoded;
	char *text = decisions_encode(some, 6);
	size_t count;

	for (size_t length = strlen(text); length-- > 0;) {
		text[length] = '\0';
		ck_assert(!decisions_decode(text, UINT32_MAX, COUNT_MAX, &decoded, &count));
		ck_assert_ptr_null(decoded);
	}
	free(text);
}
END_TEST

START_TEST(bounds_are_kept)
{
	uint32_t some[] = { 7, 7, 7, 7 }, *decoded;
	char *text = decisions_encode(some, 4);
	size_t count;

	ck_assert(!decisions_decode(text, 6, 4, &decoded, &count));
	ck_assert(!decisions_decode(text, 7, 3, &decoded, &count));
	ck_assert(decisions_decode(text, 7, 4, &decoded, &count));
	free(decoded);
	free(text);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_decisions");
	TCase *tcase = tcase_create("decisions");

	tcase_add_test(tcase, what_was_encoded_decodes_to_itself);
	tcase_add_test(tcase, long_runs_are_short_text);
	tcase_add_test(tcase, a_changed_character_is_noticed);
	tcase_add_test(tcase, a_cut_text_is_noticed);
	tcase_add_test(tcase, bounds_are_kept);
	suite_add_tcase(suite, tcase);
	return suite;
}
