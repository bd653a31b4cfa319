/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data races by happens-before.
 *
 * Two accesses race when they touch a common byte, come from different threads, at least one
 * writes, not both are atomic, and neither happens before the other (C11 5.1.2.4p25).
 * Happens-before is kept with vector clocks; what was last accessed is kept beside each eight bytes
 * of memory as in FastTrack (Flanagan and Freund, PLDI 2009): an epoch instead of a clock, one
 * comparison in the common case.
 *
 * An *epoch* is a stretch of one thread between two of its releases. Epochs have numbers, counted
 * over all threads and all schedules: whatever has a number below that of the schedule's first is
 * stale, so a new schedule needs no clean memory. When the numbers run out (RACE_EPOCHS), whoever
 * owns the cells must clear them: race_begin() says so.
 *
 * Beside each *granule* of eight bytes lie RACE_CELLS *cells*. A cell is one remembered access:
 * which bytes, read or write, atomic or not, in which epoch, and from where. FastTrack keeps one
 * write and all reads; here four accesses of any kind share the place, since eight bytes are often
 * two variables. What is superseded is replaced: an access by all later ones of its own epoch that
 * cover it, anything that happens before a write by that write. If a fifth is needed the oldest is
 * forgotten, which may miss a race in this schedule and never invents one.
 *
 * Single-threaded: the caller serialises. No state but struct race and the cells.
 */
#ifndef JOSTLE_DETECT_RACE_H
#define JOSTLE_DETECT_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "detect/vclock.h"
#include "event/thread.h"

typedef uint64_t race_cell;

#define RACE_GRANULE 8u /* bytes */
#define RACE_CELLS   4u /* 32 bytes of cells for 8 of memory */

/* The low half of a cell: which bytes, how, and in which epoch. The high half: where, the low 32
 * bits of the return address. A cell of a living epoch with no bytes says that the memory was
 * freed. */
#define RACE_BYTES       0xffu
#define RACE_ATOMIC      0x100u
#define RACE_WRITE       0x200u
#define RACE_EPOCH_SHIFT 10
#define RACE_EPOCHS      (1u << (32 - RACE_EPOCH_SHIFT))

static inline uint32_t race_cell_epoch(race_cell cell)
{
	return (uint32_t)cell >> RACE_EPOCH_SHIFT;
}

/* Objects that were released to: locks, atomics, pipes. */
#define RACE_SYNCS_MAX (1u << 16)

struct race_sync {
	struct vclock clock; /* what acquiring it tells; of an atomic: its last release sequence */
	struct vclock readers; /* rwlock: what its readers released */
	uint64_t heads;        /* of an atomic: threads (modulo 64) that head a sequence in clock */
	thread_id writer;      /* rwlock: who holds it to write, THREAD_NONE */
};

struct race_thread {
	uint32_t epoch;
	bool accessed;  /* something was remembered in this epoch: a release must end it */
	bool published; /* or another must begin before something is: others learned of this one */
	struct vclock clock;
	struct vclock loaded; /* of relaxed loads: an acquire fence takes it in */
	struct vclock fenced; /* at the last release fence: relaxed stores give it away */
};

struct race {
	uint32_t base; /* first epoch of this schedule */
	uint32_t next;
	uint32_t thread_count;
	bool blind;         /* out of memory or epochs: nothing is concluded until race_begin() */
	uint64_t forgotten; /* accesses that had to give way to a fifth, of all schedules */
	uint64_t blinded;   /* schedules that ended blind */
	uint32_t sync_count;
	struct arena arena; /* clocks of this schedule */
	struct map index;   /* object to number in syncs */
	struct race_sync *syncs;
	thread_id *owners; /* by epoch */
	struct race_thread threads[THREADS_MAX];
};

/* The memory that race_init() takes out of @arena for good; the rest of it holds clocks. */
size_t race_memory(void);
/* False: @arena is too small. The race takes over @arena. */
bool race_init(struct race *race, const struct arena *arena);
/* A schedule begins. True: the epochs began anew, so every cell must be cleared now. */
bool race_begin(struct race *race);

/* The thread exists from here on; what its creator (THREAD_NONE: nobody) did so far happens before.
 */
void race_thread_begin(struct race *race, thread_id thread, thread_id creator);
/* All that @ended did happens before what @thread does next. */
void race_thread_join(struct race *race, thread_id thread, thread_id ended);

/*
 * Locks and all else that hands over: a release adds to what the object tells, an acquire takes it
 * in. A release as of a store replaces instead. Objects are numbers that the caller chooses,
 * addresses mostly.
 */
void race_acquire(struct race *race, thread_id thread, uint64_t object);
void race_release(struct race *race, thread_id thread, uint64_t object);
void race_release_store(struct race *race, thread_id thread, uint64_t object);
/* Nobody learns from it any more what was released so far (destroyed, or a round of a barrier
 * over). */
void race_forget(struct race *race, uint64_t object);

/* rwlock: a writer learns of writers and readers, a reader of writers alone. */
void race_write_locked(struct race *race, thread_id thread, uint64_t object);
void race_read_locked(struct race *race, thread_id thread, uint64_t object);
void race_rw_unlocked(struct race *race, thread_id thread, uint64_t object);

