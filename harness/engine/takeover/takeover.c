/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takeover: the library's constructor, and main.
 *
 * The constructor runs before any other (-z initfirst): it resolves libc's functions, makes thread
 * 0 and registers the handler that ends a schedule, so that this handler is the first registered
 * and the last to run. __libc_start_main then gets our main in place of the program's. In it libc
 * and all libraries are initialised, and the engine may call libc for the last time: module list,
 * pool of threads, unwinder. After sud_arm() nothing of the program reaches the kernel unseen.
 *
 * Without a board (the program was started by hand, or is a child that inherited the library) there
 * is no campaign: main runs as thread 0 of a free-running engine.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fmt.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/access/steering.h"
#include "engine/calls/system.h"
#include "engine/detectors.h"
#include "engine/heap/heap.h"
#include "engine/nasty.h"
#include "engine/output.h"
#include "engine/pool.h"
#include "engine/processes/exec.h"
#include "engine/processes/keys.h"
#include "engine/processes/orphan.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"
#include "engine/takeover/fini.h"
#include "engine/takeover/layout.h"
#include "engine/takeover/preload.h"
#include "engine/takeover/real.h"
#include "engine/thread.h"

#define BOARD_ADDRESS 0x190000000000L /* clear of heaps, stacks and shadow */

#define POOL_FIRST 9 /* main and eight threads; grows on demand */

/* Below the fork reset each slot is copied with each process, needed or not. */
static uint32_t first_slots(void)
{
	return engine.board->config.reset == RESET_FORK ? 1 : POOL_FIRST;
}

static struct event_log event_log SHARED_STATE;
static struct schedule_result result SHARED_STATE;
static uint8_t strategy_state[SCHED_STATE_MAX] SHARED_STATE __attribute__((aligned(64)));
static char process_name[THREAD_NAME_MAX];
static char program_path[BOARD_PATH_MAX];
static bool booted;
static char joins[64]; /* the value of EXEC_ENV: this program was become by a process */
struct program engine_program;

long engine_program_path(char *path, size_t size)
{
	return (long)fmt(path, size, "%s", program_path);
}

const char *engine_process_name(void)
{
	return process_name;
}

/* Is there unwritten output in a stdio stream? glibc lists its streams from _IO_list_all. */
extern struct _IO_FILE *_IO_list_all;

static bool output_pending(void)
{
	for (const struct _IO_FILE *f = _IO_list_all; f; f = f->_chain)
		if (f->_IO_write_ptr > f->_IO_write_base || f->_mode > 0)
			return true;
	return false;
}

/*
 * Runs as the last exit handler. What is left of exit() is to flush stdio and to enter the kernel:
 * when nothing is to be flushed the schedule ends here, which saves a trapped system call; else
 * exit() goes on and ends in exit_group.
 */
static void last_exit_handler(int status, void *argument)
{
	(void)argument;
	if (engine.phase == PHASE_SCHEDULE && !output_pending())
		engine_end_schedule(NULL, status & 0xff);
}

static void boot(void)
{
	struct fiber *f = &engine_fibers[0];

	if (booted)
		return;
	booted = true;
	real_init();
	fiber_init((getauxval(AT_HWCAP2) & 2) != 0);
	world_init(&engine_world, &engine_world_ops);
	system_timer_next = UINT64_MAX;
	f->fs = fiber_fs();
	f->mxcsr = 0x1f80;
	f->fpu_control = 0x37f;
	f->thread.handle = f->fs;
	f->thread.joiner = THREAD_NONE;
	f->thread.creator = THREAD_NONE;
	f->thread.ready_index = -1;
	f->thread.gate = &thread_gate_open;
	f->thread.op.deadline_ns = OP_NO_DEADLINE;
	f->stack_low = 0;
	f->stack_high = UINTPTR_MAX;
	world_add(&engine_world, &f->thread);
	engine.phase = PHASE_EARLY;
	engine.log = &event_log;
	on_exit(last_exit_handler, NULL);
}

__attribute__((constructor)) static void constructor(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	layout_fix(envp);
	boot();
}

/* The value of a variable in an environment block, or NULL. */
static const char *find_variable(char **envp, const char *name)
{
	const size_t length = strlen(name);

	for (; *envp; envp++)
		if (strncmp(*envp, name, length) == 0 && (*envp)[length] == '=')
			return *envp + length + 1;
	return NULL;
}

static struct board *map_board(int fd)
{
	struct stat info;
	long address;
	struct board *board;

