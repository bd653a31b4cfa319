/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board: the memory file that the command and one target process share. Configuration goes in,
 * progress and results come out. If the target dies, everything already on the board stays true.
 *
 * The command creates one board per worker (memfd, BOARD_SIZE, sparse), passes its descriptor
 * number in the environment variable JOSTLE_BOARD, and the engine maps it at takeover. One writer
 * per field: the command writes config before the start and the field stop later; the engine writes
 * the rest. Counters are written with release and read with acquire (BOARD_* macros).
 *
 * Schedules are numbered from 0. They are worked in batches of BOARD_BATCH; worker w of n takes
 * batches b with b % n == w. Batch 0 is the learning batch: every worker runs it first (only worker
 * 0 counts it), so that what is learned is equal at any -j. A batch is committed as a whole:
 * status.committed counts schedules of committed batches, findings appear with the commit.
 *
 * When a target dies in schedule k of batch b (status.schedule, status.batch), the command starts a
 * new target with config.first_batch = b, config.died_at = k and config.died_* describing the
 * death: the new target reruns b, records the crash instead of running k, and goes on.
 */
#ifndef JOSTLE_RECORD_BOARD_H
#define JOSTLE_RECORD_BOARD_H

#include <stdint.h>

#include "event/event.h"
#include "event/finding.h"

#define BOARD_ENV "JOSTLE_BOARD"
#define BOARD_ENV_BIND                                                                             \
	"JOSTLE_BIND_NOW" /* "1": LD_BIND_NOW was set by the command, the program shall not see it \
			   */
/* libgomp's threads spin for milliseconds before they wait, each time, and nobody runs beside them
 * here. It looks before main() does, so the command says how long. "1": the program shall not see
 * it. */
#define BOARD_ENV_SPIN "JOSTLE_SPIN"
#define GOMP_SPIN      "GOMP_SPINCOUNT"
#define GOMP_POLICY    "OMP_WAIT_POLICY" /* who says this has said how to wait */
/* Names of objects that a target makes in the machine's name spaces begin with this and its pid. */
#define NAMES_PREFIX      "jostle-"
#define BOARD_MAGIC       0x314452424c54534aULL /* "JSTLBRD1" */
#define BOARD_VERSION     7
#define BOARD_BATCH       64
#define BOARD_NO_SCHEDULE UINT64_MAX

#define BOARD_FINDINGS_MAX   256
#define BOARD_MODULES_MAX    256
#define BOARD_NOTES_MAX      64
#define BOARD_DUMP_STEPS_MAX 192
#define BOARD_STACKS_MAX     512
#define BOARD_DEATHS_MAX     64
#define BOARD_OUTCOMES_MAX   64
#define BOARD_OBJECTS_MAX    96
#define BOARD_PATH_MAX       512
#define BOARD_STEPS_MAX      (1U << 22)     /* decisions that one schedule can record */
#define BOARD_VALUES_MAX     (1U << 18)     /* seeded values that one schedule can record */
#define BOARD_BLOB_SIZE      (256ULL << 20) /* decisions, values, logs, stacks, texts; sparse */
#define BOARD_POINTS_MAX     8192           /* places whose accesses are scheduling points */
#define BOARD_ACCESSES_MAX   8              /* accesses whose stacks a replay copies */
#define BOARD_SEEN_SIZE      (1U << 22)     /* entries of the set of distinct schedules */

/* In board_stack.step: the stack of the last access that config.dump_accesses[n] names. */
#define BOARD_STEP_ACCESS(n) (UINT32_MAX - 1 - (uint32_t)(n))
/* The stack then of the thread that it lies on, when it is another one's. */
#define BOARD_STEP_OWNER(n) (BOARD_STEP_ACCESS(n) - BOARD_ACCESSES_MAX)

enum board_reset { RESET_AUTO, RESET_SNAPSHOT, RESET_FORK, RESET_EXEC };
enum board_mode {
	MODE_CAMPAIGN, /* explore */
	MODE_REPLAY,   /* one schedule from config.choices/values; full event log and stack dumps go
			  to the board */
};
enum board_state {
	STATE_NONE,     /* the library did not take over (yet) */
	STATE_TAKEOVER, /* in __libc_start_main */
	STATE_RUNNING,
	STATE_DONE,     /* every schedule of the configuration was run; the process exits 0 */
	STATE_STOPPED,  /* stopped early as config.stop asked */
	STATE_REFUSED,  /* cannot control: status.refusal says why; the process exits
			   BOARD_EXIT_REFUSED */
	STATE_FALLBACK, /* this reset mode is not safe here: status.refusal says why; start again
			   one level down */
	STATE_DIED,     /* a crash that the engine saw itself; findings and died fields are on the
			   board; process exits BOARD_EXIT_DIED */
};
#define BOARD_EXIT_REFUSED 113
/*
 * What the whole machine has once and cannot be had by each target for itself. A program that uses
 * any of it is run by one worker, since schedules of another one would see what it did.
 */
