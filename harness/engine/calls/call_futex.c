/* SPDX-License-Identifier: Apache-2.0 */
/* futex(2) to operations of the model, and the small calls about threads. */
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "engine/calls/call.h"
#include "engine/fiber.h"
#include "engine/pool.h"
#include "engine/processes/process.h"
#include "engine/signal.h"

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

struct futex {
	int command;
	bool realtime;
	uint32_t *word;
	uint32_t value;
	const struct timespec *timeout;
	uint32_t value2; /* in the timeout's place */
	uint32_t *word2;
	uint32_t value3;
};

static long wait(const struct call *c, const struct futex *f, uint32_t bits)
{
	uint64_t deadline_ns = OP_NO_DEADLINE;
	int error = 0;
	long result;

	if (bits == 0)
		return -EINVAL;
	if (f->timeout && f->command == FUTEX_WAIT)
		error = engine_deadline_relative(f->timeout, &deadline_ns);
	else if (f->timeout)
		error = engine_deadline(f->realtime ? CLOCK_REALTIME : CLOCK_MONOTONIC, f->timeout,
					&deadline_ns);
	if (error)
		return -error;
	do {
		struct op *op = engine_publish(OP_FUTEX_WAIT, f->word, c->site);

		op->args[0] = f->value;
		op->args[1] = bits;
		op->flags = OP_INTERRUPTIBLE;
		op->deadline_ns = deadline_ns;
		signal_forget_handlers();
		result = engine_step();
	} while (result == -EINTR && signal_restarts(CALL_RESTARTS));
	return result;
}

static long wake(const struct call *c, const struct futex *f, uint32_t bits)
{
	struct op *op;

	if (bits == 0)
		return -EINVAL;
	op = engine_publish(OP_FUTEX_WAKE, f->word, c->site);
	op->args[0] = f->value;
	op->args[1] = bits;
	if (f->command == FUTEX_WAKE_OP) {
		op->object2 = f->word2;
		op->args[2] = f->value2;
		op->args[3] = f->value3;
	}
	return engine_step();
}

static long requeue(const struct call *c, const struct futex *f)
{
	struct op *op = engine_publish(OP_FUTEX_REQUEUE, f->word, c->site);

	op->object2 = f->word2;
	op->args[0] = f->value;
	op->args[1] = f->value2;
	op->args[2] = f->command == FUTEX_CMP_REQUEUE;
	op->args[3] = f->value3;
	return engine_step();
}

static long lock_pi(const struct call *c, const struct futex *f)
{
	uint64_t deadline_ns = OP_NO_DEADLINE;
	struct op *op;
	int error = 0;

	if (f->timeout && f->command != FUTEX_TRYLOCK_PI)
		error = engine_deadline(f->command == FUTEX_LOCK_PI ? CLOCK_REALTIME
								    : CLOCK_MONOTONIC,
					f->timeout, &deadline_ns);
	if (error)
		return -error;
	op = engine_publish(OP_FUTEX_LOCK_PI, f->word, c->site);
	op->args[0] = (uint64_t)process_tid(engine_current);
	op->args[1] = f->command == FUTEX_TRYLOCK_PI;
	op->deadline_ns = deadline_ns;
	return engine_step();
}

long call_futex(struct call *c)
{
	const int operation = (int)c->args[1];
	const struct futex f = {
		.command = operation & FUTEX_CMD_MASK,
		.realtime = operation & FUTEX_CLOCK_REALTIME,
		.word = (uint32_t *)c->args[0],
		.value = (uint32_t)c->args[2],
		.timeout = (const struct timespec *)c->args[3],
		.value2 = (uint32_t)c->args[3],
		.word2 = (uint32_t *)c->args[4],
		.value3 = (uint32_t)c->args[5],
	};

	if ((uintptr_t)f.word & 3)
		return -EINVAL;
	if ((uintptr_t)f.word < 4096)
		return -EFAULT;
	switch (f.command) {
	case FUTEX_WAIT:
		return wait(c, &f, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return wait(c, &f, f.value3);
	case FUTEX_WAKE:
	case FUTEX_WAKE_OP:
		return wake(c, &f, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return wake(c, &f, f.value3);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return requeue(c, &f);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
	case FUTEX_TRYLOCK_PI:
		return lock_pi(c, &f);
	case FUTEX_UNLOCK_PI:
		engine_publish(OP_FUTEX_UNLOCK_PI, f.word, c->site)->args[0] =
			(uint64_t)process_tid(engine_current);
		return engine_step();
	default:
		engine_note("a futex operation that jostle does not know was refused with ENOSYS");
		return -ENOSYS;
	}
}

long call_gettid(struct call *c)
{
	(void)c;
	return process_tid(engine_current);
}

/*
 * The list of robust locks is of a thread, and all fibers are one of the kernel's: what a thread
 * told of is kept here, and the kernel looks at no list when a fiber ends. The models of libc's
 * robust locks need none.
 */
long call_set_robust_list(struct call *c)
{
	if (c->args[1] != sizeof(struct robust_list_head))
		return -EINVAL;
	fiber_of(engine_current)->robust_list = (uint64_t)c->args[0];
	return 0;
}

long call_get_robust_list(struct call *c)
{
	const struct fiber *f = fiber_of(engine_current);
	uint64_t head;
	long error;

	if (c->args[0] != 0) {
		const struct thread *t = process_thread((int)c->args[0]);

		if (!t)
			return call_raw(c);
		f = (const struct fiber *)t;
	}
	/* The kernel writes the size, and finds out whether it and we may write there. */
	error = sys_call3(SYS_get_robust_list, 0, c->args[1], c->args[2]);
	if (error)
		return error;
	head = f->robust_list;
	if (!head && pool_robust_offset)
		head = f->fs + (uint64_t)pool_robust_offset;
	memcpy((void *)c->args[1], &head, sizeof(head));
	return 0;
}

long call_sched_yield(struct call *c)
{
	engine_publish(OP_YIELD, NULL, c->site);
	return engine_step();
}

/* The first processor that the process may use: constant, whatever the machine does. */
long call_getcpu(struct call *c)
{
	unsigned long mask[16] = { 0 };
	unsigned cpu = 0;

	sys_call3(SYS_sched_getaffinity, 0, sizeof(mask), (long)mask);
	while (cpu < 1023 && !(mask[cpu / 64] >> (cpu % 64) & 1))
		cpu++;
	if (c->args[0])
		*(unsigned *)c->args[0] = cpu;
	if (c->args[1])
		*(unsigned *)c->args[1] = 0;
	return 0;
}