/*
 * Atomic operations in the order in which they are performed; @order as __ATOMIC_RELAXED and so on,
 * consume counts as acquire. Release sequences are those of C11 5.1.2.4p10: a relaxed store by a
 * thread that heads none of them ends them, a read-modify-write never does (C++20 is stricter; a
 * program that is right by C11 is not accused). Fences: 7.17.4.
 */
void race_atomic_load(struct race *race, thread_id thread, uint64_t object, int order);
/* A load of an earlier value, with what its release sequence told. */
void race_atomic_load_of(struct race *race, thread_id thread, const struct vclock *clock,
			 int order);
void race_atomic_store(struct race *race, thread_id thread, uint64_t object, int order);
void race_atomic_update(struct race *race, thread_id thread, uint64_t object, int order);
void race_fence(struct race *race, thread_id thread, int order);

/* The other side of a race, as its cell tells. */
struct race_conflict {
	uint32_t pc; /* low 32 bits */
	thread_id thread;
	bool write;
	bool atomic;
	bool freed;    /* the memory was freed there, whatever happens before what */
	uint8_t bytes; /* of the granule */
};

/*
 * Thread's access, @access being RACE_BYTES that it touches with RACE_WRITE and RACE_ATOMIC,
 * against the granule's cells; remembers it. Returns how many remembered accesses it races with.
 */
unsigned race_access(struct race *race, thread_id thread, race_cell *cells, uint32_t access,
		     uint32_t pc, struct race_conflict conflicts[RACE_CELLS]);

typedef uint32_t race_lanes __attribute__((vector_size(16)));
typedef uint32_t race_loaded __attribute__((vector_size(16), aligned(8), may_alias));

/* In all lanes; what is done to it is then done to all of them at once, not to the number before.
 */
static inline race_lanes race_spread(uint32_t number)
{
	race_lanes lanes = { number, number, number, number };

#ifdef __SSE2__
	__asm__("" : "+x"(lanes));
#endif
	return lanes;
}

/* Is any lane of the comparison true? */
static inline bool race_any(race_lanes found)
{
#ifdef __SSE2__
	typedef float signs __attribute__((vector_size(16)));

	return __builtin_ia32_movmskps((signs)found) != 0;
#else
	typedef uint64_t halves __attribute__((vector_size(16)));

	return (((halves)found)[0] | ((halves)found)[1]) != 0;
#endif
}

/* Is it remembered already, by itself or by one that covers it? @epoch at its place in a cell,
 * @flags RACE_WRITE and RACE_ATOMIC. All cells at once: which one it is cannot be guessed. */
static inline bool race_remembers(const race_cell *cells, uint32_t epoch, uint32_t bytes,
				  uint32_t flags)
{
	const race_lanes one = *(const race_loaded *)(const void *)cells;
	const race_lanes other = *(const race_loaded *)(const void *)(cells + 2);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	const race_lanes cell = __builtin_shufflevector(one, other, 0, 2, 4, 6);
#else
	const race_lanes cell = __builtin_shufflevector(one, other, 1, 3, 5, 7);
#endif
	/* Of the same epoch, with all that the access has; an atomic one covers no other kind. */
	const race_lanes wanted = race_spread(epoch | bytes | (flags & RACE_WRITE));
	const race_lanes looked = wanted | ~(RACE_BYTES | RACE_WRITE | (flags & RACE_ATOMIC));

	_Static_assert(RACE_CELLS == 4, "a lane for each");
	return race_any((race_lanes)((cell & looked) == wanted));
}

/*
 * Remembers an access where nobody else's is remembered: there is nothing to compare. Accesses of
 * one place and kind in one epoch are one cell, however many bytes they touch one by one. False: it
 * must be compared, and nothing was done. @access with the thread's epoch.
 */
static inline bool race_extend(struct race *race, thread_id thread, race_cell *cells,
			       uint32_t access, uint32_t pc)
{
	const race_cell wanted = (race_cell)pc << 32 | access;
	race_cell *place = NULL, *same = NULL;

	if (race->threads[thread].published || race->blind)
		return false;
	for (unsigned i = 0; i < RACE_CELLS; i++) {
		const uint32_t epoch = race_cell_epoch(cells[i]);

		if (epoch == access >> RACE_EPOCH_SHIFT) {
			if (((cells[i] ^ wanted) & ~(race_cell)RACE_BYTES) == 0)
				same = &cells[i];
			else if ((cells[i] & RACE_BYTES) == 0)
				return false; /* freed */
		} else if (epoch < race->base || epoch >= race->next) {
			place = &cells[i];
		} else {
			return false;
		}
	}
	if (same)
		*same |= access;
	else if (place)
		*place = wanted;
	else
		return false;
	race->threads[thread].accessed = true;
	return true;
}

static inline uint32_t race_epoch(const struct race *race, thread_id thread)
{
	return race->threads[thread].epoch;
}

/* The memory of these cells is freed by thread; the caller checked it as a write before. */
void race_freed(struct race *race, thread_id thread, race_cell *cells, uint32_t pc);

#endif
