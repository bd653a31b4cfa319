/* SPDX-License-Identifier: Apache-2.0 */
/* aio.h, by both names of each function. */
#include <aio.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "differential.h"

/* The same calls on another type: the two have the same layout. */
#define CALLS(name, type, aread, awrite, async, asuspend, acancel, aerror, areturn, alistio) \
	static void await_##name(struct type *cb)                                            \
	{                                                                                    \
		const struct type *list[] = { cb };                                          \
                                                                                             \
		while (aerror(cb) == EINPROGRESS)                                            \
			asuspend(list, 1, NULL);                                             \
	}                                                                                    \
                                                                                             \
	static void name(int fd)                                                             \
	{                                                                                    \
		char bytes[8] = "abcdefg", back[8] = "";                                     \
		struct type cb = { .aio_fildes = fd, .aio_buf = bytes, .aio_nbytes = 7 };    \
		struct type other = cb;                                                      \
		struct type *both[] = { &cb, NULL, &other };                                 \
		const struct type *list[] = { NULL, &cb };                                   \
		const struct timespec little = { 0, 1000000 };                               \
		int ends[2];                                                                 \
                                                                                             \
		if (pipe(ends))                                                              \
			abort();                                                             \
		cb.aio_sigevent.sigev_notify = other.aio_sigevent.sigev_notify = SIGEV_NONE; \
		SETS(awrite(&cb));                                                           \
		await_##name(&cb);                                                           \
		GIVES(aerror(&cb));                                                          \
		SETS(areturn(&cb));                                                          \
		SETS(async(O_SYNC, &cb));                                                    \
		await_##name(&cb);                                                           \
		GIVES(aerror(&cb));                                                          \
		SETS(areturn(&cb));                                                          \
		SETS(async(O_DSYNC, &cb));                                                   \
		await_##name(&cb);                                                           \
		SETS(async(O_SYNC, &cb));                                                    \
		await_##name(&cb);                                                           \
		SETS(awrite(&cb)); /* the same once more */                                  \
		await_##name(&cb);                                                           \
		cb.aio_offset = 1;                                                           \
		SETS(awrite(&cb));                                                           \
		await_##name(&cb);                                                           \
		SETS(areturn(&cb));                                                          \
		cb.aio_offset = 0;                                                           \
		SETS(async(77, &cb));                                                        \
		cb.aio_fildes = -1;                                                          \
		SETS(async(O_SYNC, &cb));                                                    \
		SETS(awrite(&cb));                                                           \
		await_##name(&cb);                                                           \
		GIVES(aerror(&cb));                                                          \
		SETS(areturn(&cb));                                                          \
		SETS(aread(&cb));                                                            \
		await_##name(&cb);                                                           \
		GIVES(aerror(&cb));                                                          \
		cb.aio_fildes = fd;                                                          \
		cb.aio_buf = back;                                                           \
		cb.aio_offset = 2;                                                           \
		SETS(aread(&cb));                                                            \
		await_##name(&cb);                                                           \
		SETS(areturn(&cb));                                                          \
		with(", \"%s\"", back);                                                      \
		cb.aio_reqprio = -1;                                                         \
		SETS(aread(&cb));                                                            \
		GIVES(aerror(&cb));                                                          \
		SETS(areturn(&cb));                                                          \
		SETS(awrite(&cb));                                                           \
		cb.aio_reqprio = 0;                                                          \
		SETS(asuspend(list, 2, NULL));    /* over */                                 \
		SETS(asuspend(list, 1, &little)); /* nothing to wait for */                  \
		SETS(asuspend(list, -1, NULL));                                              \
		cb.aio_fildes = ends[0];                                                     \
		cb.aio_nbytes = 1;                                                           \
		SETS(aread(&cb));                                                            \
		SETS(asuspend(list, 2, &little));                                            \
		other = cb;                                                                  \
		SETS(aread(&other));                                                         \
		SETS(acancel(ends[0], &other));                                              \
		GIVES(aerror(&other));                                                       \
		SETS(areturn(&other));                                                       \
		SETS(acancel(ends[1], &other));                                              \
		SETS(acancel(-1, NULL));                                                     \
		SETS(write(ends[1], "z", 1));                                                \
		await_##name(&cb);                                                           \
		GIVES(aerror(&cb));                                                          \
		SETS(asuspend(list, 2, NULL));                                               \
		SETS(acancel(ends[0], &cb));                                                 \
		SETS(acancel(ends[0], NULL));                                                \
		cb.aio_fildes = other.aio_fildes = fd;                                       \
		cb.aio_lio_opcode = LIO_WRITE;                                               \
		other.aio_lio_opcode = LIO_NOP;                                              \
		SETS(alistio(LIO_WAIT, both, 3, NULL));                                      \
		GIVES(aerror(&cb));                                                          \
		SETS(alistio(77, both, 3, NULL));                                            \
		SETS(alistio(LIO_NOWAIT, both, 0, NULL));                                    \
		SETS(alistio(LIO_NOWAIT, both, 3, NULL));                                    \
		await_##name(&cb);                                                           \
		SETS(areturn(&cb));                                                          \
		other.aio_fildes = -1;                                                       \
		other.aio_lio_opcode = LIO_READ;                                             \
		SETS(alistio(LIO_WAIT, both, 3, NULL));                                      \
		GIVES(aerror(&other));                                                       \
		close(ends[0]);                                                              \
		close(ends[1]);                                                              \
	}

CALLS(usual, aiocb, aio_read, aio_write, aio_fsync, aio_suspend, aio_cancel, aio_error, aio_return,
      lio_listio)
CALLS(large, aiocb64, aio_read64, aio_write64, aio_fsync64, aio_suspend64, aio_cancel64,
      aio_error64, aio_return64, lio_listio64)

void asynchronous(void)
{
	char name[] = "/tmp/jostle-differential-XXXXXX";
	const int fd = mkstemp(name);

	if (fd < 0 || unlink(name))
		abort();
	usual(fd);
	large(fd);
	close(fd);
}
