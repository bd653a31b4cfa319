/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/inline/inline_operand.h"

#include <stddef.h>
#include <string.h>

#include "engine/inline/insn.h"

#if defined(__x86_64__)
extern const char inline_loaded[] __attribute__((visibility("hidden")));
__asm__(".pushsection .text\n"
	".type inline_load, @function\n"
	".hidden inline_load, inline_loaded\n"
	".globl inline_load, inline_loaded\n"
	"inline_load: mov (%rdi), %rax\n"
	"inline_loaded: ret\n"
	".size inline_load, . - inline_load\n"
	".popsection");

bool inline_load_answer(ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;

	if (r[REG_RIP] != (greg_t)(uintptr_t)inline_load)
		return false;
	r[REG_RIP] = (greg_t)(uintptr_t)inline_loaded;
	r[REG_RAX] = 0;
	return true;
}

unsigned inline_register(unsigned number)
{
	static const uint8_t order[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
					   REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
					   REG_R12, REG_R13, REG_R14, REG_R15 };

	return order[number];
}

static uint64_t register_of(const greg_t *r, unsigned number)
{
	return (uint64_t)r[inline_register(number)];
}

const void *inline_operand(const struct inline_site *site, const greg_t *r)
{
	struct insn insn;
	const uint8_t *code = site->copy;
	uint8_t modrm, base;
	uint64_t address = 0;
	int32_t displacement = 0;

	if (!insn_decode(code, INSN_MAX, &insn) || insn.segment || !insn.modrm_at)
		return NULL;
	modrm = code[insn.modrm_at];
	base = modrm & 7;
	if (modrm >> 6 == 1)
		displacement = (int8_t)code[insn.disp_at];
	else if (modrm >> 6 == 2 || insn.relative)
		memcpy(&displacement, code + insn.disp_at, sizeof(displacement));
	if (insn.relative) {
		address = (uint64_t)(uintptr_t)code + insn.length;
	} else if (base == 4) {
		const uint8_t sib = code[insn.modrm_at + 1];
		const unsigned index = (sib >> 3 & 7) | (insn.rex & 2) << 2;

		if ((sib & 7) == 5 && modrm >> 6 == 0)
			memcpy(&displacement, code + insn.disp_at, sizeof(displacement));
		else
			address = register_of(r, (sib & 7) | (insn.rex & 1) << 3);
		if (index != 4)
			address += register_of(r, index) << (sib >> 6);
	} else {
		address = register_of(r, base | (insn.rex & 1) << 3);
	}
	return (const void *)(uintptr_t)(address + (uint64_t)(int64_t)displacement);
}

/* Its size in bytes. */
static unsigned size_of(const uint8_t *code, const struct insn *insn)
{
	if (!(insn->opcode & 1))
		return 1;
	if (insn->rex & 8)
		return 8;
	for (unsigned i = 0; i + 1U < insn->modrm_at; i++)
		if (code[i] == 0x66)
			return 2;
	return 4;
}

uint64_t inline_operand_value(const void *operand, uint64_t mask)
{
	const unsigned offset = (uintptr_t)operand & 7;

	return inline_load((const void *)((uintptr_t)operand - offset)) >> 8 * offset & mask;
}

bool inline_operand_leaves(const struct inline_site *site, const greg_t *r, const void *operand,
			   uint64_t *mask, uint64_t *after)
{
	const uint8_t *code = site->copy;
	struct insn insn;
	unsigned size, number;
	uint64_t now;
	bool compares;

	if (!insn_decode(code, INSN_MAX, &insn) || !insn.modrm_at)
		return false;
	compares = insn.map == INSN_TWO_BYTES && (insn.opcode | 1) == 0xb1;
	if (!compares && (insn.map != INSN_ONE_BYTE || (insn.opcode | 1) != 0x87))
		return false;
	size = size_of(code, &insn);
	number = (code[insn.modrm_at] >> 3 & 7) | (insn.rex & 4) << 1;
	if (((uintptr_t)operand & 7) + size > 8 || (size == 1 && !insn.rex && number >= 4))
		return false; /* AH to BH, or not within eight bytes */
	*mask = size == 8 ? UINT64_MAX : (1ULL << 8 * size) - 1;
	*after = register_of(r, number) & *mask;
	now = inline_operand_value(operand, *mask);
	if (compares && now != (register_of(r, 0) & *mask))
		*after = now;
	return true;
}
#endif
