/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process as a whole: ids of its threads as the kernel numbers them, its children, and whether
 * this is such a child.
 *
 * Children run uncontrolled. They are known by pid, with a pidfd each to wait on, and are killed
 * and reaped by the reset.
 */
#ifndef JOSTLE_ENGINE_PROCESS_H
#define JOSTLE_ENGINE_PROCESS_H

#include <stdbool.h>

#include "event/thread.h"

struct pollfd;

/* This process was forked by the program: nothing is emulated in it. */
extern bool process_is_child;

int process_init(void);
void process_reset(void);

/* The id that gettid(2) gives in this thread: its own one, though all fibers share a kernel thread.
 */
int process_tid(const struct thread *t);
/* The live thread with that id, or NULL. */
struct thread *process_thread(int tid);

/* Whether libc made the call that is being trapped as a cancellation point: it then has its mark in
 * the thread's descriptor. Calls by hand, and those that libc protects, have none. */
bool process_cancellable(const struct thread *t);

/* The name of this process as ps and /proc show it is that of its first thread, which now is called
 * so. At most 15 bytes and a zero. The reset takes it back. */
void process_rename(const char *name);

/* Children that have not been waited for. */
unsigned process_children(void);
/* Their pidfds, to poll for an end. */
unsigned process_sources(struct pollfd *out, unsigned max);
/* Sends SIGCHLD for children that ended since the last look. True: there was one. */
bool process_look(void);

#endif
