/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A language for runs of the race detector without threads: who accesses which bytes of which
 * granule, and what orders it. A script is a row of a table with the number of racing pairs that it
 * must show.
 */
#ifndef JOSTLE_RACE_SCRIPT_H
#define JOSTLE_RACE_SCRIPT_H

#include "check_main.h"

#include "detect/race.h"

#define GRANULES 4

/* Bytes of a granule. */
#define WORD 0x0fu
#define LOW  0x01u
#define HIGH 0xf0u

enum { LOCK = 1000, FLAG = 2000 };

extern struct race *race;
extern race_cell cells[GRANULES][RACE_CELLS];
extern unsigned pairs; /* seen since the script began */
extern struct race_conflict last;

struct race_row {
	const char *name;
	void (*script)(void);
	unsigned pairs;
};
#define RACE_ROW(script, pairs)        \
	{                              \
#script, script, pairs \
	}

/* The fixture: thread 0 exists. */
void race_script_begin(void);
void race_script_end(void);
void race_script_run(const struct race_row *row);

/* access: RACE_BYTES, RACE_WRITE, RACE_ATOMIC; as the program would make it, fast path first. */
void access_at(thread_id t, unsigned granule, uint32_t access);
/* Of WORD in granule 0. */
void reads(thread_id t);
void writes(thread_id t);
void atomic_reads(thread_id t);
void atomic_writes(thread_id t);
void under_lock(thread_id t, void (*access)(thread_id));

void create(thread_id by, thread_id t);
/* Threads 1 and 2, created by 0. */
void two(void);

#endif
