/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sem_open(), sem_close() and sem_unlink(), with names that exist within the schedule alone.
 *
 * A name leads to a semaphore, and while it is open in any process so does every open of the same
 * name. All of them lie in memory that the processes of the schedule have in common, so a name
 * leads to the same address everywhere. Each process counts its opens; a forked one inherits its
 * parent's. Unlinking takes the name away at once and the semaphore with the last close. Names
 * start out as they were when main began, so unused unless a constructor used some; semaphores that
 * other programs left in /dev/shm are not seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "engine/engine.h"
#include "engine/processes/keys.h"
#include "engine/processes/processes.h"
#include "engine/processes/shared.h"
#include "model/sem.h"

#define NAME_PREFIX     "sem." /* of the file that glibc would make: part of the longest name */
#define NAME_LENGTH_MAX (NAME_MAX - (sizeof(NAME_PREFIX) - 1))

#define NAMED_MAX 64 /* at a time */

struct named {
	uint16_t opens[PROCESSES_MAX];
	bool used;
	bool linked;
	bool early; /* made before main */
	uint32_t early_value;
	uint16_t early_opens;
	char name[NAME_LENGTH_MAX + 1];
	struct semaphore sem;
};

static struct {
	uint32_t generation; /* of the schedule that these belong to */
	struct named list[NAMED_MAX];
} state SHARED_STATE;

/* Counts and holds over a fork. */
static void forked(process_id parent, process_id child)
{
	for (unsigned i = 0; i < NAMED_MAX; i++)
		state.list[i].opens[child] = state.list[i].opens[parent];
}

static void begin_anew(struct named *n)
{
	memset(n->opens, 0, sizeof(n->opens));
	if (!n->early) {
		n->used = false;
		return;
	}
	n->used = n->linked = true;
	n->opens[0] = n->early_opens;
	memset(&n->sem, 0, sizeof(n->sem));
	n->sem.value = n->early_value;
}

/* What a constructor made is noted as it is when the first schedule begins. */
static void refresh(void)
{
	if (state.generation == processes.generation)
		return;
	for (unsigned i = 0; i < NAMED_MAX; i++) {
		struct named *n = &state.list[i];

		if (state.generation == 0 && n->used) {
			n->early = true;
			n->early_value = n->sem.value;
			n->early_opens = n->opens[0];
		}
		begin_anew(n);
	}
	state.generation = processes.generation;
	process_forked_hook = forked;
	keys_use();
}

static uint32_t opens_of(const struct named *n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < PROCESSES_MAX; i++)
		if (i == world_process || processes_alive((process_id)i))
			sum += n->opens[i];
	return sum;
}

/* Leading slashes do not count; 0, or the error of a name that no semaphore can have. */
static int parse(const char **name)
{
	size_t length;

	while (**name == '/')
		(*name)++;
	length = strlen(*name);
	if (length == 0 || length > NAME_MAX || strchr(*name, '/')) /* as glibc has it */
		return EINVAL;
	return length > NAME_LENGTH_MAX ? ENAMETOOLONG : 0;
}

static struct named *find(const char *name)
{
	for (unsigned i = 0; i < NAMED_MAX; i++)
		if (state.list[i].used && state.list[i].linked &&
		    strcmp(state.list[i].name, name) == 0)
			return &state.list[i];
	return NULL;
}

static struct named *add(const char *name)
{
	for (unsigned i = 0; i < NAMED_MAX; i++) {
		struct named *n = &state.list[i];

		if (n->used && (n->linked || opens_of(n) > 0))
			continue;
		memset(n, 0, sizeof(*n));
		strcpy(n->name, name);
		n->used = n->linked = true;
		return n;
	}
	engine_note("more than 64 named semaphores at a time: sem_open failed");
	return NULL;
}

/* The semaphore goes if neither a name nor an open leads to it. */
static void drop(struct named *gone)
{
	if (gone->linked || opens_of(gone) > 0)
		return;
	gone->used = false;
	gone->sem.magic = SEM_DESTROYED;
}

/* Names are shared between threads, so each use of them is a scheduling point. */
static void step(enum op_kind kind, const sem_t *sem, void *site)
{
	engine_publish(kind, &state, site)->object2 = (void *)(uintptr_t)sem;
	engine_step();
	refresh();
}

static sem_t *open_failed(int error)
{
	errno = error;
	return SEM_FAILED;
}

INTERPOSE sem_t *sem_open(const char *name, int flags, ...)
{
	unsigned value = 0;
	struct named *n;
	va_list args;
	int error;

	if (flags & O_CREAT) {
		va_start(args, flags);
		(void)va_arg(args, mode_t);
		value = va_arg(args, unsigned);
		va_end(args);
	}
	error = parse(&name);
	if (error)
		return open_failed(error);
	step(OP_SEM_OPEN, NULL, CALLER);
	n = find(name);
	if (n && (flags & O_CREAT) && (flags & O_EXCL))
		return open_failed(EEXIST);
	if (!n) {
		if (!(flags & O_CREAT))
			return open_failed(ENOENT);
		if (value > SEM_VALUE_MAX)
			return open_failed(EINVAL);
		n = add(name);
		if (!n)
			return open_failed(ENOMEM);
		n->sem.value = value;
	}
	n->opens[world_process]++;
	return (sem_t *)(void *)&n->sem;
}

static int failed(int error)
{
	errno = error;
	return -1;
}

INTERPOSE int sem_close(sem_t *sem)
{
	struct named *n;

	step(OP_SEM_CLOSE, sem, CALLER);
	for (n = state.list; n < state.list + NAMED_MAX; n++)
		if ((void *)&n->sem == (void *)sem && n->opens[world_process] > 0)
			break;
	if (n == state.list + NAMED_MAX)
		return failed(EINVAL);
	n->opens[world_process]--;
	if (opens_of(n) == 0 && world_waiter_count(&engine_world, sem) > 0)
		engine_misuse(CAUSE_DESTROY_WAITED, sem, CALLER);
	drop(n);
	return 0;
}

INTERPOSE int sem_unlink(const char *name)
{
	const int error = parse(&name);
	struct named *n;

	if (error)
		return failed(error == EINVAL ? ENOENT : error);
	step(OP_SEM_UNLINK, NULL, CALLER);
	n = find(name);
	if (!n)
		return failed(ENOENT);
	n->linked = false;
	drop(n);
	return 0;
}
