/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/access/access.h"

#include "engine/access/dead_stack.h"
#include "engine/access/dump_access.h"
#include "engine/access/points.h"
#include "engine/access/race_report.h"
#include "engine/access/steering.h"
#include "engine/access/weak.h"
#include "engine/inline/inline_orders.h"
#include "engine/linger.h"
#include "engine/pool.h"
#include "engine/processes/keys.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "engine/state.h"
#include "engine/thread.h"

/* A loop of so many accesses without a write waits for somebody; an access that is a scheduling
 * point counts for several, so that a spinning thread with the highest priority makes few steps of
 * it. */
#define SPIN_WINDOW 256
#define POINT_COST  8
/* A thread that computes so long without a step lets the others go on. */
#define COMPUTE_MAX 50000

struct access_state access_state;
struct race access_race SHARED_STATE;
uint16_t access_ignores[THREADS_MAX] SHARED_STATE;
static bool stopped SHARED_STATE;
static bool is_shared;
bool access_instrumented;

/* Accesses since the present thread was switched to, as far as whole windows go. */
static uint32_t computed;
static uint32_t window_switches;
static uint32_t window_step;

int access_init(void)
{
	struct arena arena;
	int error;

	if (engine.board->config.ignore_accesses)
		access_instrumented = false;
	if (!access_instrumented)
		return 0;
	error = shadow_init(&arena);
	if (error)
		return error;
	if (!race_init(&access_race, &arena))
		return -12; /* ENOMEM */
	points_init();
	steering_init();
	engine.board->instrumented = 1;
	return 0;
}

int access_share(void)
{
	struct arena arena;
	int error;

	if (!access_instrumented || is_shared)
		return 0;
	error = shadow_share(&arena);
	if (error)
		return error;
	is_shared = race_init(&access_race, &arena);
	return is_shared ? 0 : -12; /* ENOMEM */
}

void access_stop(const char *note)
{
	if (!access_state.on)
		return;
	engine_note(note);
	stopped = true;
	access_state.on = 0;
	weak_stop();
}

void access_resumed(void)
{
	if (stopped)
		access_state.on = 0;
	if (access_state.on)
		access_refresh();
}

/* What threads of the parent did to what was copied is no business of the child's. */
void access_forked(void)
{
	if (!access_state.on)
		return;
	shadow_clear_own();
	weak_stop();
	access_refresh();
}

void access_begin(void)
{
	if (!access_instrumented || !access_race.owners)
		return;
	if (race_begin(&access_race))
		shadow_clear_all();
	points_begin();
	weak_begin();
	race_report_begin();
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		race_thread_begin(&access_race, (thread_id)i, i ? 0 : THREAD_NONE);
		access_ignores[i] = 0;
	}
	access_state.budget = SPIN_WINDOW - 1;
	access_state.wrote = 0;
	steering_begin();
	computed = 0;
	window_switches = 0;
	window_step = 0;
	access_refresh();
	stopped = false;
	access_state.on = 1;
}

/* Publishes the access; others may run before it. Nobody is asked when nobody else could. */
static void point(uintptr_t address, unsigned size, enum op_kind kind, uintptr_t pc)
{
	struct op *op;

	access_state.budget -= POINT_COST;
	if (engine_world.ready_count <= 1 && list_empty(&engine_world.timers))
		return;
	op = engine_publish(kind, (const void *)address, (void *)pc);
	op->args[0] = size;
	if (steering)
		steering_mark(op, pc);
	engine_step();
	if (steering && steering_marks(pc))
		steering_follow();
}

static enum op_kind kind_of(access_flags flags)
{
	return flags & RACE_WRITE ? OP_WRITE : OP_READ;
}

void access_special(uint8_t *site, uintptr_t address, unsigned size, access_flags flags,
		    uintptr_t pc)
{
	if (*site == SITE_UNKNOWN)
		*site = points_learned(pc) ? SITE_POINT : SITE_PLAIN;
	if (*site != SITE_PLAIN && !access_state.ignore)
		point(address, size, kind_of(flags), pc);
}

