/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's time-stamp counter, which a program reads by an instruction (rdtsc, rdtscp) that
 * no call tells of. prctl(PR_SET_TSC) makes the instruction fault; the answer is the virtual time,
 * one tick a nanosecond, and a reading is one of the clock's: see call_time.c.
 *
 * The setting belongs to the kernel thread, is inherited by fork(2) and outlives execve(2); a
 * program that nobody controls would die of it, and the loader of the next one reads the counter.
 * So it is taken back wherever control ends.
 */
#ifndef JOSTLE_ENGINE_TSC_H
#define JOSTLE_ENGINE_TSC_H

#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

/* From here on the instruction faults. A kernel that refuses leaves the real counter. */
void tsc_take(void);
/* The real counter again. Changes nothing but the kernel's state. */
void tsc_release(void);
/* A schedule begins: what the last one asked for is forgotten. */
void tsc_reset(void);
/* prctl(PR_SET_TSC) and PR_GET_TSC of the program. 0 or -errno. */
long tsc_set(long setting);
long tsc_get(int *setting);

/*
 * Was this fault a reading of the counter? Then it is answered: when the handler of the fault
 * returns, the program goes on behind the instruction, possibly after others had their turn.
 */
bool tsc_answer(int signo, const siginfo_t *info, ucontext_t *uc);

#endif
