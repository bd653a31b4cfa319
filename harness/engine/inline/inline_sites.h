/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a program's atomic instructions, pauses, random instructions and waiting loops stand. Of an
 * atomic instruction there is a copy from which it can run: its bytes, with an address relative to
 * the next instruction put right, and a jump back. Behind these another one, which ends in a hlt.
 */
#ifndef JOSTLE_ENGINE_INLINE_SITES_H
#define JOSTLE_ENGINE_INLINE_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/inline/insn.h"

#define INLINE_SITES_MAX  32768 /* Qt's core library alone has 8,000 */
#define INLINE_SITES_LEFT 256   /* of them, for what is random */

enum inline_kind {
	SITE_ATOMIC,
	SITE_PAUSE,
	SITE_CHANCE, /* inline_chance.h */
	SITE_SPIN,   /* the jump back of a loop that only looks: inline_spins.h */
};

/* Of a loop: 0 when it is left by its last jump alone and stores nothing. */
enum inline_leaving {
	STORES_BY_SP = 1 << 0, /* near where that points, on the stack */
	STORES_BY_BP = 1 << 1,
	LEFT_SOMEHOW = 1 << 2, /* by another jump, in a call, or it stores elsewhere */
};

/* Faults in a program; a breakpoint would be a debugger's. */
#define INLINE_HALT 0xf4
#define COPY_STOPS  32 /* bytes behind the other */

struct inline_site {
	uintptr_t at;
	uint8_t *copy; /* of an atomic instruction, else NULL; the one that stops: COPY_STOPS */
	uint16_t hits, waits, passes; /* in this schedule: of the user */
	uint8_t kind;                 /* enum inline_kind */
	uint8_t length;
	uint8_t first;   /* its first byte, where a hlt may stand now */
	bool notes;      /* SPIN_NOTES */
	bool seen;       /* inline assembly in code whose accesses are seen */
	uint8_t leaving; /* of a loop: enum inline_leaving */
};

extern struct inline_site inline_sites[INLINE_SITES_MAX]; /* by address */
extern uint32_t inline_site_count;
/* Whatever orders accesses in code that is not instrumented is among them: code could be looked at,
 * and no fence stands in it. */
extern bool inline_sites_are_all;
/* Atomic instructions of inline assembly in code whose accesses are seen are among them. */
extern bool inline_sites_are_seen;

/* Calls no libc; text_init() came before. False: code cannot be changed here, none is found. */
bool inline_sites_find(void);
/* Between these two their code can be written, and not run. */
void inline_sites_open(void);
void inline_sites_close(void);
/* The same of one. */
void inline_site_open(const struct inline_site *site);
void inline_site_close(const struct inline_site *site);

struct inline_site *inline_site_at(uintptr_t address);
/* Of which a copy runs at ip, or NULL. */
struct inline_site *inline_site_copied(uintptr_t ip);

#endif
