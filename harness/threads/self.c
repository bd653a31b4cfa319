/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the board when the library is loaded; entries; what detectors must not look at. */
#include "threads/self.h"

#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/hash.h"
#include "base/str.h"
#include "base/sys.h"
#include "threads/order.h"
#include "threads/real.h"
#include "threads/watch.h"

#define LIBRARY "libjostle-perturb.so"

__thread struct self self __attribute__((tls_model("initial-exec")));
struct perturb_board *perturb_board;

struct perturb_thread *self_claim(uint64_t lineage, uint64_t routine, uint64_t create_site)
{
	const uint32_t index =
		__atomic_fetch_add(&perturb_board->thread_count, 1, __ATOMIC_RELAXED);
	struct perturb_thread *entry;

	if (index >= PERTURB_THREADS_MAX)
		return NULL;
	entry = &perturb_board->threads[index];
	entry->lineage = lineage;
	entry->routine = routine;
	entry->create_site = create_site;
	entry->creator = self.entry ? self.index : PERTURB_NO_ENTRY;
	return entry;
}

void self_begin(struct perturb_thread *entry, uint64_t lineage)
{
	watch_ignore(&self, sizeof(self));
	self.entry = entry;
	self.index = entry ? (uint32_t)(entry - perturb_board->threads) : PERTURB_NO_ENTRY;
	self.lineage = lineage;
	self.children = 0;
	choice_init(&self.choice, &perturb_board->config, lineage);
	order_begin(&self);
	self.known = true;
	if (!entry)
		return;
	entry->pid = (int32_t)sys_call0(SYS_getpid);
	entry->tid = (int32_t)sys_call0(SYS_gettid);
	entry->handle = (uint64_t)pthread_self();
	__atomic_store_n(&entry->state, PERTURB_RUNS, __ATOMIC_RELEASE);
	if (choice_is_idle(&perturb_board->config, lineage)) {
		const struct sched_param none = { 0 };

		sys_call3(SYS_sched_setscheduler, 0, SCHED_IDLE, (long)&none);
	}
}

void self_end(void)
{
	if (self.entry)
		__atomic_store_n(&self.entry->state, PERTURB_ENDED, __ATOMIC_RELEASE);
}

void self_meet(void)
{
	const uint64_t lineage = choice_child(0, perturb_board->thread_count);

	self_begin(self_claim(lineage, 0, 0), lineage);
}

void self_forked(uint64_t lineage)
{
	self.entry = NULL;
	self_begin(self_claim(lineage, 0, 0), lineage);
}

static void name_module(struct board_module *module, const char *given)
{
	long length;

	if (given && given[0]) {
		str_copy(module->path, sizeof(module->path), given);
		return;
	}
	length = sys_call4(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)module->path,
			   sizeof(module->path) - 1);
	module->path[length > 0 ? length : 0] = '\0';
}

static void find_range(const struct dl_phdr_info *info, uint64_t *start, uint64_t *end)
{
	*start = UINT64_MAX;
	*end = 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const uint64_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		const uint64_t to = from + info->dlpi_phdr[i].p_memsz;

		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		*start = from < *start ? from : *start;
		*end = to > *end ? to : *end;
	}
}

static int find_detector(struct dl_phdr_info *info, size_t size, void *context)
{
	uint64_t start, end;

	(void)size;
	(void)context;
	find_range(info, &start, &end);
	watch_module(info->dlpi_name ? info->dlpi_name : "", start, end);
	return 0;
}

static int add_module(struct dl_phdr_info *info, size_t size, void *context)
{
	struct perturb_board *board = context;
	struct board_module *module = &board->modules[board->module_count];
	const uint64_t own = (uint64_t)(uintptr_t)&add_module;

	(void)size;
	if (board->module_count == PERTURB_MODULES_MAX)
		return 1;
	module->base = info->dlpi_addr;
	find_range(info, &module->start, &module->end);
	if (module->start == UINT64_MAX)
		return 0;
	if (own >= module->start && own < module->end)
		str_copy(module->path, sizeof(module->path), LIBRARY);
	else
		name_module(module, info->dlpi_name);
	watch_module(module->path, module->start, module->end);
	board->module_count++;
	return 0;
}

/* Of a program that became another one; where nobody else has entries, the numbers begin anew. */
static void forget_threads(struct perturb_board *board, int32_t pid)
{
	static const struct perturb_thread unused;
	bool alone = true;

	for (uint32_t i = 0; i < PERTURB_THREADS_MAX; i++) {
		if (board->threads[i].pid == pid)
			board->threads[i].state = PERTURB_ENDED;
		else if (board->threads[i].state != PERTURB_UNUSED)
			alone = false;
	}
	for (uint32_t i = 0; alone && i < PERTURB_THREADS_MAX && i < board->thread_count; i++)
		board->threads[i] = unused;
	if (alone)
		board->thread_count = board->passed_count = 0;
}

/*
 * The process that found the board first is the program. When it executes another program
 * (Valgrind's launcher does), that one is: it has other modules, and the threads are gone. What
 * other processes execute has modules of its own, which the report does without.
 */
static void list_modules(struct perturb_board *board)
{
	const int32_t pid = (int32_t)sys_call0(SYS_getpid);
	int32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&board->main_pid, &nobody, pid, false, __ATOMIC_RELAXED,
					 __ATOMIC_RELAXED) &&
	    nobody != pid) {
		dl_iterate_phdr(find_detector, NULL);
		return;
	}
	forget_threads(board, pid);
	board->held = 0;
	board->module_count = 0;
	dl_iterate_phdr(add_module, board);
}

static void use_one_processor(const struct perturb_config *config)
{
	cpu_set_t allowed, one;
	unsigned wanted, at = 0;

	CPU_ZERO(&allowed);
	if (sys_call3(SYS_sched_getaffinity, 0, sizeof(allowed), (long)&allowed) < 0)
		return;
	wanted = (unsigned)(config->seed % (unsigned)CPU_COUNT(&allowed));
	while (!CPU_ISSET(at, &allowed) || wanted-- > 0)
		at++;
	CPU_ZERO(&one);
	CPU_SET(at, &one);
	sys_call3(SYS_sched_setaffinity, 0, sizeof(one), (long)&one);
}

static struct perturb_board *map_board(const char *path)
{
	const long fd = sys_call4(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CLOEXEC, 0);
	long memory;

	if (fd < 0)
		return NULL;
	memory = sys_call6(SYS_mmap, 0, sizeof(struct perturb_board), PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
	sys_call1(SYS_close, fd);
	return memory < 0 && memory > -4096 ? NULL : (struct perturb_board *)(uintptr_t)memory;
}

/* 101: the first priority that is not reserved, so before the program's own constructors. */
__attribute__((constructor(101))) static void begin(void)
{
	const char *path = getenv(PERTURB_ENV);
	struct perturb_board *board = path ? map_board(path) : NULL;
	struct timespec now = { 0, 0 };

	real_init();
	if (!board || board->magic != PERTURB_MAGIC || board->size != sizeof(*board))
		return;
	watch_ignore(board, sizeof(*board));
	list_modules(board);
	if (watch_is_watched())
		board->below_detector = 1;
	if (board->config.strategy != PERTURB_NATIVE)
		sys_call5(SYS_prctl, PR_SET_TIMERSLACK, 1000, 0, 0, 0);
	if (board->config.strategy == PERTURB_CORE)
		use_one_processor(&board->config);
	sys_call2(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now);
	board->started_ns = (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
	perturb_board = board;
	self_meet();
}
