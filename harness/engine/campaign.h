/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The campaign's state, shared by its three files: campaign.c (between two schedules), group.c
 * (which schedule is next, and when results are committed) and campaign_fork.c (the fork reset).
 * One kernel thread; a fork child has its own copy and only reads it.
 */
#ifndef JOSTLE_ENGINE_CAMPAIGN_H
#define JOSTLE_ENGINE_CAMPAIGN_H

#include "engine/state.h"

struct campaign {
	uint64_t batch;
	uint64_t number;    /* schedule that runs now */
	uint64_t batch_end; /* first number that is not in this batch */
	bool careful;       /* scan after each schedule of this group */
	bool counted;       /* the batch goes to the board: not another worker's learning batch */
	bool verifying;     /* the schedule runs for the second time */
	bool first_run;     /* the schedule that ended was not a second run to compare */
	bool forks;         /* fork reset */
	bool child;         /* this process is one of its children */
	uint32_t batch_max; /* schedules between two scans; 1: always careful */
	uint32_t careful_left; /* groups to run carefully because a recent one had to be redone */
	uint64_t group_first;  /* first batch that is not committed yet */
	uint32_t group_count;  /* batches that ended since, this one not counted */
	uint64_t group_start_ns;
	struct schedule_result kept; /* of the first of two runs */
};

extern struct campaign campaign;

/* campaign.c */
_Noreturn void campaign_fallback(const char *why);
uint64_t campaign_seed(uint64_t number);
/* Leaves when the program wrote over the board: what else it wrote over, nobody knows. */
void campaign_check_board(void);
/* How many pages were written that are not restored yet; from now on they are. */
long campaign_scan(void);
/* Takes the result of the schedule that ended. False: the group has to start over. */
bool campaign_settle(void);
/* At least so many slots; everything the schedules did must have been taken back. */
void campaign_grow_pool(uint32_t wanted);

/* group.c */
/* The first group of this worker (first), or the one after the last; leaves when there is none. */
void group_next(bool first);
void group_redo(void);
/* The batch ran to its end, and memory is as at the start: goes on, or scans and commits. */
void group_finish_batch(void);
/* Leaves if the command asked for an end, with what can be committed of an unfinished batch. */
void group_stop_if_asked(void);
/* What is known of a schedule that kills its target, NULL: it is not known to. */
const struct board_death *campaign_death(uint64_t number);
void campaign_add_death(const struct board_death *death);

/* campaign_fork.c */
_Noreturn void fork_campaign(void);

#endif
