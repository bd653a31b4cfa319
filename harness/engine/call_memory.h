/* SPDX-License-Identifier: Apache-2.0 */
/* Program break and System V objects: what the reset takes back itself. */
#ifndef JOSTLE_ENGINE_CALL_MEMORY_H
#define JOSTLE_ENGINE_CALL_MEMORY_H

void memory_take(void);
/* Before system_dirty is cleared. */
void memory_reset(void);

#endif
