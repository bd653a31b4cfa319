/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that only look; see inline_spins.h. */
#include "engine/inline/inline_spins.h"

#include <stddef.h>
#include <string.h>

#include "base/hash.h"
#include "engine/fiber.h"
#include "engine/state.h"
#include "engine/text_unwind.h"

#if defined(__x86_64__)
#define BODY_MAX     96  /* bytes of the loop */
#define FUNCTION_MAX 256 /* of what it calls */
#define CALLS_MAX    3   /* of each other */

enum { FLAG_C = 1 << 0, FLAG_P = 1 << 2, FLAG_Z = 1 << 6, FLAG_S = 1 << 7, FLAG_O = 1 << 11 };

enum { STACK_POINTER = 4, FRAME_POINTER = 5 };

/* What opcodes 80 to 83 do with a value, by their ModRM; also the opcodes of two operands, by bits
 * 3 to 5. */
enum { DOES_ADD, DOES_OR, DOES_AND = 4, DOES_SUB, DOES_XOR, DOES_CMP };

/* The registers that were loaded since the loop began: to change those counts nothing. */
typedef uint32_t loaded_set;

static bool is_jump(const struct insn *insn, bool *conditional)
{
	*conditional = insn->map == INSN_TWO_BYTES ? (insn->opcode & 0xf0) == 0x80
						   : (insn->opcode & 0xf0) == 0x70;
	if (insn->map == INSN_OTHER_MAP)
		return false;
	return *conditional ||
	       (insn->map == INSN_ONE_BYTE && (insn->opcode == 0xeb || insn->opcode == 0xe9));
}

/* Of a jump: the displacement are its last bytes. */
static uintptr_t target(uintptr_t at, unsigned length)
{
	const uintptr_t next = at + length;
	int32_t far;

	if (length == 2)
		return next + (uintptr_t)(intptr_t)(*(const int8_t *)(next - 1));
	memcpy(&far, (const void *)(next - sizeof(far)), sizeof(far));
	return next + (uintptr_t)(intptr_t)far;
}

static bool is_register(uint8_t modrm)
{
	return modrm >= 0xc0;
}

/* Memory of the stack by a constant distance, no index. */
static bool is_on_stack(const uint8_t *code, const struct insn *insn)
{
	const uint8_t modrm = code[insn->modrm_at], base = modrm & 7;

	if (insn->rex & 1)
		return false;
	if (base == STACK_POINTER)
		return code[insn->modrm_at + 1] == 0x24;
	return base == FRAME_POINTER && modrm >= 0x40;
}

static unsigned register_number(const uint8_t *code, const struct insn *insn)
{
	return (code[insn->modrm_at] >> 3 & 7) | (insn->rex & 4) << 1;
}

static unsigned operand_number(const uint8_t *code, const struct insn *insn)
{
	return (code[insn->modrm_at] & 7) | (insn->rex & 1) << 3;
}

static bool load(loaded_set *loaded, unsigned number)
{
	*loaded |= 1U << number;
	return true;
}

static bool has(loaded_set loaded, unsigned number)
{
	return loaded >> number & 1;
}

static bool two_byte_looks(const uint8_t *code, const struct insn *insn, loaded_set *loaded)
{
	switch (insn->opcode) {
	case 0x1e: /* no operation, and endbr64 */
	case 0x1f:
		return true;
	case 0xb6: /* loads with extension */
	case 0xb7:
	case 0xbe:
	case 0xbf:
		return load(loaded, register_number(code, insn));
	case 0xa3: /* tests of a bit */
		return true;
	case 0xba:
		return (code[insn->modrm_at] >> 3 & 7) == 4;
	case 0xae: /* fences */
		return is_register(code[insn->modrm_at]);
	default:
		/* One of two values by a condition: that counts nothing, whatever was there. */
		if ((insn->opcode & 0xf0) == 0x40)
			return true;
		/* set a byte by a condition */
		return (insn->opcode & 0xf0) == 0x90 && is_register(code[insn->modrm_at]) &&
		       load(loaded, operand_number(code, insn));
	}
}

/* Arithmetic of two operands: comparing is always looking, changing a register that was loaded,
 * too. */
static bool arithmetic_looks(const uint8_t *code, const struct insn *insn, loaded_set *loaded)
{
	const unsigned does = insn->opcode >> 3 & 7, form = insn->opcode & 7;
	unsigned destination = 0; /* the accumulator */

	if (does == DOES_CMP)
		return true;
	if (form < 2 && !is_register(code[insn->modrm_at]))
		return false;
	if (form < 2)
		destination = operand_number(code, insn);
	else if (form < 4)
		destination = register_number(code, insn);
	if (does == DOES_XOR && form < 4 &&
	    register_number(code, insn) == operand_number(code, insn))
		return load(loaded, destination);
	return does != 2 && does != 3 && has(*loaded, destination);
}

