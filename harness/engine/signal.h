/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery of virtual signals (who has what pending is model/signal.h), and what calls need of it.
 * system.h declares what the step loop needs.
 */
#ifndef JOSTLE_ENGINE_SIGNAL_H
#define JOSTLE_ENGINE_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "model/signal.h"

/* Imports dispositions and mask of the process and takes the kernel's signals into our hands. 0 or
 * -errno. */
int signal_init(void);
void signal_take_snapshot(void);
/* Something was sent, or a disposition changed: signal_reset() has work. */
void signal_make_dirty(void);
void signal_reset(void);

/* Before a call that handlers may interrupt, and after it said EINTR: whether to publish it again.
 * POSIX: when no handler ran, or when each that ran has SA_RESTART and the call is one that
 * restarts. */
void signal_forget_handlers(void);
bool signal_restarts(bool restartable);

/* Sends to the current thread, and delivers at once unless blocked: SIGPIPE. */
void signal_raise(int signo);
/* Fills what kill(2) and the like say about the sender. */
siginfo_t signal_info(int signo, int code);

/* In a forked child: dispositions and mask of the calling thread become the kernel's. */
void signal_make_real(void);

/* In a forked process that stays under control: nothing is pending, the rest is as it was. */
void signal_forked(struct thread *thread, const struct thread *parent);

/* The alternate stack of a thread, as sigaltstack(2) sees it. */
stack_t *signal_stack(const struct thread *t);

/* Runs the program's handler for a fault, on the fiber's stack (fault.c). */
void signal_run_handler(int signo, siginfo_t *info, void *context);

/* Counters of signalfds follow the pending sets; cheap when there are none. */
void signal_refresh_fds(void);

#endif
