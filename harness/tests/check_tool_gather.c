/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boards gathered: what is told of a campaign must not depend on how its schedules were split or in
 * which order its boards came, nor may a board that a dying target scribbled upon bring the command
 * down.
 */
#include "check_main.h"

#include <string.h>

#include "base/rng.h"
#include "campaign/gather.h"
#include "campaign/slot.h"

static struct slot slots[3];

static void setup(void)
{
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(slot_open(&slots[i]), 0);
}

static void teardown(void)
{
	for (int i = 0; i < 3; i++)
		slot_close(&slots[i]);
}

static struct board_finding *add_finding(struct slot *slot, uint64_t key, uint64_t schedule,
					 uint64_t count)
{
	struct board *board = slot->board;
	struct board_finding *finding = &board->findings[board->status.finding_count++];
	uint16_t choices[] = { 0, (uint16_t)schedule, 1 };

	finding->finding.kind = FINDING_DEADLOCK;
	finding->finding.severity = SEVERITY_ERROR;
	finding->finding.key = key;
	finding->first_schedule = schedule;
	finding->count = count;
	finding->choices = slot_append(slot, choices, sizeof(choices));
	return finding;
}

static void add_seen(struct slot *slot, uint64_t hash)
{
	slot->board->seen[hash & (BOARD_SEEN_SIZE - 1)] = hash;
}

static void add_note(struct slot *slot, const char *text, uint64_t count)
{
	struct board_note *note = &slot->board->notes[slot->board->status.note_count++];

	strcpy(note->text, text);
	note->count = count;
}

START_TEST(the_least_schedule_speaks_for_a_finding_and_counts_add_up)
{
	struct gather gather = { 0 };

	add_finding(&slots[0], 7, 100, 3);
	add_finding(&slots[1], 7, 40, 2);
	add_finding(&slots[2], 7, 70, 1);
	for (int i = 0; i < 3; i++)
		gather_add(&gather, &slots[i]);
	gather_finish(&gather);
	ck_assert_uint_eq(gather.found_count, 1);
	ck_assert_uint_eq(gather.founds[0].first_schedule, 40);
	ck_assert_uint_eq(gather.founds[0].count, 6);
	ck_assert_uint_eq(gather.founds[0].decisions.choice_count, 3);
	ck_assert_uint_eq(gather.founds[0].decisions.choices[1], 40);
	gather_fini(&gather);
}
END_TEST

START_TEST(the_order_of_boards_does_not_matter)
{
	static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };
	struct gather gathers[3] = { 0 };

	add_finding(&slots[0], 1, 5, 1);
	add_finding(&slots[1], 2, 5, 1);
	add_finding(&slots[2], 3, 4, 1);
	add_finding(&slots[2], 1, 9, 1);
	add_note(&slots[0], "b", 1);
	add_note(&slots[1], "a", 2);
	add_note(&slots[2], "b", 3);
	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 3; k++)
			gather_add(&gathers[i], &slots[orders[i][k]]);
		gather_finish(&gathers[i]);
		ck_assert_uint_eq(gathers[i].found_count, 3);
		ck_assert_uint_eq(gathers[i].founds[0].finding.key, 3);
		ck_assert_uint_eq(gathers[i].founds[1].finding.key, 1);
		ck_assert_uint_eq(gathers[i].founds[2].finding.key, 2);
		ck_assert_uint_eq(gathers[i].note_count, 2);
		ck_assert_str_eq(gathers[i].notes[0].text, "a");
		ck_assert_uint_eq(gathers[i].notes[1].count, 4);
		gather_fini(&gathers[i]);
	}
}
END_TEST

START_TEST(distinct_schedules_are_counted_once_over_all_boards)
{
	struct gather gather = { 0 };
	struct rng rng;

	rng_seed(&rng, 3);
	for (int i = 0; i < 5000; i++) {
		uint64_t hash = rng_next(&rng) | 1;

		add_seen(&slots[i % 3], hash);
		if (i % 10 == 0)
			add_seen(&slots[(i + 1) % 3], hash);
	}
	for (int i = 0; i < 3; i++)
		gather_add(&gather, &slots[i]);
	/* Two hashes may want one place on a board; with so few that stays rare. */
	ck_assert_uint_ge(gather.seen.count, 4980);
	ck_assert_uint_le(gather.seen.count, 5000);
	gather_fini(&gather);
}
END_TEST