static bool value_looks(const uint8_t *code, const struct insn *insn, loaded_set loaded)
{
	const uint8_t modrm = code[insn->modrm_at];
	const unsigned does = modrm >> 3 & 7;

	return does == DOES_CMP || (does != 2 && does != 3 && is_register(modrm) &&
				    has(loaded, operand_number(code, insn)));
}

/* An address: of what the register did not hold before, or was loaded. */
static bool address_looks(const uint8_t *code, const struct insn *insn, loaded_set *loaded)
{
	const unsigned number = register_number(code, insn);

	if (!has(*loaded, number) &&
	    ((code[insn->modrm_at] & 7) == STACK_POINTER || operand_number(code, insn) == number))
		return false;
	return load(loaded, number);
}

/* Does the instruction change nothing that anybody else could see, and count nothing? */
static bool looks(const uint8_t *code, const struct insn *insn, loaded_set *loaded)
{
	const uint8_t modrm = insn->modrm_at ? code[insn->modrm_at] : 0;

	if (insn->kind != INSN_OTHER || insn->map == INSN_OTHER_MAP)
		return insn->kind == INSN_MFENCE;
	if (insn->map == INSN_TWO_BYTES)
		return two_byte_looks(code, insn, loaded);
	if (insn->opcode < 0x40)
		return arithmetic_looks(code, insn, loaded);
	switch (insn->opcode) {
	case 0x84: /* tests */
	case 0x85:
	case 0xa8:
	case 0xa9:
	case 0x90:
		return true;
	case 0x8a: /* loads */
	case 0x8b:
	case 0x63:
		return load(loaded, register_number(code, insn));
	case 0x88: /* to a register or the stack */
	case 0x89:
	case 0xc6:
	case 0xc7:
		if (is_register(modrm))
			return load(loaded, operand_number(code, insn));
		return is_on_stack(code, insn);
	case 0x80:
	case 0x81:
	case 0x83:
		return value_looks(code, insn, *loaded);
	case 0xf6: /* tests */
	case 0xf7:
		return (modrm >> 3 & 7) <= 1;
	case 0xc0: /* shifts */
	case 0xc1:
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return is_register(modrm) && has(*loaded, operand_number(code, insn));
	case 0x8d:
		return address_looks(code, insn, loaded);
	default:
		return insn->opcode >= 0xb8 && insn->opcode <= 0xbf &&
		       load(loaded, (insn->opcode & 7) | (insn->rex & 1) << 3);
	}
}

/* What a function does with its own frame. */
static bool keeps_frame(const uint8_t *code, const struct insn *insn)
{
	const uint8_t modrm = insn->modrm_at ? code[insn->modrm_at] : 0;

	if (insn->map != INSN_ONE_BYTE)
		return false;
	if (insn->opcode == 0x83 || insn->opcode == 0x81)
		return modrm == (0xc0 | DOES_SUB << 3 | STACK_POINTER) ||
		       modrm == (0xc0 | DOES_ADD << 3 | STACK_POINTER);
	return (insn->opcode & 0xf0) == 0x50 || insn->opcode == 0xc9;
}

static bool call_looks(uintptr_t at, const struct insn *insn, loaded_set *loaded, unsigned depth);

/* A function that only looks, such as an atomic load that is not inlined, to its first return. */
static bool function_looks(uintptr_t start, loaded_set *loaded, unsigned depth)
{
	struct insn insn;

	for (uintptr_t at = start; at < start + FUNCTION_MAX; at += insn.length) {
		const uint8_t *const code = (const uint8_t *)at;
		bool conditional;

		if (!insn_decode(code, INSN_MAX, &insn))
			return false;
		if (insn.map == INSN_ONE_BYTE && insn.opcode == 0xc3)
			return true;
		if (is_jump(&insn, &conditional)) {
			if (target(at, insn.length) <= at ||
			    target(at, insn.length) >= start + FUNCTION_MAX)
				return false;
		} else if (!looks(code, &insn, loaded) && !keeps_frame(code, &insn) &&
			   !call_looks(at, &insn, loaded, depth)) {
			return false;
		}
	}
	return false;
}

static bool call_looks(uintptr_t at, const struct insn *insn, loaded_set *loaded, unsigned depth)
{
	return depth > 0 && insn->map == INSN_ONE_BYTE && insn->opcode == 0xe8 &&
	       text_unwind_is_function(target(at, insn->length)) &&
	       function_looks(target(at, insn->length), loaded, depth - 1);
}

/* A register into memory that may be anybody's. */
static bool is_note(const struct insn *insn)
{
	return insn->kind == INSN_OTHER && insn->map == INSN_ONE_BYTE &&
	       (insn->opcode | 1) == 0x89 && !insn->segment;
}

/* Which registers it stores by on the stack (enum inline_leaving); far from them: LEFT_SOMEHOW. */
static uint8_t stores(const uint8_t *code, const struct insn *insn)
{
	const uint8_t modrm = insn->modrm_at ? code[insn->modrm_at] : 0xff;

	if (insn->map != INSN_ONE_BYTE || is_register(modrm) ||
	    ((insn->opcode & 0xfe) != 0x88 && (insn->opcode & 0xfe) != 0xc6))
		return 0;
	if (modrm >> 6 == 2)
		return LEFT_SOMEHOW;
	return (modrm & 7) == STACK_POINTER ? STORES_BY_SP : STORES_BY_BP;
}

