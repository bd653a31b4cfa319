/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inline/inline_chance.h"

#include <stdbool.h>
#include <string.h>

#include "base/insist.h"
#include "engine/calls/random.h"
#include "engine/inline/inline_operand.h"
#include "engine/inline/insn.h"

#if defined(__x86_64__)
/* Carry says that there was a number; the others of arithmetic are cleared. */
#define FLAG_CARRY       0x001
#define FLAGS_ARITHMETIC 0x8d5

enum { REX_B = 1, REX_W = 8 };

static bool has_prefix(const uint8_t *code, const struct insn *insn, uint8_t prefix)
{
	for (unsigned i = 0; i + 2 < insn->modrm_at; i++)
		if (code[i] == prefix)
			return true;
	return false;
}

static uint64_t number_of_size(uint64_t size)
{
	uint64_t number = 0;

	random_fill(&number, size);
	return number;
}

void inline_chance(const struct inline_site *site, greg_t *registers)
{
	uint8_t code[INSN_MAX] = { site->first };
	struct insn insn;
	greg_t *to;

	memcpy(code + 1, (const void *)(site->at + 1), site->length - 1U);
	insist(insn_decode(code, site->length, &insn) && insn.kind == INSN_CHANCE);
	to = &registers[inline_register((code[insn.modrm_at] & 7) | (insn.rex & REX_B ? 8 : 0))];
	registers[REG_RIP] = (greg_t)(site->at + site->length);
	if (has_prefix(code, &insn, 0xf3)) {
		*to = 0;
		return;
	}
	registers[REG_EFL] = (registers[REG_EFL] & ~FLAGS_ARITHMETIC) | FLAG_CARRY;
	if (insn.rex & REX_W)
		*to = (greg_t)number_of_size(8);
	else if (has_prefix(code, &insn, 0x66))
		*to = (*to & ~0xffffL) | (greg_t)number_of_size(2);
	else
		*to = (greg_t)number_of_size(4);
}
#endif
