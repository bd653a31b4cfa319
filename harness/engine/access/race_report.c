/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A race has two sides. The current one is here, with all that can be asked; the other is what a
 * cell remembers: thread, place, kind and bytes. Its stack comes from a replay, which copies it
 * when that thread makes that access (dump_access()).
 *
 * A race is the unordered pair of its places: the same two lines race in one finding, whichever
 * comes first and whichever element of an array they meet at.
 */
#include "engine/access/race_report.h"

#include <string.h>

#include "base/hash.h"
#include "base/map.h"
#include "engine/access/dump_access.h"
#include "engine/access/points.h"
#include "engine/access/steering.h"
#include "engine/heap/heap.h"
#include "engine/inline/inline_orders.h"
#include "engine/lifetime.h"
#include "engine/state.h"

#define PAIRS_MAX       256U /* remembered as told in this schedule; a power of two */
#define ALLOCATIONS_MAX (1U << 15)

/*
 * Pairs of places that raced before, in any schedule. Most schedules of a racy program show the
 * same ones: what is already on the board is only counted, once a schedule.
 */
struct pair {
	uintptr_t pc;
	uint32_t other_pc; /* low 32 bits, as in the cell */
	uint8_t cause;
	uint64_t key; /* 0: an empty entry */
	uintptr_t other;
	uint64_t run; /* the last one that showed it */
};
static struct pair pairs[PAIRS_MAX];
static uint64_t run; /* schedules that began, those that are run again counted again */

struct allocation {
	const void *site;
	size_t size;
	uint32_t step;
	thread_id thread;
};

static struct allocation allocations[ALLOCATIONS_MAX];
static uint64_t allocation_memory[(1U << 20) / sizeof(uint64_t) * 2];
static struct map allocation_map;

void race_report_begin(void)
{
	run++;
	if (!allocation_map.entries) {
		_Static_assert(sizeof(allocation_memory) >= ALLOCATIONS_MAX * 40,
			       "room for the map");
		map_init(&allocation_map, allocation_memory, ALLOCATIONS_MAX);
	}
	map_clear(&allocation_map);
}

void race_report_allocated(uintptr_t block, size_t size, const void *site)
{
	bool fresh;
	uint64_t *number = map_put(&allocation_map, block, &fresh);

	if (!number)
		return; /* the report then names the block without its origin */
	if (fresh)
		*number = allocation_map.count - 1;
	allocations[*number] = (struct allocation){
		.site = site,
		.size = size,
		.step = engine_world.step,
		.thread = engine_current->id,
	};
	if (engine.replaying)
		dump_access(engine_current, block, (uintptr_t)site);
}

bool access_allocation(uintptr_t block, struct finding_site *site)
{
	const uint64_t *number = map_get(&allocation_map, block);
	const struct allocation *a;

	if (!number)
		return false;
	a = &allocations[*number];
	*site = (struct finding_site){
		.role = SITE_ALLOCATED,
		.thread = a->thread,
		.pc = (uint64_t)(uintptr_t)a->site,
		.object = block,
		.size = (uint32_t)a->size,
		.step = a->step,
	};
	return true;
}

static bool site_is_known(const uint8_t *site)
{
	return site && *site != SITE_UNKNOWN;
}

static uint8_t op_of(bool write, bool atomic)
{
	if (atomic)
		return write ? OP_ATOMIC_STORE : OP_ATOMIC_LOAD;
	return write ? OP_WRITE : OP_READ;
}

static unsigned first_byte(uint8_t bytes)
{
	return bytes ? (unsigned)__builtin_ctz(bytes) : 0;
}

static struct finding_site here(uintptr_t address, size_t size, unsigned op, uintptr_t pc)
{
	return (struct finding_site){
		.role = SITE_ACCESS,
		.thread = engine_current->id,
		.op_kind = (uint8_t)op,
		.pc = pc,
		.object = address,
		.size = (uint32_t)size,
		.step = engine_world.step,
	};
}

static struct finding_site there(const struct race_conflict *c, uintptr_t address)
{
	const uintptr_t granule = address & ~(uintptr_t)(RACE_GRANULE - 1);

	return (struct finding_site){
		.role = SITE_ACCESS,
		.thread = c->thread,
		.op_kind = op_of(c->write, c->atomic),
		.pc = shadow_full_pc(c->pc, site_is_known),
		.object = granule + first_byte(c->bytes),
		.size = (uint32_t)__builtin_popcount(c->bytes),
		.step = engine_world.step,
	};
}

static void add_allocation(struct finding *f, uintptr_t address)
{
	struct heap_block block;

	if (heap_check_pointer((const void *)address, &block) != HEAP_FOREIGN && block.start &&
	    access_allocation((uintptr_t)block.start, &f->sites[f->site_count]))
		f->site_count++;
}

static inline struct pair *place_of(uintptr_t pc, uint32_t other_pc, uint8_t cause)
{
	const uint64_t hash = hash_mix((uint64_t)pc << 20 ^ other_pc ^ (uint64_t)cause << 60);

	return &pairs[hash & (PAIRS_MAX - 1)];
}

static inline bool is_of(const struct pair *pair, uintptr_t pc, uint32_t other_pc, uint8_t cause)
{
	return pair->pc == pc && pair->other_pc == other_pc && pair->cause == cause;
}

/* The entry of the pair, empty if it is a new one or took another's place. */
static struct pair *pair_of(uintptr_t pc, uint32_t other_pc, uint8_t cause)
{
	struct pair *pair = place_of(pc, other_pc, cause);

	if (!is_of(pair, pc, other_pc, cause))
		*pair = (struct pair){ .pc = pc, .other_pc = other_pc, .cause = cause };
	return pair;
}

