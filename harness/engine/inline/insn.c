/* SPDX-License-Identifier: Apache-2.0 */
/* Lengths of x86-64 instructions; see insn.h. */
#include "engine/inline/insn.h"

#include <string.h>

/* What follows an opcode. */
enum follows {
	N = 0, /* nothing */
	M = 1, /* ModRM, and what it says */
	B = 2, /* one byte */
	Z = 4, /* four bytes, two with an operand-size prefix */
	MB = 1 | 2,
	MZ = 1 | 4,
	D = 8,  /* four bytes, whatever the prefixes */
	W = 16, /* two bytes */
	X = 32, /* no instruction, or a prefix, an escape, or one that is looked at by itself */
};

static const uint8_t one_byte[256] = {
	/*         0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f */
	/* 00 */ M,  M,  M, M,  B, Z, X,  X,  M,     M,  M, M,  B, Z, X, X,
	/* 10 */ M,  M,  M, M,  B, Z, X,  X,  M,     M,  M, M,  B, Z, X, X,
	/* 20 */ M,  M,  M, M,  B, Z, X,  X,  M,     M,  M, M,  B, Z, X, X,
	/* 30 */ M,  M,  M, M,  B, Z, X,  X,  M,     M,  M, M,  B, Z, X, X,
	/* 40 */ X,  X,  X, X,  X, X, X,  X,  X,     X,  X, X,  X, X, X, X,
	/* 50 */ N,  N,  N, N,  N, N, N,  N,  N,     N,  N, N,  N, N, N, N,
	/* 60 */ X,  X,  X, M,  X, X, X,  X,  Z,     MZ, B, MB, N, N, N, N,
	/* 70 */ B,  B,  B, B,  B, B, B,  B,  B,     B,  B, B,  B, B, B, B,
	/* 80 */ MB, MZ, X, MB, M, M, M,  M,  M,     M,  M, M,  M, M, M, M,
	/* 90 */ N,  N,  N, N,  N, N, N,  N,  N,     N,  X, N,  N, N, N, N,
	/* a0 */ X,  X,  X, X,  N, N, N,  N,  B,     Z,  N, N,  N, N, N, N,
	/* b0 */ B,  B,  B, B,  B, B, B,  B,  X,     X,  X, X,  X, X, X, X,
	/* c0 */ MB, MB, W, N,  X, X, MB, MZ, W | B, N,  W, N,  N, B, X, N,
	/* d0 */ M,  M,  M, M,  X, X, X,  N,  M,     M,  M, M,  M, M, M, M,
	/* e0 */ B,  B,  B, B,  B, B, B,  B,  D,     D,  X, B,  N, N, N, N,
	/* f0 */ X,  N,  X, X,  N, N, X,  X,  N,     N,  N, N,  N, N, M, M,
};

/* Behind 0f; also the first map of VEX and EVEX, but for what has no ModRM there. */
static const uint8_t two_bytes[256] = {
	/*         0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f */
	/* 00 */ M,  M,  M,  M,  X,  N,  N,  N, N, N, X,  N, X,  M, N, X,
	/* 10 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* 20 */ M,  M,  M,  M,  X,  X,  X,  X, M, M, M,  M, M,  M, M, M,
	/* 30 */ N,  N,  N,  N,  N,  N,  X,  N, X, X, X,  X, X,  X, X, X,
	/* 40 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* 50 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* 60 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* 70 */ MB, MB, MB, MB, M,  M,  M,  N, M, M, X,  X, M,  M, M, M,
	/* 80 */ D,  D,  D,  D,  D,  D,  D,  D, D, D, D,  D, D,  D, D, D,
	/* 90 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* a0 */ N,  N,  N,  M,  MB, M,  X,  X, N, N, N,  M, MB, M, M, M,
	/* b0 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, MB, M, M,  M, M, M,
	/* c0 */ M,  M,  MB, M,  MB, MB, MB, M, N, N, N,  N, N,  N, N, N,
	/* d0 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* e0 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
	/* f0 */ M,  M,  M,  M,  M,  M,  M,  M, M, M, M,  M, M,  M, M, M,
};

