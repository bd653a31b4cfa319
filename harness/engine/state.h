/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine's own state, shared by its files; nothing outside engine/ includes this.
 *
 * Guarded by there being one kernel thread: the program's fibers and the engine take turns on it.
 */
#ifndef JOSTLE_ENGINE_STATE_H
#define JOSTLE_ENGINE_STATE_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hidden.h"
#include "engine/engine.h"
#include "engine/fiber.h"
#include "event/event.h"
#include "record/board.h"
#include "record/defaults.h"
#include "sched/sched.h"

enum engine_phase {
	PHASE_EARLY,    /* constructors: scheduled first-ready, nothing recorded */
	PHASE_SCHEDULE, /* a schedule of the campaign runs */
	PHASE_SETTLING, /* between schedules */
	PHASE_FREE,     /* uncontrolled fork child or unsupervised process: as early, blocking calls
			   really block */
};

#define SCHEDULE_FINDINGS_MAX 16
#define SCHEDULE_POINTS_MAX   512
#define SCHEDULE_AGAIN_MAX    64

/* What one schedule came to. Lies in memory shared with fork children. */
struct schedule_result {
	uint64_t number;
	uint64_t seed;
	uint64_t event_hash;
	uint32_t steps;
	uint32_t threads;
	uint32_t finding_count;
	uint32_t ended;      /* the end was reached and the result is complete */
	uint32_t need_slots; /* the pool was too small: run again with more */
	uint32_t inexact;    /* timer preemptions or uncontrolled inputs took part */
	uint32_t preemptions;
	uint32_t exited;
	int32_t exit_status;
	uint64_t switches;
	uint32_t controlled;
	uint32_t forked;
	uint32_t kills; /* of --kill */
	char outcome[120];
	uint32_t points_known; /* learned places whose accesses were scheduling points: a prefix of
				  the board's */
	uint32_t point_count;
	uint32_t met;          /* steering: the accesses met */
	uint32_t older_loads;  /* that read an older value than the latest: weak.h */
	uint32_t steer_orders; /* bit 0: seen to race in the order of config.steer, 1: the other */
	uint64_t points[SCHEDULE_POINTS_MAX]; /* addresses of places that races made points of */
	uint32_t again_count;
	uint64_t again[SCHEDULE_AGAIN_MAX]; /* keys of findings that are on the board already */
	struct finding findings[SCHEDULE_FINDINGS_MAX];
};

/* Why the schedule is to end, asked by a fiber through fiber_step(). */
enum engine_request {
	REQUEST_NONE,
	REQUEST_END,
	REQUEST_EXIT,
	REQUEST_GROW,
	REQUEST_CHOSEN, /* the fiber was chosen, and has not been there to be continued */
	REQUEST_LEAVE,  /* its process ends */
};

#define CANCELLED_VALUE ((void *)-1) /* PTHREAD_CANCELED */

struct engine {
	struct board *board; /* NULL: unsupervised */
	enum engine_phase phase;
	enum engine_request request;
	bool replaying;
	bool forked_schedule; /* this process is a child of the fork reset */
	bool lingers;         /* this schedule: linger.h */
	bool atomics_deep;    /* this schedule: inline_atomics.h */
	bool lingers_any;     /* the same in any build: before waits, behind what makes threads */
	bool checks;          /* an invariant is registered: checks_run() after each step */
	uint32_t step_bound;
	uint32_t step_watch; /* from this step on each is looked at when it was performed */
	const struct sched_strategy *strategy;
	void *strategy_state;
	const struct sched_strategy *chooser; /* who answers in this schedule, see delegate */
	void *chooser_state;
	struct thread *performing; /* whose operation was performed last, or is being performed */
	/* To be drawn from directly (choice.h); NULL: the chooser must be asked. The second is of
	 * the short way of a step. */
	struct walk *walk, *short_walk;
	struct schedule_result *result;
	struct event_log *log;
	uint64_t hash;
	uint16_t *choices; /* on the board, so that they survive the process */
	uint32_t *values;
	uint32_t *choice_count;
	uint32_t *value_count;
	uint32_t clock_step; /* step before which the clock was chosen last: not twice in a row */
	uint32_t switches, switches_told; /* the latter so many when the command heard last */
	uint32_t threads_limit;
	int32_t outer_group; /* of processes, that the program was started in */
	uint32_t learned_steps;
	uint32_t learned_threads;
	uint32_t batch_steps_max; /* of the batch that was run last */
	uint32_t batch_threads_max;
};