enum board_common {
	COMMON_NOTHING,
	COMMON_LOCKS,     /* of files: flock(2), fcntl(2) */
	COMMON_FILES,     /* written, or their names changed */
	COMMON_ADDRESSES, /* of sockets */
	COMMON_KEYS,      /* of System V objects */
};
#define BOARD_EXIT_DIED 114

/* How a schedule killed its target: as config.died_*. */
struct board_death {
	uint64_t schedule;
	int32_t signal;
	int32_t status;
	int32_t hang;
	int32_t unused;
};

/* An access to instrumented memory, for a replay to copy the stack of. */
struct board_access {
	uint64_t object; /* address of the first byte */
	uint64_t place;  /* of the access as module and offset, mixed: report_place() */
	uint32_t thread;
	uint32_t step; /* of the finding: later accesses do not count */
	uint32_t size; /* bytes; the value is that of an access of so many at that address */
	uint32_t unused;
};

/* A lock that a thread held, and where it took it. */
struct board_hold {
	uint64_t object;
	uint64_t site;
	uint32_t step;
	uint32_t op_kind; /* enum op_kind: what took it */
};
#define BOARD_HOLDS_MAX 24

/* What was so at the last access that a board_access names, besides the stack. */
struct board_seen {
	uint64_t value;      /* read or written, the low value_size bytes */
	uint32_t value_size; /* 0: not known */
	uint32_t known;      /* the access was made; if not the rest says nothing */
	uint32_t hold_count;
	uint32_t holds_lost; /* locks held that are not in holds */
	uint32_t step;       /* how many were performed before */
	uint32_t unused;
	struct board_hold holds[BOARD_HOLDS_MAX];
};

/* A piece of the blob. */
struct board_piece {
	uint64_t offset;
	uint64_t size; /* bytes */
};

struct board_config {
	uint64_t seed;
	uint64_t first_batch; /* first batch of this worker to run */
	uint64_t schedules;   /* the campaign's total; schedule numbers are below it; UINT64_MAX:
				 until stopped */
	uint32_t worker;
	uint32_t workers;
	uint32_t mode;         /* enum board_mode */
	uint32_t reset;        /* enum board_reset */
	uint32_t step_bound;   /* steps after which a schedule ends with livelock/step-bound; 0:
				  default */
	int32_t expect_exit;   /* exit status that is no finding; default 0 */
	uint32_t verify_every; /* run every n-th schedule twice and compare (auto); 0 never */
	uint32_t until_first;  /* 0: no; else end with the batch that commits a finding of severity
				  >= until_first - 1 */
	uint32_t spurious; /* opt-in nastiness, bits: 1 wake-ups, 2 EINTR, 4 short reads/writes, 8
			      EAGAIN, 16 allocation, 32 kills but of the first process, 64 of
			      that, too, 128 several a schedule */
	uint32_t threads_limit;   /* 0: default */
	uint32_t ignore_accesses; /* 1: run an instrumented program as if it were none */
	uint32_t sequential;      /* 1: each atomic load reads the latest store */
	uint32_t with;  /* 1: the program starts a server and its client (--with); its end is the
			   schedule's */
	int32_t target; /* the process that takes over, 0: not known. What it starts before its main
			   began has the same environment, and is none of the schedule's */
	uint32_t unused_target;
	uint64_t memory_limit; /* heap bytes; 0: default */
	/*
	 * RESET_EXEC, and finding again what left no decisions behind: run this one schedule, batch
	 * or not, with the learned values below, commit it and end. BOARD_NO_SCHEDULE: an ordinary
	 * campaign.
	 */
	uint64_t exec_schedule;
	uint32_t learned_steps_max; /* from status.learned_*, so that exec_schedule is what it was
				       in the campaign */
	uint32_t learned_threads_max;
	uint64_t died_at;    /* schedule that killed the previous target, or BOARD_NO_SCHEDULE */
	int32_t died_signal; /* its signal, 0: it exited by itself with died_status */
	int32_t died_status;
	int32_t died_hang; /* 1: the command killed it because it made no progress */
	/*
	 * All schedules that killed a target of this worker, died_at among them, ascending: whoever
	 * reruns a batch (or the learning batch) must step over each of them, not only over the
	 * last. The earlier ones are recorded again if they lie in a batch that is counted.
	 */
	uint32_t death_count;
	uint32_t unused_deaths;
	struct board_death deaths[BOARD_DEATHS_MAX];
	int32_t capture_out; /* descriptor of the file that receives the program's standard output
				(already dup2ed to 1) */
	int32_t capture_err;
	int32_t keep_output; /* descriptor of a folder that receives what each schedule wrote, as
				files NUMBER.out and NUMBER.err; 0: none */
	char strategy[64];
	char workdir[BOARD_PATH_MAX];      /* template folder, "" none */
	char workdir_copy[BOARD_PATH_MAX]; /* empty folder of the command's that each schedule's
					      copy is made in */
	/* MODE_REPLAY */
	uint64_t replay_schedule;   /* number to report */
	uint64_t replay_seed;       /* seed of that schedule, for whatever is not recorded */
	uint64_t replay_key;        /* of the finding that has room before others; 0: any */
	struct board_piece choices; /* uint16_t each */
	struct board_piece values;  /* uint32_t each */
	uint32_t dump_step_count;
	uint32_t dump_steps[BOARD_DUMP_STEPS_MAX]; /* dump the acting thread's stack when it
						      performs this step */
	uint32_t pause_at_end;                     /* replay --gdb: raise SIGTRAP at the finding */
	uint32_t dump_access_count;
	struct board_access dump_accesses[BOARD_ACCESSES_MAX];
	struct board_piece points; /* uint64_t each: places whose accesses were scheduling points */
	/* Strategy steer: the places of the two accesses. Only schedules in which they met are
	 * looked at for findings and outcomes. 0: no steering. */
	uint64_t steer[2];
};

