/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board of one perturbed run: the memory file that the command and libjostle-perturb.so share.
 * Configuration goes in; what each thread is about to do, outcomes and findings come out. The
 * program runs on real kernel threads, so the writers are many: a thread writes its own entry of
 * threads[] and nothing else there; entries of the other tables are claimed by an atomic counter
 * and filled before their ready word is set. The command reads while they write, and believes
 * nothing.
 *
 * The environment names the file by a path (/proc/PID/fd/N of the command), so that no descriptor
 * is given to the program, and what it executes in turn finds the board as well.
 */
#ifndef JOSTLE_RECORD_PERTURB_H
#define JOSTLE_RECORD_PERTURB_H

#include <stdint.h>

#include "event/finding.h"
#include "record/board.h"

#define PERTURB_ENV          "JOSTLE_PERTURB"
#define PERTURB_MAGIC        0x31424c4254524550ULL /* "PERTBLB1" */
#define PERTURB_THREADS_MAX  256
#define PERTURB_HOLDS_MAX    12
#define PERTURB_SIGNALS_MAX  4
#define PERTURB_FINDINGS_MAX 16
#define PERTURB_OUTCOMES_MAX 32
#define PERTURB_MODULES_MAX  128
#define PERTURB_NO_ENTRY     UINT32_MAX
#define PERTURB_PASSES_MAX   16384 /* of one run, in their order */

/* X(NAME, "name"): who decides where a run is held up. harness/threads/choice.c says how. */
#define PERTURB_STRATEGY_LIST(X)                                                      \
	X(NATIVE, "native") /* nothing is held up; the calls are only watched */      \
	X(RANDOM, "delays") /* at each point with some probability, for a while */    \
	X(POINT, "point")   /* long, at one to three points of the run */             \
	X(PCT, "pct")       /* threads have priorities, which change at d points */   \
	X(PLACE, "place")   /* whenever certain places are passed */                  \
	X(START, "start")   /* threads as they start, creators as they go on */       \
	X(CORE, "core")     /* all on one processor, which is given away at random */ \
	X(SLEEPS, "sleeps") /* at each point, of a constant mean: to compare with */

enum perturb_strategy {
#define X(name, text) PERTURB_##name,
	PERTURB_STRATEGY_LIST(X)
#undef X
		PERTURB_STRATEGY_COUNT
};

/* One run. */
struct perturb_config {
	uint64_t seed;      /* of this run alone */
	uint64_t delay_ns;  /* the longest that a thread is held up at one point */
	uint64_t budget_ns; /* and at all points together */
	uint32_t strategy;  /* enum perturb_strategy */
	uint32_t points;    /* that the busiest thread passes, as learned; 0: not known */
};

enum perturb_state {
	PERTURB_UNUSED,
	PERTURB_RUNS,
	PERTURB_WAITS, /* inside the call that op describes */
	PERTURB_DELAYED,
	PERTURB_ENDED
};

struct perturb_hold {
	uint64_t object, site;
	uint32_t family; /* enum op_family */
	uint32_t shared; /* a read lock */
};

/* A wake-up that found nobody waiting. */
struct perturb_signal {
	uint64_t object, site;
};

struct perturb_thread {
	uint32_t state; /* enum perturb_state */
	int32_t pid;
	int32_t tid;
	uint32_t creator; /* its entry, PERTURB_NO_ENTRY for a process's first thread */
	uint64_t lineage; /* who created it as which child: the same in each run */
	uint64_t points;  /* passed until now: the heartbeat */
	uint64_t handle;  /* pthread_t */
	uint64_t routine; /* where it started, 0 for main */
	uint64_t create_site;
	/* What it is doing while it waits, or did last. */
	uint64_t object, object2, site;
	uint16_t op; /* enum op_kind */
	uint16_t timed;
	uint32_t hold_count;
	uint32_t holds_lost;
	uint32_t signal_count; /* in all; the last ones are kept */
	uint64_t delayed_ns;
	struct perturb_hold holds[PERTURB_HOLDS_MAX];
	struct perturb_signal signals[PERTURB_SIGNALS_MAX];
	char name[16];
};

/* A point that a thread passed: it had been held up and went on. */
struct perturb_pass {
	uint32_t after_us; /* passed: 1 + since the run began, 0 not ready; guide: since the last */
	uint16_t thread;   /* passed: its entry; guide: index of lineages */
	uint16_t acquires; /* passed: 1 before a call that takes a lock or semaphore */
};

/* The order of an earlier run, to be gone through again. */
struct perturb_guide {
	uint32_t pass_count; /* 0: there is none */
	uint32_t lineage_count;
	uint32_t next;     /* whose turn it is; a futex */
	uint32_t left;     /* 1: this run cannot go that way */
	uint64_t moved_ns; /* CLOCK_MONOTONIC, when next was last changed */
	uint64_t lineages[PERTURB_THREADS_MAX];
	struct perturb_pass passes[PERTURB_PASSES_MAX];
};

struct perturb_finding {
	uint32_t ready;
	uint32_t entry; /* the thread's, PERTURB_NO_ENTRY when unknown */
	struct finding finding;
};

struct perturb_outcome {
	uint32_t ready;
	char text[124];
};

struct perturb_board {
	uint64_t magic;
	uint32_t size;    /* of this struct: command and library belong together */
	int32_t main_pid; /* the process that found it first */
	struct perturb_config config;
	uint32_t below_detector; /* the library runs below Valgrind or beside libtsan */
	uint32_t thread_count;   /* claimed entries; more than there are were lost */
	uint32_t finding_count;
	uint32_t outcome_count;
	uint32_t module_count;
	uint32_t checks_skipped; /* invariants that this level cannot check everywhere */
	uint64_t started_ns;     /* CLOCK_MONOTONIC when the program was loaded */
	uint64_t held;           /* locks that are held or wanted, and conditions waited for */
	struct perturb_thread threads[PERTURB_THREADS_MAX];
	struct perturb_finding findings[PERTURB_FINDINGS_MAX];
	struct perturb_outcome outcomes[PERTURB_OUTCOMES_MAX];
	struct board_module modules[PERTURB_MODULES_MAX];
	uint32_t passed_count; /* claimed; more than there are were not noted */
	struct perturb_pass passed[PERTURB_PASSES_MAX];
	struct perturb_guide guide;
};

#endif
