/* SPDX-License-Identifier: Apache-2.0 */
/* Traps at atomic instructions; see inline_atomics.h. */
#include "engine/inline/inline_atomics.h"

#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/access/weak.h"
#include "engine/calls/sud.h"
#include "engine/calls/system.h"
#include "engine/engine.h"
#include "engine/fault.h"
#include "engine/fiber.h"
#include "engine/alone.h"
#include "engine/inline/inline_chance.h"
#include "engine/inline/inline_operand.h"
#include "engine/inline/inline_orders.h"
#include "engine/inline/inline_sites.h"
#include "engine/inline/inline_spins.h"
#include "engine/linger.h"
#include "engine/processes/process.h"
#include "engine/state.h"

#if defined(__x86_64__)

/* What a schedule spends on traps. Who waits has time: that costs nothing. Where accesses are seen
 * what is left alone orders them unseen, so there it is more. */
enum spending { SPENDS_LITTLE, SPENDS_SEEING, SPENDS_DEEPLY };
static const struct {
	uint16_t hits; /* of one place */
	uint16_t traps;
} spent[] = {
	[SPENDS_LITTLE] = { 64, 1024 },
	[SPENDS_SEEING] = { 512, 4096 },
	[SPENDS_DEEPLY] = { 1024, 16384 },
};
#define WAITS_MAX    60000 /* of one place; the bound of steps ends who waits for ever */
#define ROUNDS_MAX   8     /* of a loop, one after the other, in which nobody waits */
#define ROUNDS_NOTED 32    /* of one that notes where it is */
#define PASSES_MAX   256   /* through a loop of which nobody has to go a second round */
#define PASSES_ALL   4096  /* of all places; then as few as rounds */

/* Who waits for a bounded number of rounds, and then sleeps, would never come to that: in one
 * schedule of HASTY so many pauses of a thread in a row are none, of so many in all. */
#define HASTY          8
#define HASTE_IN_A_ROW 64
#define HASTE_MAX      1024

static bool some_left_alone;
/* In this schedule: pauses that may still be none; the last of them in a row, and its length. */
static uint32_t haste, haste_row, haste_step;
static thread_id haste_thread;
/* In this schedule: traps of atomic instructions where nobody waits, and passes through loops. */
static uint32_t traps, passes;
/* What has to be taken back when the next schedule begins. */
static uint16_t touched[INLINE_SITES_MAX];
static uint32_t touched_count, threads_seen;
/* Each thread's last trap, and all that decides what comes of it. The same again is waiting. */
static struct {
	const struct inline_site *site;
	const void *operand;
	uint64_t state;
} last[THREADS_MAX];

/* The latest rounds of loops of a thread that did nothing else meanwhile: who looks at several
 * places in turn comes back to the same after some. */
#define LOOKS 4
static struct {
	const struct inline_site *site;
	uint64_t state;
} looked[THREADS_MAX][LOOKS];
static uint32_t looked_step[THREADS_MAX];

static void poke(const struct inline_site *site, uint8_t byte)
{
	*(volatile uint8_t *)site->at = byte;
}

/* Every trap in place, or only those of who waits or asks for chance, or none. */
static void set_all(bool atomics, bool others)
{
	inline_sites_open();
	for (uint32_t i = 0; i < inline_site_count; i++) {
		const struct inline_site *site = &inline_sites[i];
		const bool set = site->kind == SITE_ATOMIC ? atomics : others;

		poke(site, set ? INLINE_HALT : site->first);
	}
	inline_sites_close();
	some_left_alone = !atomics;
	if (!atomics)
		weak_stop();
}

/* For the rest of this schedule. */
static void leave_alone(const struct inline_site *site)
{
	inline_site_open(site);
	poke(site, site->first);
	inline_site_close(site);
	some_left_alone = true;
	if (site->kind == SITE_ATOMIC)
		weak_stop();
}

void inline_atomics_take(void)
{
	if (!inline_sites_find())
		engine_note("the system lets no code be changed: atomic instructions are no "
			    "scheduling points");
	_Static_assert(INLINE_SITES_MAX - INLINE_SITES_LEFT == 32512, "what the note says");
	if (inline_site_count + INLINE_SITES_LEFT >= INLINE_SITES_MAX)
		engine_note("more than 32512 atomic instructions: those of the last libraries are "
			    "no scheduling points");
	if (inline_site_count > 0)
		set_all(true, true);
}

