/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sem_open(), sem_close() and sem_unlink(), with names that exist within this process alone.
 *
 * A name leads to a semaphore, and while it is open so does every open of the same name: the same
 * address, counted. Unlinking takes the name away at once and the semaphore with the last close.
 * Names start out all unused in each schedule; semaphores that other processes left in /dev/shm are
 * not seen. Blocks come from the program's heap, and are restored with it.
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
#include "engine/heap.h"
#include "intercept/kept.h"
#include "model/sem.h"

#define NAME_PREFIX     "sem." /* of the file that glibc would make: part of the longest name */
#define NAME_LENGTH_MAX (NAME_MAX - (sizeof(NAME_PREFIX) - 1))

struct named {
	struct named *next;
	uint32_t opens;
	bool linked;
	char name[NAME_LENGTH_MAX + 1];
	struct semaphore sem;
};

static struct {
	struct named *list;
} KEPT state;

void *sem_named_kept(size_t *size)
{
	*size = sizeof(state);
	return &state;
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
	for (struct named *n = state.list; n; n = n->next)
		if (n->linked && strcmp(n->name, name) == 0)
			return n;
	return NULL;
}

static struct named *add(const char *name)
{
	struct named *n;

	heap_lock();
	n = heap_zalloc(heap_get(HEAP_PROGRAM), sizeof(*n), 1);
	heap_unlock();
	if (!n)
		return NULL;
	strcpy(n->name, name);
	n->linked = true;
	n->next = state.list;
	state.list = n;
	return n;
}

/* Frees the semaphore if neither a name nor an open leads to it. */
static void drop(struct named *gone)
{
	if (gone->linked || gone->opens > 0)
		return;
	for (struct named **at = &state.list; *at; at = &(*at)->next)
		if (*at == gone) {
			*at = gone->next;
			break;
		}
	gone->sem.magic = SEM_DESTROYED;
	heap_lock();
	heap_free(gone);
	heap_unlock();
}

/* Names are shared between threads, so each use of them is a scheduling point. */
static void step(enum op_kind kind, const sem_t *sem, void *site)
{
	engine_publish(kind, &state, site)->object2 = (void *)(uintptr_t)sem;
	engine_step();
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
	n->opens++;
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
	for (n = state.list; n; n = n->next)
		if ((void *)&n->sem == (void *)sem && n->opens > 0)
			break;
	if (!n)
		return failed(EINVAL);
	if (--n->opens == 0 && world_waiter_count(&engine_world, sem) > 0)
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
