/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aio.h: what libc would have threads of its own do (engine/calls/aio.h). The blocks and names of
 * large files are the same where off_t has 64 bits.
 */
#include "engine/calls/aio.h"

#include <fcntl.h>

#include "base/sys.h"
#include "engine/takeover/real.h"
#include "intercept/result.h"
#include "intercept/timed.h"

INTERPOSE int aio_read(struct aiocb *cb)
{
	if (system_is_native())
		return real.aio_read(cb);
	return (int)libc_result(aio_start(cb, LIO_READ, CALLER));
}

INTERPOSE int aio_write(struct aiocb *cb)
{
	if (system_is_native())
		return real.aio_write(cb);
	return (int)libc_result(aio_start(cb, LIO_WRITE, CALLER));
}

INTERPOSE int aio_fsync(int kind, struct aiocb *cb)
{
	if (system_is_native())
		return real.aio_fsync(kind, cb);
	if (kind != O_SYNC && kind != O_DSYNC) {
		errno = EINVAL;
		return -1;
	}
	if (sys_call2(SYS_fcntl, cb->aio_fildes, F_GETFL) < 0) {
		errno = EBADF;
		return -1;
	}
	return (int)libc_result(aio_start(cb, kind == O_DSYNC ? AIO_DATA_SYNC : AIO_SYNC, CALLER));
}

INTERPOSE int aio_suspend(const struct aiocb *const list[], int count,
			  const struct timespec *restrict timeout)
{
	if (system_is_native())
		return real.aio_suspend(list, count, timeout);
	if (count < 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)libc_result(aio_await(list, count, false, timeout, CALLER));
}

INTERPOSE int aio_cancel(int fd, struct aiocb *cb)
{
	if (system_is_native())
		return real.aio_cancel(fd, cb);
	return (int)libc_result(aio_stop(fd, cb, CALLER));
}

INTERPOSE int aio_error(const struct aiocb *cb)
{
	if (system_is_native())
		return real.aio_error(cb);
	return aio_state(cb, CALLER);
}

INTERPOSE ssize_t aio_return(struct aiocb *cb)
{
	return cb->__return_value;
}

INTERPOSE int lio_listio(int mode, struct aiocb *const list[restrict], int count,
			 struct sigevent *restrict event)
{
	if (system_is_native())
		return real.lio_listio(mode, list, count, event);
	if ((mode != LIO_WAIT && mode != LIO_NOWAIT) || count < 0) {
		errno = EINVAL;
		return -1;
	}
	return (int)libc_result(aio_start_list(mode, list, count, event, CALLER));
}

_Static_assert(sizeof(struct aiocb) == sizeof(struct aiocb64), "the names of large files");
ALIAS_SYMBOL(aio_read_large, "aio_read64", aio_read);
ALIAS_SYMBOL(aio_write_large, "aio_write64", aio_write);
ALIAS_SYMBOL(aio_fsync_large, "aio_fsync64", aio_fsync);
ALIAS_SYMBOL(aio_suspend_large, "aio_suspend64", aio_suspend);
ALIAS_SYMBOL(aio_cancel_large, "aio_cancel64", aio_cancel);
ALIAS_SYMBOL(aio_error_large, "aio_error64", aio_error);
ALIAS_SYMBOL(aio_return_large, "aio_return64", aio_return);
ALIAS_SYMBOL(lio_listio_large, "lio_listio64", lio_listio);
