/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long an x86-64 instruction is, and as much of its meaning as finding atomic ones needs (Intel
 * 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2 and appendix A).
 * Pure.
 */
#ifndef JOSTLE_ENGINE_INSN_H
#define JOSTLE_ENGINE_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_MAX 15 /* bytes */

enum insn_kind {
	INSN_OTHER,
	INSN_ATOMIC, /* a lock prefix, or an exchange with memory, which needs none */
	INSN_PAUSE,
	INSN_MFENCE,
	INSN_CHANCE, /* rdrand, rdseed, and rdpid, which tells the processor */
};

enum insn_map { INSN_ONE_BYTE, INSN_TWO_BYTES, INSN_OTHER_MAP };

struct insn {
	uint8_t length;
	uint8_t kind;     /* enum insn_kind */
	uint8_t modrm_at; /* 0: it has none */
	uint8_t disp_at;  /* of the displacement, if any */
	uint8_t rex;      /* 0: none */
	uint8_t map;      /* enum insn_map */
	uint8_t opcode;
	bool segment;  /* its memory is relative to FS or GS */
	bool relative; /* its memory is relative to the next instruction, disp_at four bytes */
};

/*
 * The length of an instruction without prefixes but REX that is not atomic, of which 15 bytes can
 * be read; 0: insn_decode() has to tell. *jumps: it is a jump by a distance, of its last one or
 * four bytes.
 */
unsigned insn_quick_length(const uint8_t *code, bool *jumps);

/* False: none that begins there is known, or it is longer than what is left. */
bool insn_decode(const uint8_t *code, size_t left, struct insn *insn);

#endif
