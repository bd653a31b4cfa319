/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asynchronous input and output, as POSIX has it (aio.h).
 *
 * libc lets threads of its own do it, which nobody could schedule. Here they are threads of the
 * schedule: requests stand in one list, those of one descriptor are done one after the other, those
 * of different ones at the same time, each by the first thread that has nothing to do. A thread
 * that has had nothing for a second ends, as libc's does. What becomes of a request is written into
 * its control block, in the fields that libc keeps there, at a step of its own; whoever asks or
 * waits knows then what the thread did.
 *
 * The list is of this process, and empty in a child.
 */
#ifndef JOSTLE_ENGINE_AIO_H
#define JOSTLE_ENGINE_AIO_H

#include <aio.h>
#include <stdbool.h>
#include <stdint.h>

/* What is to be done, besides LIO_READ and LIO_WRITE. */
enum { AIO_SYNC = LIO_NOP + 1, AIO_DATA_SYNC };

/* All on the calling fiber's stack; results are as the kernel's: -errno. */
long aio_start(struct aiocb *, int operation, void *site);
/* Several, and what is to happen when all are done; that may be NULL. */
long aio_start_list(int mode, struct aiocb *const *list, int count, const struct sigevent *,
		    void *site);
/* 0, -EAGAIN when the time (NULL: no limit) is over, or -EINTR. */
long aio_await(const struct aiocb *const *list, int count, bool all, const struct timespec *,
	       void *site);
/* Of one, or (NULL) all of a descriptor: AIO_CANCELED and the like. */
long aio_stop(int fd, struct aiocb *, void *site);
/* EINPROGRESS, 0 or the error's number. */
int aio_state(const struct aiocb *, void *site);

#endif