	if (sys_call2(SYS_fstat, fd, (long)&info) != 0 || (size_t)info.st_size < BOARD_SIZE)
		return NULL;
	/* At one address in all processes. */
	address = sys_call6(SYS_mmap, BOARD_ADDRESS, BOARD_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_NORESERVE | MAP_FIXED_NOREPLACE, fd, 0);
	if (address < 0)
		return NULL;
	board = (struct board *)address;
	if (board->magic != BOARD_MAGIC || board->version != BOARD_VERSION) {
		sys_call2(SYS_munmap, address, BOARD_SIZE);
		return NULL;
	}
	return board;
}

/* A constructor may start programs. */
static bool is_target(const struct board *board)
{
	return !board->config.target || board->config.target == sys_getpid();
}

static void use_board(struct board *board)
{
	engine.board = board;
	engine.choices = board->choices;
	engine.values = board->values;
	engine.choice_count = &board->choice_count;
	engine.value_count = &board->value_count;
	engine.threads_limit =
		board->config.threads_limit ? board->config.threads_limit : DEFAULT_THREADS_LIMIT;
	engine.replaying = board->config.mode == MODE_REPLAY;
}

/* Keeps, for a schedule that killed the target before this one without telling, the decisions it
 * had made. */
static void adopt_death(void)
{
	struct board *b = engine.board;
	struct board_death_detail *detail;

	if (b->config.died_at == BOARD_NO_SCHEDULE || b->death_detail_count == BOARD_DEATHS_MAX)
		return;
	for (uint32_t i = 0; i < b->death_detail_count; i++)
		if (b->death_details[i].schedule == b->config.died_at)
			return;
	detail = &b->death_details[b->death_detail_count];
	memset(detail, 0, sizeof(*detail));
	detail->schedule = b->config.died_at;
	detail->choices = board_write(b->choices, b->choice_count * sizeof(b->choices[0]));
	detail->values = board_write(b->values, b->value_count * sizeof(b->values[0]));
	BOARD_STORE(b->death_detail_count, b->death_detail_count + 1);
}

void engine_died(const struct finding *finding)
{
	struct board *b = engine.board;

	if (b && engine.phase == PHASE_SCHEDULE) {
		struct schedule_result *r = engine.result;

		r->steps = engine_world.step;
		r->event_hash = engine.hash;
		steering_finish(r);
		report_add(finding);
		if (world_process != 0) { /* a crash like any other verdict: P0 goes on */
			if (engine.replaying)
				dump_own();
			processes.list[world_process].state = PROCESS_LOST;
			engine.request = REQUEST_END;
			baton_end();
		}
		if (engine.replaying) {
			b->status.replay_hash = engine.hash;
			b->status.replay_diverged = sched_replay_diverged(engine.strategy_state);
			batch_begin(r->number / BOARD_BATCH);
			batch_add(r);
			batch_commit();
			dump_all();
			processes_kill();
		} else if (r->finding_count && b->death_detail_count < BOARD_DEATHS_MAX &&
			   !engine.forked_schedule) {
			struct board_death_detail *detail =
				&b->death_details[b->death_detail_count];

			memset(detail, 0, sizeof(*detail));
			detail->schedule = r->number;
			detail->event_hash = r->event_hash;
			detail->steps = r->steps;
			detail->known = 1;
			detail->met = r->met;
			detail->finding = r->findings[r->finding_count - 1];
			detail->choices =
				board_write(b->choices, b->choice_count * sizeof(b->choices[0]));
			detail->values =
				board_write(b->values, b->value_count * sizeof(b->values[0]));
			BOARD_STORE(b->death_detail_count, b->death_detail_count + 1);
		}
		r->ended = 1;
		BOARD_STORE(b->status.state, STATE_DIED);
	}
	sys_call1(SYS_exit_group, BOARD_EXIT_DIED);
	__builtin_unreachable();
}

static _Noreturn void refuse(const char *why)
{
	campaign_leave(STATE_REFUSED, why);
}

/* Takes our variables out of the program's environment: what it starts shall not be under control
 * by accident. */
static void clean_environment(void)
{
	preload_restore_environment(engine_program.envp);
}

/*
 * What the kernel gave at random to this very process, and the program can see: the sixteen bytes
 * of AT_RANDOM and the stack protector's canary that was made of them. Threads copy the canary when
 * they are created, so this comes before the pool. The pointer guard must stay: exit handlers are
 * already registered with it.
 */
static void fix_random_bytes(void)
{
	unsigned char *bytes = (unsigned char *)getauxval(AT_RANDOM);

	if (bytes)
		for (unsigned i = 0; i < 16; i++)
			bytes[i] = (unsigned char)(0x6a + 29 * i);
#if defined(__x86_64__)
	__asm__ volatile("movq %0, %%fs:0x28" : : "r"(0x5f3a6b1c2d4e7000UL) : "memory");
#endif
}

