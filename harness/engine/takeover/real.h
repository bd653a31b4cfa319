/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libc's own functions behind the names that we interpose, for the few places where the engine
 * needs the real thing. Resolved once, before any of them is used; calling one while system calls
 * are under dispatch needs sud_disarm() around it.
 */
#ifndef JOSTLE_ENGINE_REAL_H
#define JOSTLE_ENGINE_REAL_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct aiocb;
struct dl_phdr_info;

struct real {
	int (*pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	int (*pthread_getattr_np)(pthread_t, pthread_attr_t *);
	int (*libc_start_main)(int (*)(int, char **, char **), int, char **, void (*)(void),
			       void (*)(void), void (*)(void), void *);
	void (*call_tls_dtors)(void);
	/* The least memory of a thread, static thread-local storage included. */
	size_t (*get_minstack)(const pthread_attr_t *);
	void (*longjmp)(void *, int);
	void *(*dlopen)(const char *, int);
	int (*dl_iterate_phdr)(int (*)(struct dl_phdr_info *, size_t, void *), void *);
	int (*fflush)(void *);
	/* NULL where they are in a library of their own that was not loaded. */
	int (*timer_create)(clockid_t, struct sigevent *, timer_t *);
	int (*timer_settime)(timer_t, int, const struct itimerspec *, struct itimerspec *);
	int (*timer_gettime)(timer_t, struct itimerspec *);
	int (*timer_getoverrun)(timer_t);
	int (*timer_delete)(timer_t);
	int (*mq_notify)(int, const struct sigevent *);
	int (*aio_read)(struct aiocb *);
	int (*aio_write)(struct aiocb *);
	int (*aio_fsync)(int, struct aiocb *);
	int (*aio_suspend)(const struct aiocb *const *, int, const struct timespec *);
	int (*aio_cancel)(int, struct aiocb *);
	int (*aio_error)(const struct aiocb *);
	ssize_t (*aio_return)(struct aiocb *);
	int (*lio_listio)(int, struct aiocb *const *, int, struct sigevent *);
	/* libgcc_s, loaded before the snapshot; NULL where it is not installed. */
	int (*unwind_forced)(void *, void *, void *);
	uint64_t (*unwind_get_cfa)(void *);
};

extern struct real real;

/* Idempotent; works in the first constructor. */
void real_init(void);
/* Where the first thread's stack ends, for who scans it (garbage collectors). */
void real_tell_stack_end(uintptr_t end);
/* Loads libgcc_s for forced unwinding; at takeover, allocations go to the engine's heap. */
void real_load_unwinder(void);

#endif