enum { REX_W = 8 };

struct decoder {
	const uint8_t *code;
	size_t left, at;
	bool operand_size, lock, repeat;
	struct insn *insn;
};

static bool has(const struct decoder *d, size_t more)
{
	return d->at + more <= d->left && d->at + more <= INSN_MAX;
}

static void read_prefixes(struct decoder *d)
{
	for (; has(d, 1); d->at++) {
		switch (d->code[d->at]) {
		case 0x64:
		case 0x65:
			d->insn->segment = true;
			break;
		case 0x66:
			d->operand_size = true;
			break;
		case 0xf0:
			d->lock = true;
			break;
		case 0xf3:
			d->repeat = true;
			break;
		case 0xf2:
		case 0x67:
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
			break;
		default:
			return;
		}
	}
}

static bool read_modrm(struct decoder *d)
{
	uint8_t modrm, mode, base;

	if (!has(d, 1))
		return false;
	d->insn->modrm_at = (uint8_t)d->at;
	modrm = d->code[d->at++];
	mode = modrm >> 6;
	base = modrm & 7;
	if (mode == 3)
		return true;
	if (base == 4) {
		if (!has(d, 1))
			return false;
		base = d->code[d->at++] & 7;
	} else if (base == 5 && mode == 0) {
		d->insn->relative = true;
	}
	d->insn->disp_at = (uint8_t)d->at;
	d->at += mode == 1 ? 1 : mode == 2 || (mode == 0 && base == 5) ? 4 : 0;
	return has(d, 0);
}

static bool read_rest(struct decoder *d, unsigned follows)
{
	if ((follows & X) || ((follows & M) && !read_modrm(d)))
		return false;
	if (follows & B)
		d->at++;
	if (follows & W)
		d->at += 2;
	if (follows & Z)
		d->at += d->operand_size && !(d->insn->rex & REX_W) ? 2 : 4;
	if (follows & D)
		d->at += 4;
	return has(d, 0);
}

/* VEX and EVEX: the opcode's map is a field, and there are no more prefixes. */
static bool read_vector(struct decoder *d, unsigned map)
{
	uint8_t opcode;

	if (!has(d, 1))
		return false;
	d->insn->map = INSN_OTHER_MAP;
	opcode = d->code[d->at++];
	switch (map) {
	case 1:
		return read_rest(d,
				 two_bytes[opcode] == N && opcode != 0x77 ? X : two_bytes[opcode]);
	case 3:
		return read_rest(d, MB);
	case 2:
	case 5:
	case 6:
		return read_rest(d, M);
	default:
		return false;
	}
}

static unsigned first_of(const struct decoder *d)
{
	return has(d, 1) ? d->code[d->at] : 0;
}

/* Opcodes that the table does not describe. */
static bool read_other(struct decoder *d, uint8_t opcode)
{
	const unsigned next = first_of(d);
	const bool wide = d->insn->rex & REX_W;

	switch (opcode) {
	case 0xa0: /* the accumulator and an absolute address */
	case 0xa1:
	case 0xa2:
	case 0xa3:
		d->at += 8;
		return has(d, 0);
	case 0xf6: /* only the tests among them have a value */
	case 0xf7:
		return read_rest(d, (next >> 3 & 7) > 1 ? M : opcode == 0xf6 ? MB : MZ);
	case 0xc5:
		d->at++;
		return read_vector(d, 1);
	case 0xc4:
		d->at += 2;
		return read_vector(d, next & 0x1f);
	case 0x62:
		d->at += 3;
		return read_vector(d, next & 7);
	default:
		if (opcode < 0xb8 || opcode > 0xbf)
			return false;
		d->at += wide ? 8 : d->operand_size ? 2 : 4;
		return has(d, 0);
	}
}

