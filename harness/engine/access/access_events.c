/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens before what: each performed operation that POSIX (XBD 4.12) or its own meaning makes
 * an order, told to the race detector.
 *
 * Where an order is not sure it is assumed: a race that is missed is looked for again in the next
 * schedule, a false one is believed. So whatever is read from a descriptor comes after all that was
 * written to its file, and poll() after every write and close. Two orders that people expect are
 * none: a signal on a condition (only its mutex orders), and time.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/sys.h"
#include "engine/access/access.h"
#include "engine/access/weak.h"
#include "engine/descriptors/fd.h"
#include "engine/descriptors/special.h"
#include "engine/processes/keys.h"
#include "engine/processes/processes.h"
#include "engine/state.h"

/* Objects that are no addresses of the program. */
enum { OBJECT_ANY_FILE = 1, OBJECT_SOCKETS, OBJECT_SIGNALS, OBJECT_DEATHS, OBJECT_INLINE };

#define OBJECT_CANCEL(thread) ((uint64_t)(thread) << 8 | 0x80)

uint64_t access_object(const void *address)
{
	uint64_t key;

	if (__builtin_expect(!keys_used && world_process == 0, 1))
		return (uintptr_t)address;
	if (engine_shared_key(address, &key))
		return key;
	return (uintptr_t)address | (uint64_t)world_process << 48;
}

static bool succeeded(const struct thread *t)
{
	return t->result == 0 || t->result == EOWNERDEAD;
}

/* Which file a descriptor is of: both ends of a pipe are one. */
static uint64_t file_of(const void *object)
{
	struct stat info;

	if (sys_call2(SYS_fstat, (long)(intptr_t)object, (long)&info) != 0)
		return OBJECT_ANY_FILE;
	if (S_ISSOCK(info.st_mode))
		return OBJECT_SOCKETS; /* the two ends of a connection have nothing in common */
	return hash_fold(hash_mix((uint64_t)info.st_dev), (uint64_t)info.st_ino) | 1ULL << 63;
}

static void wrote(thread_id self, const void *object)
{
	race_release(&access_race, self, file_of(object));
	race_release(&access_race, self, OBJECT_ANY_FILE);
}

/* The last to arrive: all that any of the round did happens before what each does next. */
static void barrier_opened(const struct thread *last, uint64_t object)
{
	/* Which barrier a thread of another process waits at, its own process knows: each may be
	 * this one. */
	for (uint32_t i = 0; i < engine_world.thread_count; i++) {
		const struct thread *t = engine_world.threads[i];

		if (t == last ||
		    (t->op.kind == OP_BARRIER_WAIT && t->status == THREAD_READY &&
		     (t->process != last->process || t->op.object == last->op.object) &&
		     t->op.phase != 0))
			race_acquire(&access_race, t->id, object);
	}
	race_forget(&access_race, object);
}

static void barrier(const struct thread *t, uint64_t object, bool done)
{
	if (!done) /* arrives, and waits */
		race_release(&access_race, t->id, object);
	if (done && t->result == PTHREAD_BARRIER_SERIAL_THREAD) {
		race_release(&access_race, t->id, object);
		barrier_opened(t, object);
	}
}

/* A robust mutex of a thread that ended holding it: nobody unlocked it, yet its owner came before.
 */
static void owner_died(const struct thread *t, bool done)
{
	if (done && t->result == EOWNERDEAD)
		race_acquire(&access_race, t->id, OBJECT_DEATHS);
}

static void lock(const struct thread *t, uint64_t object, bool done)
{
	owner_died(t, done);
	if (done && succeeded(t))
		race_acquire(&access_race, t->id, object);
}

static void unlock(const struct thread *t, uint64_t object, bool done)
{
	if (done && t->result == 0)
		race_release(&access_race, t->id, object);
}

static void condition(const struct thread *t, bool done)
{
	const uint64_t mutex = access_object(t->op.object2);

	owner_died(t, done);
	if (!done)
		race_release(&access_race, t->id, mutex);
	else if (t->result != EPERM && t->result != EINVAL)
		race_acquire(&access_race, t->id, mutex);
}

