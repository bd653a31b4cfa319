/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a kernel once, in a process group of its own that is gone when this returns: each sample
 * starts from the same small process, and whatever happens in it, the command goes on. Needs
 * interrupt_init() and PR_SET_CHILD_SUBREAPER.
 */
#ifndef JOSTLE_COMPARE_PROBE_H
#define JOSTLE_COMPARE_PROBE_H

#include "compare/kernel.h"

enum probe_end {
	PROBE_DONE,
	PROBE_FAILED,      /* call->error says why */
	PROBE_INTERRUPTED, /* somebody asked to stop; nothing was measured */
};

#define PROBE_LIMIT_MS 60000 /* a kernel that takes longer is ended, and has failed */

/* Memory for calls; NULL when there is none. */
struct kernel_call *probe_open(void);
void probe_close(struct kernel_call *call);

/* What call holds is given to the kernel; its results are found there. */
enum probe_end probe_run(struct kernel_call *call, kernel_run *run);

#endif
