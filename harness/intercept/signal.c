/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals: the functions that take a pthread_t, which libc would look up in a parked thread, and
 * those that wait, which are cancellation points. sigaction, masks and sending to the process
 * arrive as system calls.
 */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/sys.h"
#include "engine/processes/process.h"
#include "engine/signal.h"
#include "engine/thread.h"
#include "intercept/result.h"

#define MASK_SIZE sizeof(uint64_t)

/* A thread that ended and was not joined is still a thread: the signal goes nowhere, without error.
 */
static int send_to(pthread_t handle, int signo, const siginfo_t *info, void *site)
{
	const struct thread *t = engine_thread(handle);
	siginfo_t copy = *info;
	const long args[6] = { sys_getpid(), t ? process_tid(t) : 0, signo, (long)&copy };

	if (signo < 0 || signo > SIGNALS_MAX || signo == 32 || signo == 33) /* libc's own two */
		return EINVAL;
	if (!t)
		return ESRCH;
	if (t->status == THREAD_FINISHED)
		return 0;
	copy.si_signo = signo;
	return (int)-system_call(SYS_rt_tgsigqueueinfo, args, site);
}

INTERPOSE int pthread_kill(pthread_t handle, int signo)
{
	const siginfo_t info = signal_info(signo, SI_TKILL);

	return send_to(handle, signo, &info, CALLER);
}

INTERPOSE int pthread_sigqueue(pthread_t handle, int signo, const union sigval value)
{
	siginfo_t info = signal_info(signo, SI_QUEUE);

	info.si_value = value;
	return send_to(handle, signo, &info, CALLER);
}

INTERPOSE int sigsuspend(const sigset_t *mask)
{
	return (int)CALL(SYS_rt_sigsuspend, (long)mask, MASK_SIZE);
}

INTERPOSE int pause(void)
{
	return (int)CALL(SYS_pause, 0);
}

static long wait_for(const sigset_t *set, siginfo_t *info, const struct timespec *timeout,
		     void *site)
{
	const long args[6] = { (long)set, (long)info, (long)timeout, MASK_SIZE };

	return system_call(SYS_rt_sigtimedwait, args, site);
}

/* As glibc: raise() sends by tkill(), which a program should not see. */
static int with_info(long result, siginfo_t *info)
{
	if (result > 0 && info && info->si_code == SI_TKILL)
		info->si_code = SI_USER;
	return (int)libc_result(result);
}

INTERPOSE int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
			   const struct timespec *restrict timeout)
{
	return with_info(wait_for(set, info, timeout, CALLER), info);
}

INTERPOSE int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return with_info(wait_for(set, info, NULL, CALLER), info);
}

/* Returns an error's number; is not ended by other signals' handlers. */
INTERPOSE int sigwait(const sigset_t *restrict set, int *restrict signo)
{
	long result;

	do
		result = wait_for(set, NULL, NULL, CALLER);
	while (result == -EINTR);
	if (result < 0)
		return (int)-result;
	*signo = (int)result;
	return 0;
}