static void join(const struct thread *t, bool done)
{
	const struct thread *ended = t->op.object;

	if (done && t->result == 0)
		race_thread_join(&access_race, t->id, ended->id);
}

static void futex(const struct thread *t, uint64_t object, bool done)
{
	switch (t->op.kind) {
	case OP_FUTEX_WAIT:
	case OP_FUTEX_LOCK_PI:
		if (!done)
			break;
		/* However it ended, the word is looked at again, and may have any value by then. */
		race_acquire(&access_race, t->id, OBJECT_INLINE);
		if (t->result >= 0 || t->result == -EAGAIN)
			race_acquire(&access_race, t->id, object);
		break;
	default:
		race_release(&access_race, t->id, object);
		if (t->op.object2)
			race_release(&access_race, t->id, access_object(t->op.object2));
		break;
	}
}

/* A signal that was taken comes after its sending, and SIGCHLD after an end. */
static void took_signal(const struct thread *t)
{
	race_acquire(&access_race, t->id, OBJECT_DEATHS);
	race_acquire(&access_race, t->id, OBJECT_SIGNALS);
}

static void descriptor(const struct thread *t, bool done)
{
	if (!done)
		return;
	switch (t->op.kind) {
	case OP_FD_READ:
	case OP_QUEUE_RECEIVE:
		if (fd_class_of((int)(intptr_t)t->op.object) == FD_SIGNAL ||
		    fd_class_of((int)(intptr_t)t->op.object) == FD_TIMER)
			took_signal(t);
		race_acquire(&access_race, t->id, file_of(t->op.object));
		/* The end of a pipe is its last close, and what is closed has no name any more. */
		if (t->result == 0)
			race_acquire(&access_race, t->id, OBJECT_ANY_FILE);
		break;
	case OP_FD_ACCEPT:
	case OP_FD_POLL:
		race_acquire(&access_race, t->id, OBJECT_SIGNALS);
		if (special_has_signals())
			race_acquire(&access_race, t->id, OBJECT_DEATHS);
		race_acquire(&access_race, t->id, OBJECT_ANY_FILE);
		break;
	case OP_FD_LOCK:
	case OP_FD_UNLOCK:
	case OP_SEM_OPERATE:
		race_acquire(&access_race, t->id, OBJECT_ANY_FILE);
		wrote(t->id, t->op.object);
		break;
	default: /* writes, connects, closes */
		wrote(t->id, t->op.object);
		break;
	}
}

