/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers of the program in virtual time: alarm and setitimer, timer_create, timerfd. One table; the
 * earliest is system_timer_next. Expiring sends a virtual signal or counts an eventfd up, and
 * re-arms what is periodic.
 */
#ifndef JOSTLE_ENGINE_VTIMER_H
#define JOSTLE_ENGINE_VTIMER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "engine/calls/notify.h"

#define VTIMERS_MAX    64
#define VTIMER_REAL    0 /* alarm and ITIMER_REAL */
#define VTIMER_VIRTUAL 1
#define VTIMER_PROF    2
#define VTIMER_FIRST   3 /* from here on for timer_create and timerfd */

enum vtimer_use { VTIMER_FREE, VTIMER_ITIMER, VTIMER_POSIX, VTIMER_FD };

struct vtimer {
	uint8_t use; /* enum vtimer_use */
	int clock;
	int fd;     /* VTIMER_FD: any descriptor of the eventfd */
	int notify; /* VTIMER_POSIX: SIGEV_* */
	int signo;
	int thread; /* SIGEV_THREAD_ID: id of the thread, else -1 */
	union sigval value;
	uint64_t next_ns; /* virtual monotonic time, UINT64_MAX: disarmed */
	uint64_t interval_ns;
	uint64_t expired; /* VTIMER_FD: since the last read or setting; VTIMER_POSIX: overrun of the
			     last signal, or of the last call of its function */
	struct notification notification; /* VTIMER_POSIX, SIGEV_THREAD */
};

/* By number, or NULL when it is free or no number. */
struct vtimer *vtimer_at(unsigned n);
/* A new one at VTIMER_FIRST or above; NULL: none left. *n: its number. */
struct vtimer *vtimer_new(enum vtimer_use use, unsigned *n);
void vtimer_free(unsigned n);
/* Arms (value 0: disarms) at an absolute virtual time. */
void vtimer_arm(struct vtimer *t, uint64_t next_ns, uint64_t interval_ns);
void vtimer_reset(void);
/* A timer that tells nobody: what became of it until now. */
void vtimer_settle(struct vtimer *t);
/* In a forked process. */
void vtimer_forked(void);
/* One is armed whose function runs in a thread. */
bool vtimer_makes_threads(void);
/* Something else of this process than a timer is to be done before the next step (notify.h). */
void vtimer_make_due(process_id);

#endif
