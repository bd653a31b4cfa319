/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address space, and System V objects: passed on, and remembered for the reset.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/mman.h>

#include "engine/access/access.h"
#include "engine/calls/call.h"
#include "engine/calls/call_memory.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/names.h"
#include "engine/processes/keys.h"
#include "engine/reset/snapshot.h"
#include "engine/reset/undo.h"
#include "engine/takeover/layout.h"

static long break_at_take;

/*
 * Where the process was started over (layout.h) the kernel's break is anywhere, so the program's
 * lies here, in mappings. A break that a constructor asked the kernel for, before calls were seen,
 * stays the kernel's.
 */
#define BREAK_BASE 0x5a0000000000UL
#define BREAK_MAX  (1UL << 40)
static uintptr_t own_break = BREAK_BASE;

static uintptr_t page_above(uintptr_t address)
{
	return (address + 4095) & ~4095UL;
}

static bool break_is_own(const struct call *c)
{
	return layout_was_fixed() &&
	       (c->args[0] == 0 || (uintptr_t)c->args[0] - BREAK_BASE <= BREAK_MAX);
}

/* As brk(2) itself: the new break, or the old one where it cannot be had. */
static long move_own_break(uintptr_t wanted)
{
	const uintptr_t from = page_above(own_break), to = page_above(wanted);

	if (wanted == 0)
		return (long)own_break;
	if (to > from &&
	    sys_failed(sys_mmap((void *)from, to - from, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0)))
		return (long)own_break;
	if (to < from)
		sys_munmap((void *)to, from - to);
	own_break = wanted;
	return (long)wanted;
}

/* Nobody accessed yet what is mapped there now. */
static void tell_accesses(const struct call *c, long result)
{
	if (!access_state.on || result < 0)
		return;
	if (c->nr == SYS_mmap)
		access_mapped((uintptr_t)result, (size_t)c->args[1]);
	else if (c->nr == SYS_mremap)
		access_mapped((uintptr_t)result, (size_t)c->args[2]);
}

/* The memory of a lock that somebody waits for may be about to go: its word is not to be read. */
static void open_gates(void)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++)
		if (engine_world.threads[i]->process == world_process)
			world_set_gate(&engine_world, engine_world.threads[i], &thread_gate_open);
}

long call_mapping(struct call *c)
{
	long result;

	if (c->nr == SYS_madvise && c->args[2] != MADV_DONTNEED && c->args[2] != MADV_FREE &&
	    c->args[2] != MADV_REMOVE)
		return call_raw(c);
	if (c->nr == SYS_mmap && !(c->args[3] & MAP_ANONYMOUS) && fd_is_engine((int)c->args[4]))
		return -EBADF;
	if (c->nr != SYS_brk || c->args[0] != 0)
		system_dirty.mappings = true;
	if (c->nr != SYS_mmap || (c->args[3] & MAP_FIXED))
		open_gates();
	if (c->nr == SYS_mremap)
		snapshot_release((uintptr_t)c->args[0], (size_t)c->args[1]);
	result = c->nr == SYS_brk && break_is_own(c) ? move_own_break((uintptr_t)c->args[0])
						     : call_raw(c);
	if (c->nr == SYS_madvise && result == 0)
		snapshot_dropped((uintptr_t)c->args[0], (size_t)c->args[1]);
	tell_accesses(c, result);
	if (result >= 0 && (c->nr == SYS_shmat || (c->nr == SYS_mmap && (c->args[3] & MAP_SHARED))))
		keys_mapped(c, (uintptr_t)result);
	return result;
}

/*
 * All memory that the process has or will have is the engine's, too: tens of gigabytes of room that
 * nobody touches, which the kernel would fill. It is asked whether it would, and locks no page that
 * is not there; whether memory is locked makes no difference to the program.
 */
long call_lock_all(struct call *c)
{
	const long flags = c->args[0];
	const long given = (flags & (MCL_CURRENT | MCL_FUTURE)) ? flags | MCL_ONFAULT : flags;
	const long result = sys_call1(SYS_mlockall, given);

	if (result == 0)
		sys_call0(SYS_munlockall);
	return result;
}

/* An object that this call makes, rather than finds, goes when the schedule ends. */
long call_ipc_get(struct call *c)
{
	const enum undo_kind kind = c->nr == SYS_msgget   ? UNDO_MESSAGES
				    : c->nr == SYS_semget ? UNDO_SEMAPHORES
							  : UNDO_SEGMENT;
	const int flag_at = c->nr == SYS_msgget ? 1 : 2;
	const long both = IPC_CREAT | IPC_EXCL;
	struct call find = *c;
	uint32_t note;
	long id;

	find.args[flag_at] &= ~(long)(IPC_CREAT | IPC_EXCL);
	id = c->args[0] == IPC_PRIVATE ? -ENOENT : call_raw(&find);
	if (c->args[0] != IPC_PRIVATE)
		names_common(COMMON_KEYS);
	/* Asked again it might be gone, another target's schedule having ended, and be made. */
	if (id >= 0)
		return (c->args[flag_at] & both) == both ? -EEXIST : id;
	if (id != -ENOENT)
		return call_raw(c);
	note = undo_expect_key(kind, (int)c->args[0]);
	id = call_raw(c);
	if (id < 0)
		undo_forget(note);
	else
		undo_made_id(note, (int)id);
	return id;
}

void memory_take(void)
{
	break_at_take = sys_call1(SYS_brk, 0);
}

void memory_reset_break(void)
{
	sys_call1(SYS_brk, break_at_take);
	own_break = BREAK_BASE;
}