static void performed(const struct thread *t, bool done)
{
	const uint64_t object = access_object(t->op.object);

	switch (t->op.kind) {
	case OP_MUTEX_LOCK:
	case OP_MUTEX_TRYLOCK:
	case OP_SPIN_LOCK:
	case OP_SPIN_TRYLOCK:
	case OP_SEM_WAIT:
	case OP_SEM_TRYWAIT:
		lock(t, object, done);
		break;
	case OP_MUTEX_UNLOCK:
	case OP_SPIN_UNLOCK:
	case OP_SEM_POST:
	case OP_ONCE_END:
	case OP_ONCE_ABANDON:
		unlock(t, object, done);
		break;
	case OP_ONCE_BEGIN: /* run by somebody else, or abandoned */
		if (done)
			race_acquire(&access_race, t->id, object);
		break;
	case OP_COND_WAIT:
		condition(t, done);
		break;
	case OP_RWLOCK_RDLOCK:
	case OP_RWLOCK_TRYRDLOCK:
		if (done && t->result == 0)
			race_read_locked(&access_race, t->id, object);
		break;
	case OP_RWLOCK_WRLOCK:
	case OP_RWLOCK_TRYWRLOCK:
		if (done && t->result == 0)
			race_write_locked(&access_race, t->id, object);
		break;
	case OP_RWLOCK_UNLOCK:
		if (done && t->result == 0)
			race_rw_unlocked(&access_race, t->id, object);
		break;
	case OP_BARRIER_WAIT:
		barrier(t, object, done);
		break;
	case OP_MUTEX_INIT:
	case OP_COND_INIT:
	case OP_RWLOCK_INIT:
	case OP_SPIN_INIT:
	case OP_BARRIER_INIT:
	case OP_SEM_INIT:
		race_forget(&access_race, object);
		break;
	case OP_THREAD_JOIN:
	case OP_THREAD_TRYJOIN:
		join(t, done);
		break;
	case OP_THREAD_EXIT:
		race_release(&access_race, t->id, OBJECT_DEATHS);
		break;
	case OP_THREAD_CANCEL:
		race_release(&access_race, t->id,
			     OBJECT_CANCEL(((const struct thread *)t->op.object)->id));
		break;
	case OP_SIGNAL_SEND:
		race_release(&access_race, t->id, OBJECT_SIGNALS);
		break;
	case OP_SIGNAL_WAIT:
		took_signal(t);
		break;
	case OP_CHILD_WAIT:
		if (done && t->result >= 0)
			race_acquire(&access_race, t->id, OBJECT_DEATHS);
		break;
	case OP_FUTEX_WAIT:
	case OP_FUTEX_WAKE:
	case OP_FUTEX_REQUEUE:
	case OP_FUTEX_LOCK_PI:
	case OP_FUTEX_UNLOCK_PI:
		futex(t, object, done);
		break;
	case OP_FD_READ:
	case OP_FD_WRITE:
	case OP_FD_ACCEPT:
	case OP_FD_CONNECT:
	case OP_FD_POLL:
	case OP_FD_LOCK:
	case OP_FD_UNLOCK:
	case OP_FD_CLOSE:
	case OP_QUEUE_SEND:
	case OP_QUEUE_RECEIVE:
	case OP_SEM_OPERATE:
		descriptor(t, done);
		break;
	default:
		break;
	}
}

void access_performed(struct thread *t, bool done)
{
	performed(t, done);
	weak_performed(t);
	if (done && t->result == MODEL_CANCELLED)
		race_acquire(&access_race, t->id, OBJECT_CANCEL(t->id));
}

void access_thread_created(const struct thread *creator, const struct thread *created)
{
	race_thread_begin(&access_race, created->id, creator->id);
	access_ignores[created->id] = 0;
	access_refresh();
}

void access_thread_notified(const struct thread *created, uint64_t object)
{
	race_thread_begin(&access_race, created->id, THREAD_NONE);
	race_acquire(&access_race, created->id, object);
	access_ignores[created->id] = 0;
}

void access_handed(thread_id thread, uint64_t object)
{
	race_release(&access_race, thread, object);
	access_refresh();
}

void access_taken(thread_id thread, uint64_t object)
{
	race_acquire(&access_race, thread, object);
	access_refresh();
}

/* Its signal, or what its descriptor tells, comes after. */
void access_timer_armed(thread_id thread)
{
	access_handed(thread, OBJECT_SIGNALS);
}

void access_inline_atomic(thread_id thread, const void *operand)
{
	weak_show_all();
	race_atomic_update(&access_race, thread, access_object(operand), __ATOMIC_SEQ_CST);
	race_release(&access_race, thread, OBJECT_INLINE);
	access_refresh();
}

void access_inline_waited(thread_id thread)
{
	race_acquire(&access_race, thread, OBJECT_INLINE);
}

void access_forgotten(uint64_t object)
{
	race_forget(&access_race, object);
}

/* Not by what their ends release: one that has published its end may not have performed it. */
void access_thread_last(const struct thread *t)
{
	for (uint32_t i = 0; i < engine_world.thread_count; i++)
		if (i != t->id && engine_world.threads[i]->process == t->process)
			race_thread_join(&access_race, t->id, (thread_id)i);
}

void access_thread_dropped(const struct thread *t)
{
	if (access_state.on)
		race_release(&access_race, t->id, OBJECT_DEATHS);
}

void access_signal_taken(const struct thread *t)
{
	took_signal(t);
}
