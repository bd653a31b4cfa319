/* SPDX-License-Identifier: Apache-2.0 */
/* Signalfds. */
#include "engine/descriptors/special.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include "engine/descriptors/fd.h"
#include "engine/signal.h"

#define SIGNALFDS_MAX 32

static struct {
	int fd; /* a number that names it; duplicates share the counter */
	uint64_t mask;
} signalfds[SIGNALFDS_MAX];
static unsigned signalfd_count;

void special_set_counter(int fd, uint64_t value)
{
	uint64_t old;

	if (call_poll_now(fd, POLLIN) & POLLIN)
		sys_read(fd, &old, sizeof(old));
	if (value > 0)
		sys_write(fd, &value, sizeof(value));
}

static uint64_t visible_signals(void)
{
	return signal_process_pending | engine_current->signals_pending;
}

void special_refresh(void)
{
	for (unsigned i = 0; i < signalfd_count; i++)
		if (fd_class_of(signalfds[i].fd) == FD_SIGNAL && fd_at(signalfds[i].fd)->tag == i)
			special_set_counter(signalfds[i].fd,
					    (visible_signals() & signalfds[i].mask) != 0);
}

void special_reset(void)
{
	signalfd_count = 0;
}

bool special_has_signals(void)
{
	return signalfd_count > 0;
}

static uint64_t mask_of(int fd)
{
	const struct fd_record *r = fd_at(fd);

	return r && r->tag < signalfd_count ? signalfds[r->tag].mask : 0;
}

bool special_signals_ready(const struct fd_request *r)
{
	const uint64_t pending =
		signal_process_pending | engine_world.threads[r->thread]->signals_pending;

	return (pending & mask_of(r->fd)) != 0;
}

long special_read_signals(struct fd_request *r)
{
	struct signalfd_siginfo *to = (struct signalfd_siginfo *)r->args[1];
	const size_t room = (size_t)r->args[2] / sizeof(*to);
	const uint64_t mask = mask_of(r->fd);
	siginfo_t info;
	size_t count = 0;

	if (room == 0)
		return -EINVAL;
	while (count < room && signal_take(engine_world.threads[r->thread], mask, &info) > 0) {
		memset(&to[count], 0, sizeof(to[count]));
		to[count].ssi_signo = (uint32_t)info.si_signo;
		to[count].ssi_code = info.si_code;
		to[count].ssi_pid = (uint32_t)info.si_pid;
		to[count].ssi_uid = (uint32_t)info.si_uid;
		to[count].ssi_int = info.si_value.sival_int;
		to[count].ssi_ptr = (uint64_t)(uintptr_t)info.si_value.sival_ptr;
		count++;
	}
	special_refresh();
	return count > 0 ? (long)(count * sizeof(*to)) : -EAGAIN;
}

/* signalfd(fd or -1, mask, size[, flags]) */
long call_signalfd(struct call *c)
{
	const int fd = (int)c->args[0];
	const uint64_t mask = *(const uint64_t *)c->args[1] & ~SIGNAL_UNBLOCKABLE;
	const long flags = c->nr == SYS_signalfd4 ? c->args[3] : 0;
	long made;

	if (c->args[2] != sizeof(mask) || (flags & ~(long)(EFD_NONBLOCK | EFD_CLOEXEC)))
		return -EINVAL;
	if (fd >= 0) {
		if (fd_class_of(fd) != FD_SIGNAL)
			return -EINVAL;
		signalfds[fd_at(fd)->tag].mask = mask;
		special_refresh();
		return fd;
	}
	if (signalfd_count == SIGNALFDS_MAX)
		return -ENFILE;
	made = sys_call2(SYS_eventfd2, 0, flags & (EFD_NONBLOCK | EFD_CLOEXEC));
	if (made < 0)
		return made;
	if (made >= FD_MAX) {
		sys_close((int)made);
		return -EMFILE;
	}
	signalfds[signalfd_count].fd = (int)made;
	signalfds[signalfd_count].mask = mask;
	fd_made((int)made, FD_SIGNAL, signalfd_count++);
	special_refresh();
	return made;
}