static void name_program(void)
{
	long length;

	sys_call5(SYS_prctl, 16 /* PR_GET_NAME */, (long)process_name, 0, 0, 0);
	length = sys_call3(SYS_readlink, (long)"/proc/self/exe", (long)program_path,
			   sizeof(program_path) - 1);
	program_path[length > 0 ? length : 0] = '\0';
}

static int engine_main(int argc, char **argv, char **envp)
{
	int error;

	engine_program.argc = argc;
	engine_program.argv = argv;
	engine_program.envp = envp;
	clean_environment();
	if (!engine.board) {
		engine.phase = PHASE_FREE;
		return engine_program.main(argc, argv, envp);
	}
	if (joins[0]) {
		fix_random_bytes();
		pool_leave_rseq();
		name_program();
		exec_join(joins);
		engine.phase = PHASE_FREE;
		return engine_program.main(argc, argv, envp);
	}
	BOARD_STORE(engine.board->status.pid, (int32_t)sys_call0(SYS_getpid));
	engine.outer_group = (int32_t)sys_call0(SYS_getpgrp);
	engine.board->status.addresses_fixed = layout_was_fixed();
	BOARD_STORE(engine.board->status.state, STATE_TAKEOVER);
	name_program();
	fix_random_bytes();
	pool_leave_rseq();
	engine.result = &result;
	adopt_death();
	report_modules();
	real_load_unwinder();
	report_modules();
	fini_look();
	output_init();
	engine.strategy_state = strategy_state;
	engine.strategy = sched_open(engine.replaying ? "replay" : engine.board->config.strategy,
				     strategy_state);
	if (!engine.strategy)
		refuse("no such strategy");
	if (engine.board->config.with && !exec_addresses_stay())
		refuse("--with starts two programs at addresses that must be the same, and the "
		       "system refuses personality(2), which switches their randomisation off: "
		       "allow it, or a limited stack (ulimit -s) and unlimited address space "
		       "(ulimit -v), with which jostle fixes them itself");
	if (engine.replaying)
		sched_replay_load(
			strategy_state,
			(const thread_id *)(const void *)(engine.board->blob +
							  engine.board->config.choices.offset),
			(uint32_t)(engine.board->config.choices.size / sizeof(thread_id)),
			(const uint32_t *)(const void *)(engine.board->blob +
							 engine.board->config.values.offset),
			(uint32_t)(engine.board->config.values.size / sizeof(uint32_t)));
	detectors_init();
	nasty_init();
	if (pool_grow(engine_world.thread_count + first_slots()) != 0)
		refuse("not enough memory for the threads' stacks; see ulimit -v");
	real_tell_stack_end(pool_slot(0)->stack_high);
	if (access_init() != 0)
		refuse("not enough address space for the shadow memory of an instrumented program; "
		       "see ulimit -v");
	error = system_init();
	orphan_init();
	if (error == 0)
		error = system_take();
	if (error)
		refuse("the kernel does not let the program's system calls be seen (Syscall User "
		       "Dispatch, Linux 5.11)");
	schedule_init();
	keys_look();
	error = sud_arm();
	if (error)
		refuse("the kernel does not let the program's system calls be seen (Syscall User "
		       "Dispatch, Linux 5.11)");
	/* On a page of the process stack with the program's arguments nothing of ours may change
	 * any more: see regions.c. */
	fiber_engine(campaign_run);
}

INTERPOSE int __libc_start_main(int (*main_function)(int, char **, char **), int argc, char **argv,
				void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
				void *stack_end);

int __libc_start_main(int (*main_function)(int, char **, char **), int argc, char **argv,
		      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
		      void *stack_end)
{
	const char *number = find_variable(argv + argc + 1, BOARD_ENV);
	const char *process = find_variable(argv + argc + 1, EXEC_ENV);
	int fd = 0;

	boot();
	engine_program.main = main_function;
	for (const char *at = number; at && *at >= '0' && *at <= '9'; at++)
		fd = fd * 10 + (*at - '0');
	if (number) {
		struct board *board = map_board(fd);

		if (board && (process ? exec_is_meant(process) : is_target(board))) {
			use_board(board);
			engine_program.board_fd = fd;
			system_own_fd(fd);
			if (process)
				fmt(joins, sizeof(joins), "%s", process);
		}
	}
	return real.libc_start_main(engine_main, argc, argv, init, fini, fini_replace(rtld_fini),
				    stack_end);
}