void inline_atomics_begin(uint64_t seed)
{
	engine.atomics_deep = (seed >> 24) % INLINE_ATOMICS_DEEP == 0;
	haste = (seed >> 27) % HASTY == 0 ? HASTE_MAX : 0;
	haste_row = 0;
	if (inline_site_count == 0)
		return;
	memset(last, 0, threads_seen * sizeof(last[0]));
	memset(looked, 0, threads_seen * sizeof(looked[0]));
	for (uint32_t i = 0; i < touched_count; i++) {
		struct inline_site *site = &inline_sites[touched[i]];

		site->hits = site->waits = site->passes = 0;
	}
	traps = passes = touched_count = threads_seen = 0;
	inline_orders_begin();
	if (some_left_alone)
		set_all(true, true);
}

void inline_atomics_leave(void)
{
	if (inline_site_count > 0)
		set_all(false, false);
}

/* On the fiber's stack. Returning enters sud_restorer, and the program goes on. */
static void point(int signo, siginfo_t *info, void *context)
{
	const thread_id id = engine_current->id;

	(void)signo;
	(void)info;
	engine_publish(OP_INLINE_ATOMIC, last[id].operand,
		       (void *)(last[id].site->at + last[id].site->length));
	engine_step();
	inline_orders_atomic(id, last[id].site, context, last[id].operand);
}

/* In a schedule that lingers, when the instruction was performed. */
static void behind(int signo, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;

	(void)signo;
	(void)info;
	linger_here((void *)uc->uc_mcontext.gregs[REG_RIP]);
}

/* The same of who waits. */
static void yield(int signo, siginfo_t *info, void *context)
{
	const thread_id id = engine_current->id;
	const struct inline_site *site = last[id].site;

	(void)signo;
	(void)info;
	engine_publish(OP_YIELD, NULL, (void *)(site->at + site->length));
	engine_step();
	looked_step[id] = engine_world.step;
	inline_orders_waited(id);
	inline_orders_atomic(id, site, context, last[id].operand);
}

static bool looked_so(thread_id id, const struct inline_site *site, uint64_t state)
{
	bool found = false;

	if (looked_step[id] != engine_world.step)
		memset(looked[id], 0, sizeof(looked[id]));
	looked_step[id] = engine_world.step;
	for (unsigned i = 0; i < LOOKS; i++)
		found |= looked[id][i].site == site && looked[id][i].state == state;
	memmove(&looked[id][1], &looked[id][0], (LOOKS - 1) * sizeof(looked[id][0]));
	looked[id][0].site = site;
	looked[id][0].state = state;
	return found;
}

/* The thread comes by. Does it wait? A pause says so; else nothing has changed since it last did.
 */
static bool waits(const struct inline_site *site, const ucontext_t *uc)
{
	const thread_id id = engine_current->id;
	const void *at = NULL;
	uint64_t state = inline_spin_state(uc);
	bool same;

	if (site->kind == SITE_ATOMIC)
		at = inline_operand(site, uc->uc_mcontext.gregs);
	if (at)
		state = hash_fold(state, inline_load((const void *)((uintptr_t)at & ~7UL)));
	if (site->kind == SITE_SPIN)
		same = looked_so(id, site, state);
	else
		same = last[id].site == site && last[id].operand == at && last[id].state == state;
	if (id >= threads_seen)
		threads_seen = id + 1U;
	last[id].site = site;
	last[id].operand = at;
	last[id].state = state;
	return same || site->kind == SITE_PAUSE;
}

/* Of a loop that only looks: it may be one through which many come, and nobody ever waits. */
static void count_loop(struct inline_site *site, bool loops, bool waiting)
{
	if (waiting) {
		site->hits = site->passes = 0;
		if (++site->waits == WAITS_MAX)
			leave_alone(site);
	} else if (loops) {
		if (++site->hits == (site->notes ? ROUNDS_NOTED : ROUNDS_MAX))
			leave_alone(site);
	} else if (++site->passes >= (++passes < PASSES_ALL ? PASSES_MAX : ROUNDS_MAX)) {
		leave_alone(site);
	}
}

/* Nobody knows any more what orders the accesses that are seen. Of a library the report says so
 * beside the race; what inline assembly stands in has no name of its own. */
static void lose_orders(bool seen)
{
	if (seen)
		access_stop("races are not looked for once a schedule performs inline assembly's "
			    "atomic instructions by the thousand");
}

