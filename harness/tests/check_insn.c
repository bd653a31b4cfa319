/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lengths and meanings of x86-64 instructions, each as an assembler writes it. No instruction is
 * decoded from fewer bytes than it has.
 */
#include "check_main.h"

#include "engine/inline/insn.h"

static const struct {
	uint8_t length, kind, code[15];
} known[] = {
	{ 1, INSN_OTHER, { 0xc3 } },
	{ 1, INSN_OTHER, { 0x90 } },
	{ 2, INSN_PAUSE, { 0xf3, 0x90 } },
	{ 3, INSN_OTHER, { 0xf3, 0x41, 0x90 } }, /* an exchange with r8, of one byte */
	{ 3, INSN_MFENCE, { 0x0f, 0xae, 0xf0 } },
	{ 3, INSN_OTHER, { 0x0f, 0xae, 0xe8 } },
	{ 4, INSN_OTHER, { 0xf3, 0x0f, 0x1e, 0xfa } },
	{ 3, INSN_OTHER, { 0x48, 0x89, 0xe5 } },
	{ 4, INSN_OTHER, { 0x48, 0x83, 0xec, 0x10 } },
	{ 7, INSN_OTHER, { 0x48, 0x8b, 0x05, 1, 2, 3, 4 } },
	{ 8, INSN_OTHER, { 0x48, 0x8b, 0x04, 0x25, 1, 2, 3, 4 } },
	{ 10, INSN_OTHER, { 0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8 } },
	{ 5, INSN_OTHER, { 0xb8, 1, 2, 3, 4 } },
	{ 4, INSN_OTHER, { 0x66, 0xb8, 1, 2 } },
	{ 10, INSN_OTHER, { 0x66, 0xc7, 0x84, 0x24, 1, 2, 3, 4, 5, 6 } },
	{ 10, INSN_OTHER, { 0xc7, 0x05, 1, 2, 3, 4, 5, 6, 7, 8 } },
	{ 2, INSN_OTHER, { 0x74, 0xfe } },
	{ 6, INSN_OTHER, { 0x0f, 0x85, 1, 2, 3, 4 } },
	{ 5, INSN_OTHER, { 0xe8, 1, 2, 3, 4 } },
	{ 3, INSN_OTHER, { 0xf6, 0xc0, 1 } },
	{ 2, INSN_OTHER, { 0xf7, 0xd8 } },
	{ 6, INSN_OTHER, { 0xf7, 0xc1, 1, 2, 3, 4 } },
	{ 9, INSN_OTHER, { 0xa1, 1, 2, 3, 4, 5, 6, 7, 8 } },
	{ 4, INSN_OTHER, { 0xc8, 1, 2, 3 } },
	{ 6, INSN_OTHER, { 0x66, 0x0f, 0x3a, 0x0f, 0xc1, 8 } },
	{ 5, INSN_OTHER, { 0x66, 0x0f, 0x38, 0x00, 0xc1 } },
	{ 3, INSN_OTHER, { 0xc5, 0xf8, 0x77 } },
	{ 5, INSN_OTHER, { 0xc5, 0xfd, 0x70, 0xc1, 1 } },
	{ 6, INSN_OTHER, { 0xc4, 0xe3, 0x7d, 0x39, 0xc1, 1 } },
	{ 5, INSN_OTHER, { 0xc4, 0xe2, 0x7d, 0x00, 0xc1 } },
	{ 7, INSN_OTHER, { 0x62, 0xf1, 0x7c, 0x48, 0x10, 0x45, 1 } },
	{ 7, INSN_OTHER, { 0x62, 0xf3, 0x7d, 0x48, 0x3a, 0xc1, 1 } },
	{ 3, INSN_ATOMIC, { 0xf0, 0xff, 0x00 } },
	{ 5, INSN_ATOMIC, { 0xf0, 0x48, 0x0f, 0xc1, 0x01 } },
	{ 9, INSN_ATOMIC, { 0xf0, 0x48, 0x0f, 0xb1, 0x0d, 1, 2, 3, 4 } },
	{ 5, INSN_ATOMIC, { 0xf0, 0x48, 0x0f, 0xc7, 0x0f } },
	{ 6, INSN_ATOMIC, { 0x66, 0xf0, 0x0f, 0xc1, 0x46, 2 } },
	{ 2, INSN_ATOMIC, { 0x87, 0x07 } },
	{ 3, INSN_CHANCE, { 0x0f, 0xc7, 0xf0 } },
	{ 4, INSN_CHANCE, { 0x49, 0x0f, 0xc7, 0xf9 } },
	{ 5, INSN_CHANCE, { 0x66, 0x41, 0x0f, 0xc7, 0xf1 } },
	{ 4, INSN_CHANCE, { 0xf3, 0x0f, 0xc7, 0xf8 } },
	{ 3, INSN_OTHER, { 0x0f, 0xc7, 0x0f } }, /* cmpxchg8b */
	{ 2, INSN_OTHER, { 0x87, 0xc7 } },       /* between registers */
	{ 4, INSN_ATOMIC, { 0x41, 0x86, 0x45, 1 } },
	{ 10, INSN_ATOMIC, { 0xf0, 0x64, 0x83, 0x04, 0x25, 1, 2, 3, 4, 5 } },
};

