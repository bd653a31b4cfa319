/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders and exceptions that a program tells: TSan's __tsan_acquire() family, and the dynamic
 * annotations that Valgrind's tools and TSan share (dynamic_annotations.h).
 */
#include "instrument/tsan.h"

#define SELF (engine_current->id)

static void acquire(const void *object)
{
	if (access_state.on)
		race_acquire(&access_race, SELF, (uintptr_t)object);
}

static void release(const void *object)
{
	if (!access_state.on)
		return;
	race_release(&access_race, SELF, (uintptr_t)object);
	access_refresh();
}

TSAN void __tsan_acquire(void *object);
void __tsan_acquire(void *object)
{
	acquire(object);
}

TSAN void __tsan_release(void *object);
void __tsan_release(void *object)
{
	release(object);
}

/* ---- locks of the program's own making ---- */

enum { MUTEX_READ_LOCK = 1 << 3, MUTEX_TRY_LOCK_FAILED = 1 << 5 };

TSAN void __tsan_mutex_create(void *mutex, unsigned flags);
void __tsan_mutex_create(void *mutex, unsigned flags)
{
	(void)flags;
	if (access_state.on)
		race_forget(&access_race, (uintptr_t)mutex);
}

TSAN void __tsan_mutex_destroy(void *mutex, unsigned flags);
void __tsan_mutex_destroy(void *mutex, unsigned flags)
{
	(void)mutex;
	(void)flags;
}

/* The accesses inside the lock's own code are not the program's. */
TSAN void __tsan_mutex_pre_lock(void *mutex, unsigned flags);
void __tsan_mutex_pre_lock(void *mutex, unsigned flags)
{
	(void)mutex;
	(void)flags;
	access_ignore(true);
}

TSAN void __tsan_mutex_post_lock(void *mutex, unsigned flags, int recursion);
void __tsan_mutex_post_lock(void *mutex, unsigned flags, int recursion)
{
	(void)recursion;
	access_ignore(false);
	if (!access_state.on || (flags & MUTEX_TRY_LOCK_FAILED))
		return;
	if (flags & MUTEX_READ_LOCK)
		race_read_locked(&access_race, SELF, (uintptr_t)mutex);
	else
		race_write_locked(&access_race, SELF, (uintptr_t)mutex);
}

TSAN int __tsan_mutex_pre_unlock(void *mutex, unsigned flags);
int __tsan_mutex_pre_unlock(void *mutex, unsigned flags)
{
	(void)flags;
	if (access_state.on) {
		race_rw_unlocked(&access_race, SELF, (uintptr_t)mutex);
		access_refresh();
	}
	access_ignore(true);
	return 0;
}

TSAN void __tsan_mutex_post_unlock(void *mutex, unsigned flags);
void __tsan_mutex_post_unlock(void *mutex, unsigned flags)
{
	(void)mutex;
	(void)flags;
	access_ignore(false);
}

#define BRACKET(name, begin)                          \
	TSAN void name(void *object, unsigned flags); \
	void name(void *object, unsigned flags)       \
	{                                             \
		(void)object;                         \
		(void)flags;                          \
		access_ignore(begin);                 \
	}

BRACKET(__tsan_mutex_pre_signal, true)
BRACKET(__tsan_mutex_post_signal, false)
BRACKET(__tsan_mutex_pre_divert, false)
BRACKET(__tsan_mutex_post_divert, true)

/* ---- dynamic annotations ---- */

TSAN void AnnotateHappensBefore(const char *file, int line, const void *object);
void AnnotateHappensBefore(const char *file, int line, const void *object)
{
	(void)file;
	(void)line;
	release(object);
}

TSAN void AnnotateHappensAfter(const char *file, int line, const void *object);
void AnnotateHappensAfter(const char *file, int line, const void *object)
{
	(void)file;
	(void)line;
	acquire(object);
}

#define ANNOTATE_IGNORE(name, begin)                \
	TSAN void name(const char *file, int line); \
	void name(const char *file, int line)       \
	{                                           \
		(void)file;                         \
		(void)line;                         \
		access_ignore(begin);               \
	}

ANNOTATE_IGNORE(AnnotateIgnoreReadsBegin, true)
ANNOTATE_IGNORE(AnnotateIgnoreReadsEnd, false)
ANNOTATE_IGNORE(AnnotateIgnoreWritesBegin, true)
ANNOTATE_IGNORE(AnnotateIgnoreWritesEnd, false)
ANNOTATE_IGNORE(AnnotateIgnoreReadsAndWritesBegin, true)
ANNOTATE_IGNORE(AnnotateIgnoreReadsAndWritesEnd, false)

/* The accesses before and after have nothing to do with each other: a block from an allocator of
 * the program's own. */
TSAN void AnnotateNewMemory(const char *file, int line, const void *memory, size_t size);
void AnnotateNewMemory(const char *file, int line, const void *memory, size_t size)
{
	(void)file;
	(void)line;
	if (access_state.on)
		access_mapped((uintptr_t)memory, size);
}

#define ANNOTATE_RWLOCK(name, action)                                              \
	TSAN void name(const char *file, int line, const void *lock, long writer); \
	void name(const char *file, int line, const void *lock, long writer)       \
	{                                                                          \
		(void)file;                                                        \
		(void)line;                                                        \
		if (!access_state.on)                                              \
			return;                                                    \
		action;                                                            \
		access_refresh();                                                  \
	}

ANNOTATE_RWLOCK(AnnotateRWLockAcquired,
		writer ? race_write_locked(&access_race, SELF, (uintptr_t)lock)
		       : race_read_locked(&access_race, SELF, (uintptr_t)lock))
ANNOTATE_RWLOCK(AnnotateRWLockReleased,
		((void)writer, race_rw_unlocked(&access_race, SELF, (uintptr_t)lock)))

#define ANNOTATE_RWLOCK_LIFE(name)                                    \
	TSAN void name(const char *file, int line, const void *lock); \
	void name(const char *file, int line, const void *lock)       \
	{                                                             \
		(void)file;                                           \
		(void)line;                                           \
		if (access_state.on)                                  \
			race_forget(&access_race, (uintptr_t)lock);   \
	}

ANNOTATE_RWLOCK_LIFE(AnnotateRWLockCreate)
ANNOTATE_RWLOCK_LIFE(AnnotateRWLockCreateStatic)
ANNOTATE_RWLOCK_LIFE(AnnotateRWLockDestroy)