static void count(struct inline_site *site, bool loops, bool waiting)
{
	const enum spending spends = engine.atomics_deep ? SPENDS_DEEPLY
				     : access_state.on   ? SPENDS_SEEING
							 : SPENDS_LITTLE;

	if (!site->hits && !site->waits && !site->passes && touched_count < INLINE_SITES_MAX)
		touched[touched_count++] = (uint16_t)(site - inline_sites);
	if (site->kind == SITE_SPIN) {
		count_loop(site, loops, waiting);
	} else if (waiting) {
		if (++site->waits < WAITS_MAX)
			return;
		leave_alone(site);
		lose_orders(site->kind == SITE_ATOMIC && site->seen);
	} else if (++traps == spent[spends].traps) {
		set_all(false, true);
		lose_orders(inline_sites_are_seen);
	} else if (++site->hits == spent[spends].hits) {
		leave_alone(site);
		lose_orders(site->kind == SITE_ATOMIC && site->seen);
	}
}

/* May others have their turn here? */
static bool is_point(const ucontext_t *uc)
{
	return engine.phase == PHASE_SCHEDULE && !engine_aside() && !process_is_child &&
	       sud_armed() && !fiber_engine_has_stack((uintptr_t)uc->uc_mcontext.gregs[REG_RSP]);
}

static bool hastes(const struct inline_site *site)
{
	const thread_id id = engine_current->id;

	if (site->kind != SITE_PAUSE || haste == 0)
		return false;
	if (haste_thread != id || haste_step != engine_world.step)
		haste_row = 0;
	haste_thread = id;
	haste_step = engine_world.step;
	if (haste_row == HASTE_IN_A_ROW)
		return false;
	haste_row++;
	haste--;
	return true;
}

/* Goes on behind the instruction, or on its copy. False: a loop that has come to its end. */
static bool perform(const struct inline_site *site, ucontext_t *uc)
{
	greg_t *ip = &uc->uc_mcontext.gregs[REG_RIP];

	switch (site->kind) {
	case SITE_SPIN:
		return inline_spin_jump(site, uc);
	case SITE_PAUSE:
		*ip = (greg_t)(site->at + site->length);
		return true;
	default:
		*ip = (greg_t)(uintptr_t)site->copy;
		return true;
	}
}

/* The copy that stops was run: what follows is in the code. */
static bool stopped(ucontext_t *uc)
{
	greg_t *ip = &uc->uc_mcontext.gregs[REG_RIP];
	const struct inline_site *site = inline_site_copied((uintptr_t)*ip);

	if (!site || (uint8_t *)*ip != site->copy + COPY_STOPS + site->length)
		return false;
	*ip = (greg_t)(site->at + site->length);
	return true;
}

/* Nobody is left whom the loop could wait for. A pause in it says nothing. */
static bool is_endless(const struct inline_site *site, bool loops, const ucontext_t *uc)
{
	uint64_t round;

	if (site->kind == SITE_PAUSE)
		return false;
	round = loops && site->kind == SITE_SPIN ? inline_spin_round(site, uc) : 0;
	if (round)
		return alone_loops(site->at, round);
	alone_left();
	return false;
}

bool inline_atomics_answer(int signo, const siginfo_t *info, ucontext_t *uc)
{
	greg_t *r = uc->uc_mcontext.gregs;
	struct inline_site *site;
	bool loops, waiting;

	if (inline_load_answer(uc))
		return true;
	if (signo != SIGSEGV || info->si_code != SI_KERNEL || inline_site_count == 0)
		return false;
	site = inline_site_at((uintptr_t)r[REG_RIP]);
	if (!site && stopped(uc)) {
		if (is_point(uc))
			fault_continue(signo, info, uc, fault_stack_below(uc), behind);
		return true;
	}
	if (!site)
		return false;
	if (site->kind == SITE_CHANCE) {
		inline_chance(site, r);
		return true;
	}
	loops = perform(site, uc);
	if (site->kind == SITE_ATOMIC)
		weak_show_all();
	if (!is_point(uc) || hastes(site))
		return true;
	waiting = loops && waits(site, uc);
	count(site, loops, waiting);
	if (is_endless(site, loops, uc))
		alone_ends();
	if (waiting) {
		fault_continue(signo, info, uc, fault_stack_below(uc), yield);
	} else if (site->kind == SITE_ATOMIC) {
		if (engine.lingers)
			r[REG_RIP] += COPY_STOPS;
		fault_continue(signo, info, uc, fault_stack_below(uc), point);
	}
	return true;
}

uintptr_t inline_atomics_origin(uintptr_t ip)
{
	const struct inline_site *site = inline_site_copied(ip);

	if (!site)
		return ip;
	return site->at +
	       ((uint8_t *)ip == site->copy + COPY_STOPS + site->length ? site->length : 0);
}
#endif