START_TEST(each_has_its_length_and_meaning)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct insn insn;

		ck_assert_msg(insn_decode(known[i].code, 15, &insn), "entry %zu", i);
		ck_assert_msg(insn.length == known[i].length, "entry %zu: %u", i, insn.length);
		ck_assert_msg(insn.kind == known[i].kind, "entry %zu", i);
	}
}
END_TEST

START_TEST(the_quick_way_says_the_same_or_nothing)
{
	unsigned told = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		bool jumps;
		const unsigned length = insn_quick_length(known[i].code, &jumps);

		if (length == 0)
			continue;
		told++;
		ck_assert_msg(length == known[i].length, "entry %zu: %u", i, length);
		ck_assert_msg(known[i].kind == INSN_OTHER, "entry %zu", i);
		ck_assert_msg(jumps == (known[i].code[0] == 0x74 ||
					(known[i].code[0] == 0x0f && known[i].code[1] == 0x85)),
			      "entry %zu", i);
	}
	ck_assert_uint_ge(told, 10);
}
END_TEST

START_TEST(none_reaches_beyond_its_bytes)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (size_t left = 0; left < known[i].length; left++) {
			struct insn insn;

			if (insn_decode(known[i].code, left, &insn))
				ck_assert_msg(insn.length <= left, "entry %zu, %zu left", i, left);
		}
}
END_TEST

START_TEST(what_is_no_instruction_is_refused)
{
	static const uint8_t codes[][15] = {
		{ 0x06 },
		{ 0x60 },
		{ 0x82, 0xc0, 1 },
		{ 0x9a },
		{ 0xea },
		{ 0xd6 },
		{ 0x0f, 0x04 },
		{ 0x0f, 0x3b },
		{ 0xc4, 0xff, 0x7d, 0, 0 },
		{ 0x62, 0xf0, 0, 0, 0 },
		{ 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
		  0x66, 0x66 },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct insn insn;

		ck_assert_msg(!insn_decode(codes[i], 15, &insn), "entry %zu", i);
	}
}
END_TEST

START_TEST(memory_is_told_by_its_form)
{
	static const uint8_t relative[] = { 0xf0, 0x48, 0x0f, 0xb1, 0x0d, 1, 2, 3, 4 };
	static const uint8_t indexed[] = { 0xf0, 0xff, 0x44, 0x91, 8 };
	static const uint8_t own[] = { 0xf0, 0x64, 0x83, 0x04, 0x25, 1, 2, 3, 4, 5 };
	struct insn insn;

	ck_assert(insn_decode(relative, sizeof(relative), &insn));
	ck_assert(insn.relative && !insn.segment && insn.modrm_at == 4 && insn.disp_at == 5);
	ck_assert_uint_eq(insn.rex, 0x48);
	ck_assert(insn_decode(indexed, sizeof(indexed), &insn));
	ck_assert(!insn.relative && insn.modrm_at == 2 && insn.disp_at == 4 && insn.length == 5);
	ck_assert(insn_decode(own, sizeof(own), &insn));
	ck_assert(insn.segment && insn.length == 10);
}
END_TEST

Suite *check_suite(void)
{
	Suite *suite = suite_create("insn");
	TCase *tcase = tcase_create("decoding");

	tcase_add_test(tcase, each_has_its_length_and_meaning);
	tcase_add_test(tcase, the_quick_way_says_the_same_or_nothing);
	tcase_add_test(tcase, none_reaches_beyond_its_bytes);
	tcase_add_test(tcase, what_is_no_instruction_is_refused);
	tcase_add_test(tcase, memory_is_told_by_its_form);
	suite_add_tcase(suite, tcase);
	return suite;
}
