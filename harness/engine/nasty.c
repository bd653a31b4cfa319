/* SPDX-License-Identifier: Apache-2.0 */
/* See nasty.h. */
#include "engine/nasty.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "engine/heap/heap.h"
#include "engine/state.h"

#define ODDS 16

static enum choice_kind choice_of(enum nasty kind)
{
	switch (kind) {
	case NASTY_WAKEUP:
		return CHOICE_SPURIOUS;
	case NASTY_EINTR:
		return CHOICE_INTERRUPT;
	case NASTY_SHORT:
		return CHOICE_SHORT;
	case NASTY_MEMORY:
		return CHOICE_ALLOCATION;
	default:
		return CHOICE_OTHER;
	}
}

bool nasty_happens(enum nasty kind)
{
	if (__builtin_expect(engine.phase != PHASE_SCHEDULE || engine_is_aside, 0))
		return false;
	if (__builtin_expect(!(engine.board->config.spurious & kind), 1))
		return false;
	return world_choose(&engine_world, choice_of(kind), ODDS) == 0;
}

/* Messages have borders: a datagram that is read in part loses its rest. What has no file type (an
 * eventfd, a timerfd) moves whole words. */
static bool keeps_messages(int fd)
{
	struct stat st;
	int type = 0;
	unsigned length = sizeof(type);

	if (sys_call2(SYS_fstat, fd, (long)&st) != 0 || (st.st_mode & S_IFMT) == 0)
		return true;
	if (sys_call5(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&length) != 0)
		return false;
	return type != SOCK_STREAM;
}

uint64_t nasty_size(const struct fd_request *request, uint64_t size)
{
	const uint32_t bound = size - 1 < UINT32_MAX ? (uint32_t)(size - 1) : UINT32_MAX;

	if (size < 2 || !nasty_happens(NASTY_SHORT) || keeps_messages(request->fd))
		return size;
	return 1 + world_choose(&engine_world, CHOICE_SHORT, bound);
}

static uint64_t heap_used(void)
{
	struct heap_extent extents[HEAP_EXTENTS];

	return heap_extents(HEAP_PROGRAM, extents) ? extents[HEAP_EXTENT_DATA].used : 0;
}

static bool allocation_fails(size_t size)
{
	const uint64_t limit = engine.board->config.memory_limit;

	if (engine.phase != PHASE_SCHEDULE)
		return false;
	/* The extent never shrinks within a schedule, so a freed block does not count again below
	 * it. */
	if (limit && (size > limit || (heap_used() > limit && size > 4096)))
		return true;
	return nasty_happens(NASTY_MEMORY);
}

void nasty_init(void)
{
	const struct board_config *config = &engine.board->config;

	if (config->memory_limit || (config->spurious & NASTY_MEMORY))
		heap_fail_hook = allocation_fails;
}