void access_budget_spent(uintptr_t address, uintptr_t pc)
{
	const bool alone = engine_world.ready_count <= 1 && list_empty(&engine_world.timers);
	const bool only_followed = steering && steering_followed(pc);
	const bool moved = engine.switches != window_switches;
	const bool wrote = access_state.wrote;

	if (only_followed)
		return;
	if (__builtin_expect(thread_is_cancelled(engine_current), 0)) {
		engine_publish(OP_TESTCANCEL, NULL, (void *)pc)->flags |= OP_CANCELLATION_POINT;
		engine_step();
	}
	access_state.budget = SPIN_WINDOW - 1;
	access_state.wrote = 0;
	window_switches = engine.switches;
	computed = moved ? 0 : computed + SPIN_WINDOW;
	if (moved || alone || (wrote && computed < COMPUTE_MAX))
		return;
	computed = 0;
	engine_publish(wrote ? OP_PREEMPT : OP_SPIN_READ, (const void *)address, (void *)pc);
	engine_step();
	window_switches = engine.switches;
}

static void compare(uintptr_t address, unsigned size, access_flags flags, uintptr_t pc)
{
	const uint32_t bytes = ((1u << size) - 1) << address % RACE_GRANULE;
	struct race_conflict conflicts[RACE_CELLS];
	const thread_id self = engine_current->id;
	race_cell *cells = shadow_cells(address);
	bool foreign;
	const struct thread *dead = dead_stack_owner(address, &foreign);
	unsigned count;

	if (__builtin_expect(inline_orders_pending[self], 0))
		inline_orders_back(self);
	/* In a replay, too: what is remembered decides which places become points. */
	if (__builtin_expect(cells && !dead, 1) &&
	    race_extend(&access_race, self, cells, access_state.epoch | bytes | flags,
			(uint32_t)pc))
		return;
	/* An atomic operation was done, and stood at a point before. */
	if (foreign && engine.lingers_any && !dead && !(flags & RACE_ATOMIC)) {
		linger_here((void *)pc);
		dead = dead_stack_owner(address, &foreign);
		cells = shadow_cells(address);
	}
	if (dead)
		race_report_dead_stack(dead, address, size, flags, pc);
	if (!cells) {
		engine_note(
			"the program uses more than 128 GiB-sized areas of addresses: accesses to "
			"the others are not compared");
		return;
	}
	count = race_access(&access_race, self, cells, bytes | flags, (uint32_t)pc, conflicts);
	access_refresh();
	if (__builtin_expect(count == 0, 1))
		return;
	if (!race_report(conflicts, count, address, size, flags, pc))
		return;
	/* The place is a scheduling point from here on: this very access, too. */
	point(address, size, kind_of(flags), pc);
	cells = shadow_cells(address);
	count = race_access(&access_race, self, cells, bytes | flags, (uint32_t)pc, conflicts);
	access_refresh();
	if (count)
		race_report(conflicts, count, address, size, flags, pc);
}

/* As a campaign does it, and what the report wants to know of it besides. */
static __attribute__((noinline)) void replay_compare(uintptr_t address, unsigned size,
						     access_flags flags, uintptr_t pc)
{
	const uint32_t bytes = ((1u << size) - 1) << address % RACE_GRANULE;
	const bool settled = dump_settle();
	const race_cell *cells = shadow_cells(address);
	unsigned wanted;

	if (settled && cells && race_remembers(cells, access_state.epoch, bytes, flags))
		return;
	wanted = dump_access(engine_current, address, pc);
	compare(address, size, flags, pc);
	dump_values(wanted, address, size, flags & RACE_WRITE);
}

void access_compare(uintptr_t address, unsigned size, access_flags flags, uintptr_t pc)
{
	if (access_state.ignore)
		return;
	if (__builtin_expect(engine.replaying, 0))
		replay_compare(address, size, flags, pc);
	else
		compare(address, size, flags, pc);
}

__attribute__((noinline)) void access_uncommon(uintptr_t address, unsigned size, access_flags flags,
					       uintptr_t pc)
{
	const race_cell *cells;
	uint8_t *site;
	uint32_t bytes;

	if (access_state.kill_writes) {
		access_state.budget = 0;
		if (flags & RACE_WRITE)
			kill_write(address, pc);
	} else if (access_state.budget < 0) {
		access_budget_spent(address, pc);
	}
	site = shadow_site(pc);
	if (site && *site != SITE_PLAIN)
		access_special(site, address, size, flags, pc);
	cells = shadow_cells(address);
	bytes = ((1u << size) - 1) << address % RACE_GRANULE;
	if (!cells || !race_remembers(cells, access_state.epoch, bytes, flags))
		access_compare(address, size, flags, pc);
}

