/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Becoming another program, and staying in the schedule.
 *
 * The process keeps the baton over the exec(2). The new program is started with the library
 * preloaded and finds in its environment which process of which schedule it is; takeover then maps
 * the schedule's shared state at the address where all others have it, instead of beginning a
 * campaign, and makes main the process's one thread. What must come through besides lies in the
 * shared state: kinds of descriptors, ignored and blocked signals.
 *
 * The library must lie at the same address in both programs. It does where address randomisation is
 * off, or its own start fixed them (layout.h), since the loader maps what is preloaded first. Where
 * it does not, or the program is static, a set-id one, one with Go's runtime, or of another kind,
 * the process goes on without control (process_free()).
 */
#ifndef JOSTLE_ENGINE_EXEC_H
#define JOSTLE_ENGINE_EXEC_H

#include <stdbool.h>

#include "engine/calls/call.h"

/* NUMBER:DESCRIPTOR:ADDRESS:PID of the process, the shared state and where it lies, and who it is
 * to the kernel. */
#define EXEC_ENV "JOSTLE_PROCESS"

/* exec(2) of a process of a schedule, at a scheduling point: returns -errno, or does not. */
long exec_program(struct call *);

/* Whether the library lies at the same address in each program: the system does not randomise, lets
 * it be switched off, or was outwitted (layout.h). */
bool exec_addresses_stay(void);

/* What an executable file is to us. */
enum exec_kind { EXEC_CONTROLLED, EXEC_FREE };
enum exec_kind exec_kind_of(const char *path);

/* Whether value is meant for this process, and not for one that its constructors started. */
bool exec_is_meant(const char *value);

/* After the exec, at takeover: value is EXEC_ENV's. Runs main as a thread of the schedule, or
 * returns: the process is free. */
void exec_join(const char *value);

#endif