/* The program that this process runs; another one after an exec. */
struct program {
	int (*main)(int, char **, char **);
	int argc;
	char **argv;
	char **envp;
	int board_fd;
};

extern HIDDEN struct engine engine;
extern struct program engine_program;
extern HIDDEN struct fiber engine_fibers[THREADS_MAX];

/* step.c */
extern const struct world_ops engine_world_ops;
/* After a change of what steps are looked at for: checks, replay, the step bound. */
void step_watch_next(void);

/* schedule.c: one schedule from begin to end */
void schedule_init(void);
void schedule_begin(uint64_t number, uint64_t seed);
/* Completes the result of the schedule that just ended (on the engine's stack). */
void schedule_finish(void);
/* The running schedule is over (engine.request says why; REQUEST_NONE: a verdict of the step loop).
 * Goes on with the next one, or ends the process when all is done. */
_Noreturn void schedule_end(void);

/* campaign.c */
_Noreturn void campaign_run(void);
struct fiber *campaign_next(void);
/* Ends this process for the command: state and, for refusals and fallbacks, a sentence. */
_Noreturn void campaign_leave(enum board_state state, const char *refusal);

/* result.c: the results of one or more batches until they are committed to the board */
#define BATCH_RESULTS_MAX 4096
void batch_begin(uint64_t batch);
void batch_add(const struct schedule_result *result);
/* The finding's place on the board, or -1. */
int batch_find_on_board(uint64_t key);
void batch_commit(void);
void batch_discard(void);

/* report.c */
void report_add(const struct finding *finding);
/* The parent of a process that ended asked how: that it aborted is a warning then, no error. */
void report_judged(process_id process);
/* The finding of this key, not yet told in this schedule: true when it is on the board, and will be
 * counted; else all of it must be told. */
bool report_again(uint64_t key);
void report_deadlock(void);
uint64_t report_place(uint64_t pc);
/* Equal for findings of one kind and cause with the same places in the same roles. */
uint64_t report_key(const struct finding *finding);
void report_modules(void);
/*
 * After an exec: lists what this program consists of. Its addresses may be those of others, so on
 * the board and in findings the number of the program, its image, stands above their 48 bits; 0 is
 * the one that was started.
 */
uint8_t report_image(void);
uint64_t report_address(uint64_t address, const struct thread *t);
struct finding_site report_site(const struct thread *t, enum site_role role);

/* dump.c: stacks for unwinding outside; only while replaying */
void dump_step(const struct thread *t, uint32_t step);
void dump_all(void);
/* The stack that begins with these registers; stack: an earlier copy to be replaced, or NULL. */
void dump_stack(const struct fiber *fiber, uint32_t step, const struct board_stack *registers,
		struct board_stack *stack);
/* That of a thread that is switched out. */
void dump_switched(const struct thread *t, uint32_t step, struct board_stack *stack);
/* The threads of this process alone. */
void dump_own(void);
/* t crashed: rip, rsp, rbp, rbx, r12, r13, r14, r15 as the signal found them. The process ends. */
void dump_crash(const struct thread *t, const uint64_t registers[8]);
struct board_piece board_write(const void *bytes, uint64_t size);

/* threads.c */
/* A detached thread that calls the function with the value: on the engine's stack. Ends the
 * schedule where there can be none. */
struct notified {
	void (*function)(union sigval);
	union sigval value;
	uint64_t signals_blocked;
	const pthread_attr_t *attributes; /* or NULL */
	void *site;                       /* where it was asked for */
};
struct fiber *thread_new_notified(struct thread *creator, const struct notified *);
void thread_prepare_main(void);
/* The same of a main that constructors ran in: its place alone, what it holds stays. */
void thread_place_main(void);
/* After an exec: main as a thread of the schedule that runs. */
struct fiber *thread_new_main(uint8_t image);
/* So many slots have threads when a schedule begins: those of constructors. */
void thread_slots_used(uint32_t count);
_Noreturn void thread_finish(void *value);
_Noreturn void thread_unwind(void *value);
struct fiber *thread_by_handle(uint64_t handle);
_Noreturn void engine_need_slots(uint32_t count);

/* checks.c: invariants; false: the schedule ends with a finding */
void checks_reset(void);
bool checks_run(struct thread *t, bool at_end);
void engine_outcome(const char *text);

/* takeover.c: the program's file, as a path; its length */
long engine_program_path(char *path, size_t size);

#endif
