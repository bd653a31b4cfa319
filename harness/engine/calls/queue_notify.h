/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who wants to be told of a message (mq_notify).
 *
 * The kernel would send a real signal, at a moment that nobody chose, so it is never asked: the
 * registrations of all processes stand here, one for each queue as POSIX has it. Whoever sends asks
 * before and tells after; the process that registered is then due like one whose timer expired
 * (vtimer.h), and takes its signal, or makes the function's thread.
 *
 * A message that a thread waits for is that thread's: it tells nobody, and as long as the thread
 * has not fetched it the queue counts as empty.
 */
#ifndef JOSTLE_ENGINE_QUEUE_NOTIFY_H
#define JOSTLE_ENGINE_QUEUE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "event/thread.h"

/* What threads of all processes know a queue by; 0: it is none. */
uint64_t queue_identity(int fd);
/* A message to that queue would tell somebody: its registration, or -1. */
int queue_tells(int fd);
/* The thread's message was sent: the registration is used up. */
void queue_tell(int registration, thread_id);

/* This process has something to be told; and is told, on the engine's stack. */
bool queue_is_due(void);
void queue_run_due(void);

/* The program is about to lose the descriptor; and all of them. */
void queue_losing(int fd);
void queue_forget_process(process_id);
/* A schedule begins. */
void queue_begin(void);

#endif