enum inline_spin inline_spin_ends(uintptr_t start, uintptr_t at, const struct insn *insn,
				  uint8_t *leaving)
{
	enum inline_spin spin = SPIN_LOOKS;
	bool conditional, loads = false;
	loaded_set loaded = 0;
	uintptr_t begin;
	struct insn inner;

	*leaving = 0;
	if (!is_jump(insn, &conditional))
		return SPIN_NONE;
	begin = target(at, insn->length);
	/* Round and round until a signal ends it. */
	if (begin == at && !conditional)
		return SPIN_LOOKS;
	if (begin >= at || begin < start || at - begin > BODY_MAX)
		return SPIN_NONE;
	for (uintptr_t here = begin; here < at; here += inner.length) {
		const uint8_t *const code = (const uint8_t *)here;

		if (!insn_decode(code, at - here, &inner))
			return SPIN_NONE;
		/* Out of the loop, a part of it left out, or another round. */
		if (is_jump(&inner, &conditional)) {
			if (target(here, inner.length) < begin)
				return SPIN_NONE;
			if (target(here, inner.length) > at)
				*leaving |= LEFT_SOMEHOW;
			continue;
		}
		if (call_looks(here, &inner, &loaded, CALLS_MAX)) {
			loads = true;
			*leaving |= LEFT_SOMEHOW;
			continue;
		}
		*leaving |= stores(code, &inner);
		if (!looks(code, &inner, &loaded)) {
			if (!is_note(&inner))
				return SPIN_NONE;
			spin = SPIN_NOTES;
			*leaving |= LEFT_SOMEHOW;
		}
		loads |= inner.modrm_at && !is_register(code[inner.modrm_at]) &&
			 !(inner.map == INSN_TWO_BYTES && inner.opcode < 0x20) &&
			 !(inner.map == INSN_ONE_BYTE &&
			   ((inner.opcode & 0xfe) == 0x88 || (inner.opcode & 0xfe) == 0xc6 ||
			    inner.opcode == 0x8d));
	}
	return loads ? spin : SPIN_NONE;
}

static bool holds(unsigned condition, uint64_t flags)
{
	const bool less = !(flags & FLAG_S) != !(flags & FLAG_O);
	bool result = false;

	switch (condition >> 1) {
	case 0:
		result = flags & FLAG_O;
		break;
	case 1:
		result = flags & FLAG_C;
		break;
	case 2:
		result = flags & FLAG_Z;
		break;
	case 3:
		result = flags & (FLAG_C | FLAG_Z);
		break;
	case 4:
		result = flags & FLAG_S;
		break;
	case 5:
		result = flags & FLAG_P;
		break;
	case 6:
		result = less;
		break;
	default:
		result = less || (flags & FLAG_Z);
	}
	return result != (condition & 1);
}

bool inline_spin_jump(const struct inline_site *site, ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	const unsigned opcode =
		site->first == 0x0f ? *(const uint8_t *)(site->at + 1) : site->first;
	const bool conditional = opcode != 0xeb && opcode != 0xe9;
	const bool taken = !conditional || holds(opcode & 0xf, (uint64_t)r[REG_EFL]);

	r[REG_RIP] = (greg_t)(taken ? target(site->at, site->length) : site->at + site->length);
	return taken;
}

uint64_t inline_spin_state(const ucontext_t *uc)
{
	const greg_t *r = uc->uc_mcontext.gregs;
	uint64_t hash = HASH_START;

	for (int i = REG_R8; i <= REG_RSP; i++)
		hash = hash_fold(hash, (uint64_t)r[i]);
	return hash;
}

/* What is within a byte's displacement of the register, on the stack. */
static bool fold_near(uint64_t *hash, uintptr_t at)
{
	enum { BELOW = 128, ABOVE = 136 };
	const struct fiber *f = fiber_of(engine_current);

	if (at < f->stack_low || at >= f->stack_high)
		return false;
	at &= ~7UL;
	for (uintptr_t word = at - BELOW; word < at + ABOVE; word += 8)
		if (word >= f->stack_low && word < f->stack_high)
			*hash = hash_fold(*hash, *(const uint64_t *)word);
	return true;
}

uint64_t inline_spin_round(const struct inline_site *site, const ucontext_t *uc)
{
	const greg_t *r = uc->uc_mcontext.gregs;
	uint64_t hash = inline_spin_state(uc);

	if ((site->leaving & LEFT_SOMEHOW) ||
	    ((site->leaving & STORES_BY_SP) && !fold_near(&hash, (uintptr_t)r[REG_RSP])) ||
	    ((site->leaving & STORES_BY_BP) && !fold_near(&hash, (uintptr_t)r[REG_RBP])))
		return 0;
	return hash ? hash : 1;
}
#endif
