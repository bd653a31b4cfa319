/* SPDX-License-Identifier: Apache-2.0 */
/* When the command is killed: the target ends with it, and leaves nothing behind. */
#ifndef JOSTLE_ENGINE_ORPHAN_H
#define JOSTLE_ENGINE_ORPHAN_H

#include <stdint.h>

/* At takeover, once signals are ours. */
void orphan_init(void);

/* The process in which the template of the fork reset runs a schedule, as the kernel has written it
 * when that begins to run; 0: none. */
extern int32_t orphan_schedule;

#endif
