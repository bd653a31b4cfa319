/* SPDX-License-Identifier: Apache-2.0 */
/* The list of requests and the threads that do them, for those who ask: aio.h. */
#ifndef JOSTLE_ENGINE_AIO_QUEUE_H
#define JOSTLE_ENGINE_AIO_QUEUE_H

#include <aio.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/calls/call.h"

/* Empties the list of another schedule, or of the parent: first of all, at each step. */
void aio_refresh(void);
void aio_append(struct aiocb *, unsigned list, thread_id, void *site);
void aio_unlink(struct aiocb *);
struct aiocb *aio_first(void);
/* A request of that descriptor is being done. */
bool aio_is_busy(int fd);
/* A number for a list of that many, or 0: there are too many. */
unsigned aio_new_list(uint32_t requests, const struct sigevent *);
/* As many threads as find something to do. False: there is none at all. */
bool aio_hire(void *site);

/* Who is told of an end: of the request, and of its list when it was the last. */
struct aio_ending {
	struct sigevent own, all;
};
/* Result or -errno, by that thread. From here on the block may be used for something else. */
void aio_end(struct aiocb *, long result, thread_id, struct aio_ending *);
void aio_tell(const struct sigevent *, void *site);

/* A step of no call in particular. */
struct call aio_call(void *site);
void **aio_site(struct aiocb *);

#endif
