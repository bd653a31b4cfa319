/* SPDX-License-Identifier: Apache-2.0 */
/* A signalfd; the targets get the default signal mask back in process.c. */
#include "jostle/interrupt.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define AT_ONCE 2 /* as a second interrupt: nobody waits for schedules that are being run */

static int descriptor = -1;
static unsigned count;

void interrupt_init(void)
{
	struct sigaction hangup;
	sigset_t signals;

	if (descriptor >= 0)
		return;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGQUIT);
	/* Below nohup the end of the terminal is to be ignored. */
	if (sigaction(SIGHUP, NULL, &hangup) < 0 || hangup.sa_handler != SIG_IGN)
		sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int interrupt_fd(void)
{
	return descriptor;
}

unsigned interrupt_count(void)
{
	struct signalfd_siginfo info;

	while (descriptor >= 0 && read(descriptor, &info, sizeof(info)) == sizeof(info))
		count += info.ssi_signo == SIGQUIT ? AT_ONCE : 1;
	return count;
}
