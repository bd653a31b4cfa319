/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One system call of the program, on its way through the table to the function that emulates it.
 *
 * Emulations run on the calling fiber's stack. They return what the kernel would: a result or
 * -errno.
 */
#ifndef JOSTLE_ENGINE_CALL_H
#define JOSTLE_ENGINE_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "base/sys.h"
#include "engine/calls/system.h"
#include "engine/engine.h"

struct call {
	long nr;
	long args[6];
	void *site;          /* return address into the program */
	ucontext_t *context; /* of the trapped instruction; NULL when the call came by name */
};

typedef long (*call_fn)(struct call *);

/* Passes the call to the kernel as it is. */
static inline long call_raw(const struct call *c)
{
	return sys_call6(c->nr, c->args[0], c->args[1], c->args[2], c->args[3], c->args[4],
			 c->args[5]);
}

/* The way in for sud.c. */
long call_dispatch(struct call *c);

/* The last argument of call_wait(). */
#define CALL_RESTARTS true
#define CALL_FAILS    false

/* Emulations, by file. Each name is the call's. */
/* call_path.c */
long call_open(struct call *);
long call_path(struct call *);
long call_change(struct call *);
long call_listen(struct call *);
long call_mknod(struct call *);
long call_bind(struct call *);
long call_mq_open(struct call *);
/* call_fd.c */
long call_new_fd(struct call *);
long call_pipe(struct call *);
long call_socketpair(struct call *);
long call_socket(struct call *);
long call_socket_name(struct call *);
long call_close(struct call *);
long call_close_range(struct call *);
long call_dup(struct call *);
long call_dup2(struct call *);
long call_fcntl(struct call *);
long call_ioctl(struct call *);
long call_lseek(struct call *);
long call_chdir(struct call *);
long call_umask(struct call *);
/* call_io.c */
long call_read(struct call *);
long call_write(struct call *);
long call_accept(struct call *);
long call_connect(struct call *);
long call_recvmsg(struct call *);
/* call_transfer.c */
long call_transfer(struct call *);
/* call_queue.c */
long call_flock(struct call *);
long call_queue(struct call *);
long call_ipc_get(struct call *);
/* queue_notify.c */
long call_mq_notify(struct call *);
/* call_poll.c */
long call_poll(struct call *);
long call_select(struct call *);
long call_epoll_wait(struct call *);
long call_epoll_ctl(struct call *);
/* call_time.c */
long call_clock_gettime(struct call *);
long call_gettimeofday(struct call *);
long call_time(struct call *);
long call_times(struct call *);
long call_nanosleep(struct call *);
long call_clock_nanosleep(struct call *);
long call_alarm(struct call *);
long call_setitimer(struct call *);
long call_getitimer(struct call *);
long call_timer_create(struct call *);
long call_timer_settime(struct call *);
long call_timer_gettime(struct call *);
long call_timer_getoverrun(struct call *);
long call_timer_delete(struct call *);
long call_timerfd_create(struct call *);
long call_timerfd_settime(struct call *);
long call_timerfd_gettime(struct call *);
long call_clock_settime(struct call *);
/* call_measured.c */
long call_getrusage(struct call *);
long call_sysinfo(struct call *);
/* call_futex.c */
long call_futex(struct call *);
long call_gettid(struct call *);
long call_set_robust_list(struct call *);
long call_get_robust_list(struct call *);
long call_getppid(struct call *);
long call_sched_yield(struct call *);
long call_getcpu(struct call *);
/* call_signal.c */
long call_rt_sigaction(struct call *);
long call_rt_sigprocmask(struct call *);
long call_rt_sigpending(struct call *);
long call_rt_sigsuspend(struct call *);
long call_rt_sigtimedwait(struct call *);
long call_rt_sigqueueinfo(struct call *);
long call_rt_tgsigqueueinfo(struct call *);
long call_rt_sigreturn(struct call *);
long call_sigaltstack(struct call *);
long call_pause(struct call *);
long call_kill(struct call *);
long call_tkill(struct call *);
long call_tgkill(struct call *);
long call_signalfd(struct call *);
/* call_process.c */
long call_fork(struct call *);
long call_clone(struct call *);
long call_wait4(struct call *);
long call_waitid(struct call *);
long call_execve(struct call *);
long call_exit(struct call *);
long call_exit_group(struct call *);
long call_identity(struct call *);
long call_irreversible(struct call *);
long call_group(struct call *);
long call_ignored(struct call *);
long call_refused(struct call *);
long call_prctl(struct call *);
long call_prlimit(struct call *);
/* call_memory.c */
long call_mapping(struct call *);
long call_lock_all(struct call *);
long call_getrandom(struct call *);

#endif