static bool read_escaped(struct decoder *d)
{
	uint8_t opcode;

	if (!has(d, 1))
		return false;
	opcode = d->code[d->at++];
	d->insn->opcode = opcode;
	d->insn->map = INSN_TWO_BYTES;
	if (opcode != 0x38 && opcode != 0x3a)
		return read_rest(d, two_bytes[opcode]);
	d->insn->map = INSN_OTHER_MAP;
	d->at++;
	return has(d, 0) && read_rest(d, opcode == 0x38 ? M : MB);
}

/* What ModRM and its like take: without a SIB byte, which has to be looked at. */
static unsigned memory_length(const uint8_t *at)
{
	const uint8_t modrm = *at, mode = modrm >> 6, base = modrm & 7;
	const bool index = base == 4 && mode != 3;
	const bool absolute = mode == 0 && (index ? (at[1] & 7) == 5 : base == 5);

	return 1U + index + (mode == 1) + (mode == 2 || absolute ? 4U : 0U);
}

unsigned insn_quick_length(const uint8_t *code, bool *jumps)
{
	const uint8_t *at = code;
	unsigned follows;
	uint8_t opcode;

	at += (*at & 0xf0) == 0x40;
	opcode = *at++;
	if (opcode == 0x0f) {
		opcode = *at++;
		/* Longer maps, and what may be a fence or random. */
		if (opcode == 0x38 || opcode == 0x3a || opcode == 0xae || opcode == 0xc7)
			return 0;
		follows = two_bytes[opcode];
		*jumps = (opcode & 0xf0) == 0x80;
	} else {
		if (opcode == 0x86 || opcode == 0x87)
			return 0;
		follows = one_byte[opcode];
		*jumps = (opcode & 0xf0) == 0x70 || opcode == 0xeb || opcode == 0xe9;
	}
	if (follows & X)
		return 0;
	if (follows & M)
		at += memory_length(at);
	at += (follows & B ? 1 : 0) + (follows & W ? 2 : 0) + (follows & (Z | D) ? 4 : 0);
	return (unsigned)(at - code);
}

static uint8_t kind_of(const struct decoder *d, const uint8_t *opcode)
{
	const struct insn *insn = d->insn;
	const uint8_t modrm = insn->modrm_at ? d->code[insn->modrm_at] : 0;

	if (d->lock || ((*opcode == 0x86 || *opcode == 0x87) && modrm < 0xc0))
		return INSN_ATOMIC;
	if (*opcode == 0x90 && d->repeat && !(insn->rex & 1))
		return INSN_PAUSE;
	if (opcode[0] == 0x0f && opcode[1] == 0xae && modrm == 0xf0 && !d->repeat)
		return INSN_MFENCE;
	if (opcode[0] == 0x0f && opcode[1] == 0xc7 && modrm >= 0xc0)
		return (modrm >> 3 & 7) >= 6 ? INSN_CHANCE : INSN_OTHER;
	return INSN_OTHER;
}

bool insn_decode(const uint8_t *code, size_t left, struct insn *insn)
{
	struct decoder d = { .code = code, .left = left, .insn = insn };
	const uint8_t *opcode;
	bool known;

	memset(insn, 0, sizeof(*insn));
	read_prefixes(&d);
	if (has(&d, 1) && (code[d.at] & 0xf0) == 0x40)
		insn->rex = code[d.at++];
	if (!has(&d, 1))
		return false;
	opcode = &code[d.at++];
	insn->opcode = *opcode;
	if (*opcode == 0x0f)
		known = read_escaped(&d);
	else if (one_byte[*opcode] == X)
		known = read_other(&d, *opcode);
	else
		known = read_rest(&d, one_byte[*opcode]);
	if (!known)
		return false;
	insn->length = (uint8_t)d.at;
	insn->kind = kind_of(&d, opcode);
	return true;
}
