/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address space, and System V objects: passed on, and remembered for the reset.
 */
#include <errno.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/mman.h>

#include "engine/access.h"
#include "engine/call.h"
#include "engine/call_memory.h"
#include "engine/fd.h"
#include "engine/keys.h"
#include "engine/shared.h"

#define IPC_MADE_MAX 64

struct ipc_made {
	long get; /* SYS_msgget, SYS_semget or SYS_shmget */
	int id;
};

static struct ipc_made ipc_made[IPC_MADE_MAX] SHARED_STATE;
static unsigned ipc_made_count SHARED_STATE;
static long break_at_take;

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
	result = call_raw(c);
	tell_accesses(c, result);
	if (result >= 0 && (c->nr == SYS_shmat || (c->nr == SYS_mmap && (c->args[3] & MAP_SHARED))))
		keys_mapped(c, (uintptr_t)result);
	return result;
}

/* An object that this call made, rather than found, goes when the schedule ends. */
long call_ipc_get(struct call *c)
{
	const int flag_at = c->nr == SYS_msgget ? 1 : 2;
	struct call find = *c;
	bool found = false;
	long id;

	if (c->args[0] != IPC_PRIVATE) {
		find.args[flag_at] &= ~(long)(IPC_CREAT | IPC_EXCL);
		found = call_raw(&find) >= 0;
	}
	id = call_raw(c);
	if (id < 0 || found)
		return id;
	if (ipc_made_count < IPC_MADE_MAX)
		ipc_made[ipc_made_count++] = (struct ipc_made){ c->nr, (int)id };
	else
		engine_note("more than 64 System V objects in a schedule: the rest is not removed "
			    "by the reset");
	return id;
}

void memory_take(void)
{
	break_at_take = sys_call1(SYS_brk, 0);
}

void memory_reset(void)
{
	for (unsigned i = 0; i < ipc_made_count; i++) {
		if (ipc_made[i].get == SYS_msgget)
			sys_call3(SYS_msgctl, ipc_made[i].id, IPC_RMID, 0);
		else if (ipc_made[i].get == SYS_semget)
			sys_call4(SYS_semctl, ipc_made[i].id, 0, IPC_RMID, 0);
		else
			sys_call3(SYS_shmctl, ipc_made[i].id, IPC_RMID, 0);
	}
	ipc_made_count = 0;
}

void memory_reset_break(void)
{
	sys_call1(SYS_brk, break_at_take);
}