START_TEST(sums_and_maxima_are_those_of_all_boards)
{
	struct gather gather = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		slots[i].board->status.committed = 64 * (i + 1);
		slots[i].board->status.event_hash = UINT64_MAX - i;
		slots[i].board->status.steps_max = 10 * i;
		slots[i].board->status.controlled = i == 2;
		gather_add(&gather, &slots[i]);
	}
	ck_assert_uint_eq(gather.schedules, 384);
	ck_assert_uint_eq(gather.event_hash, (uint64_t)-6);
	ck_assert_uint_eq(gather.steps_max, 20);
	ck_assert(gather.controlled);
	gather_fini(&gather);
}
END_TEST

START_TEST(the_bare_record_of_a_death_gives_way_to_the_engines_own)
{
	struct gather gather = { 0 };
	struct board_finding *own = add_finding(&slots[0], 1, 12, 1),
			     *bare = add_finding(&slots[1], 2, 12, 1);

	own->finding.kind = bare->finding.kind = FINDING_CRASH;
	bare->choices.size = 0;
	gather_add(&gather, &slots[1]);
	gather_add(&gather, &slots[0]);
	gather_finish(&gather);
	ck_assert_uint_eq(gather.found_count, 1);
	ck_assert_uint_eq(gather.founds[0].finding.key, 1);
	gather_fini(&gather);
}
END_TEST

START_TEST(a_board_full_of_noise_is_survived)
{
	struct gather gather = { 0 };
	struct rng rng;

	rng_seed(&rng, 4);
	for (int round = 0; round < 20; round++) {
		struct board *board = slots[0].board;
		uint64_t *words = (void *)&board->status;
		uint8_t *findings = (void *)board->findings;

		for (size_t i = 0; i < sizeof(board->status) / 8; i++)
			words[i] = rng_next(&rng);
		for (size_t i = 0; i < sizeof(board->findings); i++)
			findings[i] = (uint8_t)rng_next(&rng);
		board->outcome_count = (uint32_t)rng_next(&rng);
		gather_add(&gather, &slots[0]);
	}
	gather_finish(&gather);
	ck_assert_uint_gt(gather.found_count, 0);
	gather_fini(&gather);
}
END_TEST

START_TEST(a_piece_outside_of_the_blob_is_no_piece)
{
	const struct board *board = slots[0].board;

	ck_assert_ptr_null(board_bytes(board, (struct board_piece){ 0, 0 }));
	ck_assert_ptr_null(board_bytes(board, (struct board_piece){ BOARD_BLOB_SIZE, 1 }));
	ck_assert_ptr_null(board_bytes(board, (struct board_piece){ 1, BOARD_BLOB_SIZE }));
	ck_assert_ptr_null(board_bytes(board, (struct board_piece){ UINT64_MAX, 2 }));
	ck_assert_ptr_eq(board_bytes(board, (struct board_piece){ BOARD_BLOB_SIZE - 1, 1 }),
			 board->blob + BOARD_BLOB_SIZE - 1);
}
END_TEST

START_TEST(a_cleared_slot_is_as_new)
{
	struct gather gather = { 0 };

	add_finding(&slots[0], 7, 100, 3);
	add_seen(&slots[0], 99);
	slots[0].board->status.committed = 5;
	slot_clear(&slots[0]);
	gather_add(&gather, &slots[0]);
	ck_assert_uint_eq(gather.found_count + gather.seen.count + gather.schedules, 0);
	ck_assert_uint_eq(slots[0].board->magic, BOARD_MAGIC);
	ck_assert_uint_eq(slots[0].board->config.died_at, BOARD_NO_SCHEDULE);
	gather_fini(&gather);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("tool_gather");
	TCase *tcase = tcase_create("gather");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_least_schedule_speaks_for_a_finding_and_counts_add_up);
	tcase_add_test(tcase, the_order_of_boards_does_not_matter);
	tcase_add_test(tcase, distinct_schedules_are_counted_once_over_all_boards);
	tcase_add_test(tcase, sums_and_maxima_are_those_of_all_boards);
	tcase_add_test(tcase, the_bare_record_of_a_death_gives_way_to_the_engines_own);
	tcase_add_test(tcase, a_board_full_of_noise_is_survived);
	tcase_add_test(tcase, a_piece_outside_of_the_blob_is_no_piece);
	tcase_add_test(tcase, a_cleared_slot_is_as_new);
	suite_add_tcase(suite, tcase);
	return suite;
}
