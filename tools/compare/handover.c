/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching: two sides on one processor hand a token to and fro, so that each hand-over makes the
 * kernel switch from one to the other. The time holds the system calls of the hand-over as well: a
 * write and a read for the pipe, a wake and a wait for the futex. After lat_ctx of McVoy and
 * Staelin, "lmbench: Portable tools for performance analysis", 1996, which does so with pipes.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compare/kernel.h"

#define SETTLE 16 /* rounds before the clock starts: pages are touched, both sides are there */

struct handover {
	struct kernel_call *call;
	uint64_t rounds;
	bool (*give)(struct handover *, unsigned side);
	bool (*take)(struct handover *, unsigned side); /* waits for the token */
	int pipes[2][2];                                /* to side 0, to side 1 */
	_Atomic uint32_t turn;
};

static bool pipe_give(struct handover *game, unsigned side)
{
	char token = 't';

	return write(game->pipes[!side][1], &token, 1) == 1;
}

static bool pipe_take(struct handover *game, unsigned side)
{
	char token;

	return read(game->pipes[side][0], &token, 1) == 1;
}

/* A futex of one process is found by its address, one of several by the page that it lies in. */
static long futex(const struct handover *game, int operation, uint32_t value)
{
	if (game->call->way == WAY_THREAD)
		operation |= FUTEX_PRIVATE_FLAG;
	return syscall(SYS_futex, &game->turn, operation, value, NULL, NULL, 0);
}

static bool futex_give(struct handover *game, unsigned side)
{
	atomic_store_explicit(&game->turn, !side, memory_order_release);
	return futex(game, FUTEX_WAKE, 1) >= 0;
}

static bool futex_take(struct handover *game, unsigned side)
{
	/* pairs with the release in futex_give() */
	while (atomic_load_explicit(&game->turn, memory_order_acquire) != side)
		if (futex(game, FUTEX_WAIT, !side) < 0 && errno != EAGAIN && errno != EINTR)
			return false;
	return true;
}

static void pin(struct kernel_call *call)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(call->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		kernel_fail(call, "sched_setaffinity");
}

static void other_side(void *context)
{
	struct handover *game = context;

	pin(game->call);
	for (uint64_t i = 0; i < game->rounds; i++)
		if (!game->take(game, 1) || !game->give(game, 1)) {
			kernel_fail(game->call, "handing over");
			return;
		}
}

static void play(struct kernel_call *call, struct handover *game)
{
	struct peer peer;
	struct series series = { .count = 0 };

	game->call = call;
	game->rounds = SERIES * call->operations + SETTLE;
	pin(call);
	if (!peer_start(&peer, call, other_side, game))
		return;
	for (uint64_t i = 0; i < game->rounds; i++) {
		if (i >= SETTLE && (i - SETTLE) % call->operations == 0)
			series_mark(&series);
		if (!game->give(game, 0) || !game->take(game, 0)) {
			kernel_fail(call, "handing over");
			return; /* the other side ends with this process */
		}
	}
	series_mark(&series);
	call->values[0] = series_median(&series);
	peer_join(&peer, call);
}

void kernel_switch_pipe(struct kernel_call *call)
{
	struct handover *game = kernel_shared(sizeof(*game));

	game->give = pipe_give;
	game->take = pipe_take;
	if (pipe(game->pipes[0]) < 0 || pipe(game->pipes[1]) < 0)
		kernel_fail(call, "pipe");
	else
		play(call, game);
}

void kernel_switch_futex(struct kernel_call *call)
{
	struct handover *game = kernel_shared(sizeof(*game));

	game->give = futex_give;
	game->take = futex_take;
	play(call, game);
}
