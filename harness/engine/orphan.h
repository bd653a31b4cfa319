/* SPDX-License-Identifier: Apache-2.0 */
/* When the command is killed: the target ends with it, and leaves nothing behind. */
#ifndef JOSTLE_ENGINE_ORPHAN_H
#define JOSTLE_ENGINE_ORPHAN_H

/* At takeover, once signals are ours. */
void orphan_init(void);

#endif