static void report_freed(const struct race_conflict *c, uintptr_t address, unsigned size,
			 access_flags flags, uintptr_t pc)
{
	struct finding f = { .kind = FINDING_LIFETIME,
			     .cause = CAUSE_USE_AFTER_FREE,
			     .severity = SEVERITY_ERROR };
	struct heap_block block;

	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.address = address;
	f.sites[0] = here(address, size, op_of(flags & RACE_WRITE, flags & RACE_ATOMIC), pc);
	f.sites[0].role = SITE_AT;
	f.sites[1] = (struct finding_site){
		.role = SITE_FIRST,
		.thread = c->thread,
		.op_kind = OP_FREE,
		.object = address,
	};
	f.site_count = 1;
	if (heap_check_pointer((const void *)address, &block) != HEAP_FOREIGN)
		lifetime_add_free(&f, block.start);
	if (f.site_count == 1)
		f.site_count = 2;
	f.key = report_key(&f);
	add_allocation(&f, address);
	report_add(&f);
	dump_freeze(&f);
}

static enum finding_cause cause_of(const struct race_conflict *c, access_flags flags)
{
	if (c->atomic || (flags & RACE_ATOMIC))
		return CAUSE_ATOMIC_PLAIN;
	return c->write && (flags & RACE_WRITE) ? CAUSE_WRITE_WRITE : CAUSE_READ_WRITE;
}

/* The other side's place is a scheduling point, too; mostly it is one already. */
static inline void promote_other(const struct pair *pair)
{
	const uint8_t *site = pair->other ? shadow_site(pair->other) : NULL;

	if (site && *site != SITE_POINT && *site != SITE_PROMOTED)
		points_promote(pair->other);
}

/* The pair was told in this run: then only the other side's place may be new to it. */
static inline bool is_told(const struct race_conflict *c, uintptr_t pc, enum finding_cause cause)
{
	const struct pair *pair = place_of(pc, c->pc, (uint8_t)cause);

	if (pair->run != run || !is_of(pair, pc, c->pc, (uint8_t)cause) || steering ||
	    engine.replaying)
		return false;
	promote_other(pair);
	return true;
}

static void report_pair(const struct race_conflict *c, struct finding_site mine,
			enum finding_cause cause)
{
	struct pair *pair = pair_of(mine.pc, c->pc, (uint8_t)cause);
	struct finding f;

	if (steering)
		steering_raced(shadow_full_pc(c->pc, site_is_known), mine.pc);
	if (pair->key && !engine.replaying) {
		if (report_again(pair->key)) {
			pair->run = run;
			promote_other(pair);
			return;
		}
	}
	f = (struct finding){ .kind = FINDING_RACE, .severity = SEVERITY_ERROR };
	f.cause = (uint8_t)cause;
	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.address = mine.object;
	f.sites[0] = mine;
	f.sites[1] = there(c, mine.object);
	f.site_count = 2;
	f.key = report_key(&f); /* which the status has no part in */
	f.status = inline_orders_assembly[f.thread] && inline_orders_assembly[c->thread];
	add_allocation(&f, mine.object);
	report_add(&f);
	dump_freeze(&f);
	pair->key = f.key;
	pair->run = run;
	pair->other = f.sites[1].pc;
	if (f.sites[1].pc)
		points_promote(f.sites[1].pc);
}

static void promote_free(const struct race_conflict *c)
{
	const uintptr_t pc = shadow_full_pc(c->pc, site_is_known);

	if (pc)
		points_promote(pc);
}

bool race_report(const struct race_conflict *conflicts, unsigned count, uintptr_t address,
		 unsigned size, access_flags flags, uintptr_t pc)
{
	const unsigned op = op_of(flags & RACE_WRITE, flags & RACE_ATOMIC);
	const uint8_t *site = shadow_site(pc);
	enum finding_cause cause;
	bool raced = false;

	for (unsigned i = 0; i < count; i++) {
		if (conflicts[i].freed) {
			report_freed(&conflicts[i], address, size, flags, pc);
			promote_free(&conflicts[i]);
			continue;
		}
		cause = cause_of(&conflicts[i], flags);
		if (!is_told(&conflicts[i], pc, cause))
			report_pair(&conflicts[i], here(address, size, op, pc), cause);
		raced = true;
	}
	if (!raced || !site || *site == SITE_POINT || *site == SITE_PROMOTED)
		return false;
	points_promote(pc);
	return !(flags & RACE_ATOMIC); /* an atomic one was a point already */
}

void race_report_free(const struct race_conflict *conflicts, unsigned count, uintptr_t address,
		      uintptr_t pc)
{
	for (unsigned i = 0; i < count; i++)
		if (!conflicts[i].freed)
			report_pair(&conflicts[i], here(address, RACE_GRANULE, OP_FREE, pc),
				    CAUSE_ACCESS_FREE);
}

void race_report_dead_stack(const struct thread *dead, uintptr_t address, unsigned size,
			    access_flags flags, uintptr_t pc)
{
	struct finding f = { .kind = FINDING_LIFETIME,
			     .cause = dead->status == THREAD_FINISHED ? CAUSE_DEAD_STACK
								      : CAUSE_DEAD_FRAME,
			     .severity = SEVERITY_ERROR };

	f.thread = engine_current->id;
	f.step = engine_world.step;
	f.address = address;
	f.sites[0] = here(address, size, op_of(flags & RACE_WRITE, flags & RACE_ATOMIC), pc);
	f.sites[0].role = SITE_AT;
	f.sites[1] = report_site(dead, dead->status == THREAD_FINISHED ? SITE_ENDED : SITE_WAITS);
	f.sites[1].object = 0;
	f.sites[1].object2 = 0;
	f.site_count = 2;
	report_add(&f);
}