struct board_module {
	uint64_t base; /* load bias */
	uint64_t start;
	uint64_t end;
	/* Its thread-local variables: so many bytes, so far below a thread's FS base; 0: none, or
	 * not at the same place in each thread. */
	uint64_t storage_size, storage_below;
	uint32_t build_id_size;
	uint8_t build_id[32];
	char path[BOARD_PATH_MAX];
};

/* A thread's registers and the live part of its stack, for unwinding outside. */
struct board_stack {
	uint16_t thread;
	uint16_t reserved;
	uint32_t step; /* of the operation it was performing, UINT32_MAX: at the end of the schedule
			*/
	uint64_t rip, rsp, rbp, rbx, r12, r13, r14, r15;
	uint64_t fs;   /* base of its thread-local storage */
	uint64_t site; /* of that operation, 0: not known */
	uint64_t base; /* address of the first byte in memory */
	struct board_piece bytes;
};

/* A finding as committed. */
struct board_finding {
	struct finding finding;
	uint64_t first_schedule;
	uint64_t seed;       /* of that schedule */
	uint64_t count;      /* schedules of this worker that showed it */
	uint64_t event_hash; /* of that schedule, as a replay must reproduce */
	uint32_t steps;
	uint32_t point_count; /* the first so many of board.points were scheduling points in it */
	struct board_piece choices;
	struct board_piece values;
	struct board_piece output; /* standard output and error of that schedule, interleaved in
				      order of writing, cut at 64 KiB */
	char strategy[32];         /* the one that made the schedule */
};

/* Where the second run of a schedule left the way of the first. */
struct board_difference {
	uint32_t known;
	uint32_t step;
	uint32_t happened; /* bit 0: the first run came to that step, bit 1: the second did */
	uint32_t unused;
	struct event first, second;
};

struct board_status {
	uint32_t state; /* enum board_state */
	uint32_t reset; /* the mode in use */
	int32_t pid;
	uint32_t slots; /* twice what a schedule lacked a slot for: programs that processes become
			   begin with as many */
	uint32_t addresses_fixed; /* by the library, since the command could not */
	/* The process that runs, and the number of its program (its image) above the 32 bits of its
	 * id: of several processes, and of a schedule that was forked, it is not pid. */
	uint64_t running;
	uint64_t schedule;   /* being run now, BOARD_NO_SCHEDULE between */
	uint64_t batch;      /* being run now */
	uint64_t steps;      /* heartbeat: steps performed in all */
	uint64_t committed;  /* schedules of committed batches (without worker > 0's learning batch)
			      */
	uint64_t distinct;   /* distinct event hashes among them */
	uint64_t last_new;   /* schedule number of the last new one */
	uint64_t event_hash; /* sum over schedules of hash_mix(hash ^ hash_mix(number)), mod 2^64:
				the same at any -j */
	uint64_t scheduled_points;
	uint64_t switches;
	uint64_t verified; /* schedules run twice with equal hash */
	uint64_t mismatched;
	struct board_difference difference; /* of the one that mismatched */
	uint64_t batches_redone;            /* thrown away because a new page was dirtied */
	uint64_t preemptions;               /* by timer: inexact */
	uint64_t kills;                     /* of processes, by --kill */
	uint64_t findings_lost;
	uint64_t pages_saved, pages_dirty;
	uint32_t threads_max;
	uint32_t steps_max;
	uint32_t finding_count;
	uint32_t module_count;
	uint32_t note_count;
	uint32_t stack_count;
	uint64_t replay_hash;     /* MODE_REPLAY: event hash of the replayed schedule */
	uint32_t replay_diverged; /* first diverging step, UINT32_MAX none */
	uint32_t controlled; /* threads created + synchronisation calls seen: 0 means nothing was
				controlled */
	uint32_t learned_steps_max; /* what the learning batch taught (struct sched_learned) */
	uint32_t learned_threads_max;
	uint32_t common; /* enum board_common: what schedules that run at the same time share */
	uint32_t unused_common;
	uint64_t blob_used; /* the command sets it behind config.choices and config.values before
			       the start; the engine goes on there */
	struct board_piece events; /* MODE_REPLAY: struct event each */
	char refusal[512];
	char snapshot_method[32];
	/* Strategy steer, in committed schedules: in how many the accesses met; in how many of
	 * these nothing but races and notes was found; in how many (met or not) the first of
	 * config.steer was seen to race as the earlier one, and in how many as the later. */
	uint64_t steer_met, steer_harmless, steer_orders[2];
	int32_t exit_status; /* MODE_REPLAY: how the program ended, when it exited */
	uint32_t exited;
};

