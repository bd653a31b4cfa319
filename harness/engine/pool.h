/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots: a stack and the thread-local storage for one fiber each.
 *
 * A slot's thread-local storage is that of a real pthread which noted its thread pointer and
 * stepped off to a futex that never wakes. Slots lie at fixed addresses, so stack addresses are
 * equal in every schedule and process. Slot 0 belongs to main and has the process's own
 * thread-local storage.
 *
 * glibc puts that storage at the top of the memory that it gets for a thread. Here that is not the
 * fiber's stack but a piece of its own below 4 GiB, where a segment of the local descriptor table
 * can begin. Loading the segment's selector sets the FS base as well as wrfsbase does, and a
 * processor goes on meanwhile: wrfsbase waits until all before it is done (Zen 5: 7 ns, and what
 * could have been done at the same time). Where the kernel refuses the segment, or the storage is
 * too large for its piece, wrfsbase it is.
 *
 * The pool only grows: between schedules, before a snapshot.
 */
#ifndef JOSTLE_ENGINE_POOL_H
#define JOSTLE_ENGINE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/thread.h"

#define POOL_BASE       0x200000000000UL
#define POOL_STRIDE     (16UL << 20)
#define POOL_TLS_BASE   0x78000000UL
#define POOL_TLS_STRIDE (64UL << 10)
#define POOL_STACK \
	(8UL << 20) /* what a thread gets that asked for nothing; as RLIMIT_STACK's usual value */

struct slot {
	uintptr_t low;   /* lowest mapped byte that is not guard */
	uintptr_t guard; /* start of the guard now in force; it is STACK_GUARD long, and ends where
			    the fiber's stack begins */
	uintptr_t stack_high; /* the fiber's first frame begins here */
	uintptr_t high;       /* end of the mapping */
	uintptr_t tls_low;    /* [tls_low, tls_high) is thread-local storage and glibc's descriptor:
				 [stack_high, high) if it lies there */
	uintptr_t tls_high;
	uint64_t fs;
	uint16_t segment; /* selector, 0: none */
	uint32_t index;
	uint32_t ready; /* futex: the parked thread has stepped off */
};

/* Makes slots until there are count. 0, or a negative errno (memory or thread limit). */
int pool_grow(uint32_t count);
uint32_t pool_size(void);
/* Keeps the kernel from writing into this thread's storage on which processor it runs: a page would
 * have to be restored for that alone, and the program could see it. */
void pool_leave_rseq(void);
/* Where libc keeps the list of robust locks that it told the kernel of, from the thread pointer;
 * the same for each thread. 0: it told of none. */
extern ptrdiff_t pool_robust_offset;
struct slot *pool_slot(uint32_t index);

/* Places the guard for a thread that asked for `asked` bytes of stack and returns the lowest usable
 * byte, or 0 when asked does not fit into a slot. Costs nothing for POOL_STACK. */
uintptr_t pool_set_stack(struct slot *slot, uintptr_t asked);

/* Puts every guard back to the bottom of its slot, so that a reset may write the whole stack. Free
 * when none was moved. */
void pool_reset_guards(void);

/* The slot in whose guard the address lies, or NULL. */
struct slot *pool_guard_hit(uintptr_t address);

/* The slot whose stack or thread-local storage the address may be in, or NULL. */
struct slot *pool_find(uintptr_t address);

#endif
