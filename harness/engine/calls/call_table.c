/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of each system call of the program.
 *
 * A number that is not in the table is passed to the kernel as it stands: most calls look, and
 * change nothing that a schedule must take back. Everything that blocks, creates, maps, tells the
 * time, signals or forks is listed. Two columns: who emulates it, and whether that also holds while
 * the engine stands aside (an invariant is being checked: calls then act at once, but what the
 * reset must know is still noted).
 */
#include <errno.h>
#include <stddef.h>

#include "engine/access/weak.h"
#include "engine/calls/call.h"
#include "engine/calls/call_time.h"
#include "engine/output.h"
#include "engine/processes/process.h"

struct entry {
	call_fn emulate;
	bool aside_too;
};

#define CALLS_MAX 480

#define ALWAYS(name, function)     [SYS_##name] = { function, true }
#define CONTROLLED(name, function) [SYS_##name] = { function, false }

static const struct entry table[CALLS_MAX] = {
	/* memory */
	ALWAYS(mmap, call_mapping),
	ALWAYS(munmap, call_mapping),
	ALWAYS(mremap, call_mapping),
	ALWAYS(mprotect, call_mapping),
	ALWAYS(madvise, call_mapping),
	ALWAYS(mlockall, call_lock_all),
	ALWAYS(brk, call_mapping),
	ALWAYS(remap_file_pages, call_mapping),
	ALWAYS(pkey_mprotect, call_mapping),
	ALWAYS(shmat, call_mapping),
	ALWAYS(shmdt, call_mapping),
	ALWAYS(getrandom, call_getrandom),

	/* descriptors */
	ALWAYS(open, call_open),
	ALWAYS(openat, call_open),
	ALWAYS(openat2, call_open),
	ALWAYS(creat, call_new_fd),
	ALWAYS(open_by_handle_at, call_new_fd),
	ALWAYS(socket, call_socket),
	ALWAYS(getsockname, call_socket_name),
	ALWAYS(getpeername, call_socket_name),
	ALWAYS(epoll_create, call_new_fd),
	ALWAYS(epoll_create1, call_new_fd),
	ALWAYS(eventfd, call_new_fd),
	ALWAYS(eventfd2, call_new_fd),
	ALWAYS(inotify_init, call_new_fd),
	ALWAYS(inotify_init1, call_new_fd),
	ALWAYS(fanotify_init, call_new_fd),
	ALWAYS(memfd_create, call_new_fd),
	ALWAYS(memfd_secret, call_new_fd),
	ALWAYS(mq_open, call_mq_open),
	ALWAYS(perf_event_open, call_new_fd),
	ALWAYS(bpf, call_new_fd),
	ALWAYS(userfaultfd, call_new_fd),
	ALWAYS(pidfd_open, call_new_fd),
	ALWAYS(pidfd_getfd, call_new_fd),
	ALWAYS(open_tree, call_new_fd),
	ALWAYS(landlock_create_ruleset, call_new_fd),
	ALWAYS(pipe, call_pipe),
	ALWAYS(pipe2, call_pipe),
	ALWAYS(socketpair, call_socketpair),
	ALWAYS(close, call_close),
	ALWAYS(close_range, call_close_range),
	ALWAYS(dup, call_dup),
	ALWAYS(dup2, call_dup2),
	ALWAYS(dup3, call_dup2),
	ALWAYS(fcntl, call_fcntl),
	ALWAYS(ioctl, call_ioctl),
	ALWAYS(lseek, call_lseek),
	ALWAYS(chdir, call_chdir),
	ALWAYS(fchdir, call_chdir),
	ALWAYS(umask, call_umask),

	/* names in the file system: others may look at them between two calls */
	CONTROLLED(rename, call_path),
	CONTROLLED(renameat, call_path),
	CONTROLLED(renameat2, call_path),
	CONTROLLED(link, call_path),
	CONTROLLED(linkat, call_path),
	CONTROLLED(symlink, call_path),
	CONTROLLED(symlinkat, call_path),
	CONTROLLED(unlink, call_path),
	CONTROLLED(unlinkat, call_path),
	CONTROLLED(mkdir, call_path),
	CONTROLLED(mkdirat, call_path),
	CONTROLLED(rmdir, call_path),
	ALWAYS(mknod, call_mknod),
	ALWAYS(mknodat, call_mknod),
	ALWAYS(bind, call_bind),
	CONTROLLED(access, call_path),
	CONTROLLED(faccessat, call_path),
	CONTROLLED(faccessat2, call_path),
	CONTROLLED(stat, call_path),
	CONTROLLED(lstat, call_path),
	CONTROLLED(truncate, call_path),
	CONTROLLED(ftruncate, call_change),
	CONTROLLED(chmod, call_path),
	CONTROLLED(fchmodat, call_path),
	CONTROLLED(inotify_add_watch, call_path),
	CONTROLLED(inotify_rm_watch, call_path),

	/* input and output */
	CONTROLLED(read, call_read),
	CONTROLLED(readv, call_read),
	CONTROLLED(pread64, call_read),
	CONTROLLED(preadv, call_read),
	CONTROLLED(preadv2, call_read),
	CONTROLLED(recvfrom, call_read),
	ALWAYS(recvmsg, call_recvmsg),
	ALWAYS(recvmmsg, call_recvmsg),
	CONTROLLED(write, call_write),
	CONTROLLED(writev, call_write),
	CONTROLLED(pwrite64, call_write),
	CONTROLLED(pwritev, call_write),
	CONTROLLED(pwritev2, call_write),
	CONTROLLED(sendto, call_write),
	CONTROLLED(sendmsg, call_write),
	CONTROLLED(sendmmsg, call_write),
	ALWAYS(accept, call_accept),
	ALWAYS(accept4, call_accept),
	CONTROLLED(connect, call_connect),
	CONTROLLED(splice, call_transfer),
	CONTROLLED(tee, call_transfer),
	CONTROLLED(vmsplice, call_transfer),
	CONTROLLED(sendfile, call_transfer),
	CONTROLLED(copy_file_range, call_transfer),
	CONTROLLED(flock, call_flock),
	CONTROLLED(poll, call_poll),
	CONTROLLED(ppoll, call_poll),
	CONTROLLED(select, call_select),
	CONTROLLED(pselect6, call_select),
	CONTROLLED(epoll_wait, call_epoll_wait),
	CONTROLLED(epoll_pwait, call_epoll_wait),
	CONTROLLED(epoll_pwait2, call_epoll_wait),
	CONTROLLED(mq_timedsend, call_queue),
	CONTROLLED(mq_timedreceive, call_queue),
	ALWAYS(mq_notify, call_mq_notify),
	CONTROLLED(msgsnd, call_queue),
	CONTROLLED(msgrcv, call_queue),
	CONTROLLED(semop, call_queue),
	CONTROLLED(semtimedop, call_queue),
	CONTROLLED(semctl, call_queue),
	CONTROLLED(msgctl, call_queue),
	ALWAYS(msgget, call_ipc_get),
	ALWAYS(semget, call_ipc_get),
	ALWAYS(shmget, call_ipc_get),
	ALWAYS(mq_unlink, call_path),
	CONTROLLED(newfstatat, call_path),
	CONTROLLED(statx, call_path),
	ALWAYS(epoll_ctl, call_epoll_ctl),
	ALWAYS(shutdown, call_change),
	ALWAYS(listen, call_listen),

	/* time */
	ALWAYS(clock_gettime, call_clock_gettime),
	ALWAYS(gettimeofday, call_gettimeofday),
	ALWAYS(time, call_time),
	ALWAYS(times, call_times),
	ALWAYS(getrusage, call_getrusage),
	ALWAYS(sysinfo, call_sysinfo),
	ALWAYS(clock_settime, call_clock_settime),
	ALWAYS(settimeofday, call_clock_settime),
	CONTROLLED(nanosleep, call_nanosleep),
	CONTROLLED(clock_nanosleep, call_clock_nanosleep),
	ALWAYS(alarm, call_alarm),
	ALWAYS(setitimer, call_setitimer),
	ALWAYS(getitimer, call_getitimer),
	ALWAYS(timer_create, call_timer_create),
	ALWAYS(timer_settime, call_timer_settime),
	ALWAYS(timer_gettime, call_timer_gettime),
	ALWAYS(timer_getoverrun, call_timer_getoverrun),
	ALWAYS(timer_delete, call_timer_delete),
	ALWAYS(timerfd_create, call_timerfd_create),
	ALWAYS(timerfd_settime, call_timerfd_settime),
	ALWAYS(timerfd_gettime, call_timerfd_gettime),

	/* threads */
	CONTROLLED(futex, call_futex),
	ALWAYS(futex_waitv, call_refused),
	ALWAYS(gettid, call_gettid),
	ALWAYS(set_tid_address, call_gettid), /* written to when a fiber ends: never */
	ALWAYS(getppid, call_getppid),
	CONTROLLED(sched_yield, call_sched_yield),
	ALWAYS(getcpu, call_getcpu),
	ALWAYS(set_robust_list, call_set_robust_list),
	ALWAYS(get_robust_list, call_get_robust_list),
	ALWAYS(rseq, call_ignored),
	ALWAYS(prctl, call_prctl),

	/* signals */
	ALWAYS(rt_sigaction, call_rt_sigaction),
	ALWAYS(rt_sigprocmask, call_rt_sigprocmask),
	ALWAYS(rt_sigpending, call_rt_sigpending),
	CONTROLLED(rt_sigsuspend, call_rt_sigsuspend),
	CONTROLLED(rt_sigtimedwait, call_rt_sigtimedwait),
	ALWAYS(rt_sigqueueinfo, call_rt_sigqueueinfo),
	ALWAYS(rt_tgsigqueueinfo, call_rt_tgsigqueueinfo),
	ALWAYS(rt_sigreturn, call_rt_sigreturn),
	ALWAYS(sigaltstack, call_sigaltstack),
	CONTROLLED(pause, call_pause),
	ALWAYS(kill, call_kill),
	ALWAYS(tkill, call_tkill),
	ALWAYS(tgkill, call_tgkill),
	ALWAYS(signalfd, call_signalfd),
	ALWAYS(signalfd4, call_signalfd),

	/* processes */
	ALWAYS(fork, call_fork),
	ALWAYS(vfork, call_fork),
	ALWAYS(clone, call_clone),
	ALWAYS(clone3, call_refused),
	CONTROLLED(wait4, call_wait4),
	CONTROLLED(waitid, call_waitid),
	ALWAYS(execve, call_execve),
	ALWAYS(execveat, call_execve),
	ALWAYS(exit, call_exit),
	ALWAYS(exit_group, call_exit_group),
	ALWAYS(setuid, call_identity),
	ALWAYS(setgid, call_identity),
	ALWAYS(setreuid, call_identity),
	ALWAYS(setregid, call_identity),
	ALWAYS(setresuid, call_identity),
	ALWAYS(setresgid, call_identity),
	ALWAYS(setfsuid, call_identity),
	ALWAYS(setfsgid, call_identity),
	ALWAYS(setgroups, call_identity),
	ALWAYS(capset, call_irreversible),
	ALWAYS(chroot, call_irreversible),
	ALWAYS(pivot_root, call_irreversible),
	ALWAYS(unshare, call_irreversible),
	ALWAYS(setns, call_irreversible),
	ALWAYS(seccomp, call_irreversible),
	ALWAYS(setrlimit, call_irreversible),
	ALWAYS(prlimit64, call_prlimit),
	ALWAYS(setsid, call_group),
	ALWAYS(setpgid, call_group),
	ALWAYS(io_uring_setup, call_refused),
	ALWAYS(io_setup, call_refused),
};

bool system_controlled;

/* A child without control and the time before takeover: the kernel's business alone. */
static inline bool native(void)
{
	return !system_controlled || process_is_child;
}

bool system_is_native(void)
{
	return native();
}

long call_dispatch(struct call *c)
{
	const struct entry *e;

	output_touched = true;
	if (native())
		return call_raw(c);
	if (__builtin_expect(weak_pending.count != 0, 0))
		weak_called(c->nr);
	if (c->nr != SYS_rt_sigreturn)
		time_called(c->site);
	if (c->nr < 0 || c->nr >= CALLS_MAX)
		return call_raw(c);
	e = &table[c->nr];
	if (!e->emulate || (!e->aside_too && engine_aside()))
		return call_raw(c);
	return e->emulate(c);
}

long system_call(long nr, const long args[6], void *site)
{
	struct call c = { .nr = nr, .site = site };

	for (int i = 0; i < 6; i++)
		c.args[i] = args[i];
	return call_dispatch(&c);
}