/* What is known of a schedule that killed its target, for the target that comes after it. The
 * engine writes it. */
struct board_death_detail {
	uint64_t schedule;
	uint64_t event_hash; /* up to the death; 0: the process could not say */
	uint32_t steps;
	uint32_t known; /* finding is filled (the engine saw the fault itself) */
	uint32_t met;   /* as status.steer_met */
	uint32_t unused_met;
	struct finding finding;
	struct board_piece choices;
	struct board_piece values;
	struct board_piece output;
};

/* The note that is there when the program forked: the command looks for it. */
#define BOARD_NOTE_CHILDREN \
	"the program's child processes run uncontrolled: their interleavings are not explored"

/* What was not controlled or not seen, in words; each once. */
struct board_note {
	uint64_t count;
	char text[248];
};

/*
 * What the schedule that runs has made in the machine's name spaces, and the reset removes. When
 * the target was killed the command removes it. It is noted before it is made, so some may not be
 * there: a name that is "" means nothing.
 */
enum board_object_kind {
	/* Not what a program that writes over the board happens to write: the command would remove
	 * what is not ours. */
	OBJECT_PATH = 0x6a6f7301,
	OBJECT_QUEUE,
	OBJECT_MESSAGES,
	OBJECT_SEMAPHORES,
	OBJECT_SEGMENT
};
struct board_object {
	uint32_t kind; /* enum board_object_kind */
	int32_t id;    /* System V; -1: the one with the key, if that is not 0 */
	int32_t key;
	char name[256];
};

/* An observed outcome (jostle_outcome, .observe) and in how many counted schedules it was seen. */
struct board_outcome {
	uint64_t count;
	char text[120];
};

struct board {
	uint64_t magic;
	uint32_t version;
	uint32_t stop; /* command: end after the current schedule */
	struct board_config config;
	struct board_status status;
	struct board_module modules[BOARD_MODULES_MAX];
	struct board_note notes[BOARD_NOTES_MAX];
	struct board_stack stacks[BOARD_STACKS_MAX];
	struct board_seen seen_accesses[BOARD_ACCESSES_MAX]; /* as config.dump_accesses */
	struct board_finding findings[BOARD_FINDINGS_MAX];
	uint32_t outcome_count;
	uint32_t outcomes_lost;
	struct board_outcome outcomes[BOARD_OUTCOMES_MAX];
	uint32_t object_count;
	uint32_t unused_objects;
	struct board_object objects[BOARD_OBJECTS_MAX];
	uint32_t death_detail_count;
	uint32_t unused_details;
	struct board_death_detail death_details[BOARD_DEATHS_MAX];
	/*
	 * Places (module and offset, mixed) whose memory accesses are scheduling points, in the
	 * order in which they were learned: those that took part in a race in an earlier schedule
	 * of the learning batch. Only instrumented programs have any.
	 */
	uint32_t point_count;
	uint32_t instrumented; /* the program's own code calls __tsan_* */
	uint64_t points[BOARD_POINTS_MAX];
	/* The schedule being run: lets the command (and the next target on this board) see what a
	 * target did before it died. */
	uint32_t choice_count;
	uint32_t value_count;
	uint16_t choices[BOARD_STEPS_MAX];
	uint32_t values[BOARD_VALUES_MAX];
	uint64_t seen[BOARD_SEEN_SIZE]; /* open addressing by event hash, 0 empty (hash 0 is stored
					   as 1) */
	uint8_t blob[BOARD_BLOB_SIZE];
};

#define BOARD_SIZE                sizeof(struct board)
#define BOARD_LOAD(field)         __atomic_load_n(&(field), __ATOMIC_ACQUIRE)
#define BOARD_STORE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_RELEASE)

#endif