void access_range(uintptr_t address, size_t size, access_flags flags, uintptr_t pc)
{
	const uintptr_t end = address + size;
	uint8_t *site;

	if (!access_state.on || size == 0)
		return;
	if (flags & RACE_WRITE)
		access_state.wrote = 1;
	if (access_state.kill_writes && (flags & RACE_WRITE))
		kill_write(address, pc);
	site = shadow_site(pc);
	if (site && *site != SITE_PLAIN)
		access_special(site, address, (unsigned)size, flags, pc);
	while (address < end) {
		const uintptr_t granule_end = (address | (RACE_GRANULE - 1)) + 1;
		const unsigned piece =
			(unsigned)((granule_end < end ? granule_end : end) - address);
		const uint32_t bytes = ((1u << piece) - 1) << address % RACE_GRANULE;
		const race_cell *cells = shadow_cells(address);

		if (!cells || !race_remembers(cells, access_state.epoch, bytes, flags))
			access_compare(address, piece, flags, pc);
		address += piece;
	}
}

void access_atomic(uintptr_t address, unsigned size, enum op_kind kind, uintptr_t pc)
{
	if (--access_state.budget < 0)
		access_budget_spent(address, pc);
	if (engine.replaying)
		dump_settle();
	if (!access_state.ignore)
		point(address, size, kind, pc);
}

void access_atomic_done(uintptr_t address, unsigned size, access_flags flags, bool changed,
			uintptr_t pc)
{
	uint8_t *site = shadow_site(pc);

	if (changed)
		access_state.wrote = 1;
	if (site && *site == SITE_UNKNOWN)
		*site = SITE_PLAIN;
	for (unsigned done = 0; done < size; done += RACE_GRANULE) {
		const unsigned piece = size < RACE_GRANULE ? size : RACE_GRANULE;

		if (address % RACE_GRANULE + piece > RACE_GRANULE)
			return; /* misaligned: no atomic that C knows */
		access_compare(address + done, piece, flags | RACE_ATOMIC, pc);
	}
}

void access_weak(void)
{
	access_state.weak_told = 1;
	engine_note("weak memory orders: where there are several processes, and beside fences, or "
		    "thousands of atomic instructions, of inline assembly or of code that is not "
		    "instrumented, loads read the latest store; what only their reordering shows "
		    "is not found");
}

void access_fence(uintptr_t pc)
{
	if (!access_state.ignore)
		point(0, 0, OP_FENCE, pc);
}

void access_ignore(bool begin)
{
	uint16_t *count = &access_ignores[engine_current->id];

	if (engine.replaying)
		dump_settle();
	if (begin)
		(*count)++;
	else if (*count > 0)
		(*count)--;
	access_refresh();
}

void access_allocated(uintptr_t address, size_t size, const void *site)
{
	shadow_clear(address, size);
	if (weak_pending.count != 0)
		weak_renewed(address, size);
	race_report_allocated(address, size, site);
}

/* So much of a freed block is marked: what is used after it was freed is its beginning, mostly. */
#define FREED_MAX 2048

void access_freed(uintptr_t address, size_t size, const void *site)
{
	const thread_id self = engine_current->id;
	struct race_conflict conflicts[RACE_CELLS];
	uintptr_t end = address + (size < FREED_MAX ? size : FREED_MAX);
	uint8_t *known;

	if (engine.replaying)
		dump_settle();
	if (access_state.ignore || access_race.blind)
		return;
	/* Where what was freed too early is used, the free is a point: the use may come first, too.
	 */
	known = shadow_site((uintptr_t)site);
	if (known && *known == SITE_UNKNOWN)
		*known = points_learned((uintptr_t)site) ? SITE_POINT : SITE_PLAIN;
	if (known && *known != SITE_PLAIN)
		point(address, (unsigned)size, OP_FREE, (uintptr_t)site);
	end = (end + RACE_GRANULE - 1) & ~(uintptr_t)(RACE_GRANULE - 1);
	for (; address < end; address += RACE_GRANULE) {
		race_cell *cells = shadow_cells(address);
		unsigned count;

		if (!cells)
			return;
		if (engine.replaying)
			dump_access(engine_current, address, (uintptr_t)site);
		count = race_access(&access_race, self, cells, RACE_BYTES | RACE_WRITE,
				    (uint32_t)(uintptr_t)site, conflicts);
		if (count)
			race_report_free(conflicts, count, address, (uintptr_t)site);
		race_freed(&access_race, self, cells, (uint32_t)(uintptr_t)site);
	}
	access_refresh();
}

void access_mapped(uintptr_t address, size_t size)
{
	shadow_clear(address, size);
}
