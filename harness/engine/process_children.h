/* SPDX-License-Identifier: Apache-2.0 */
/* Between process.c, which keeps the children, and call_process.c, which makes and reaps them. */
#ifndef JOSTLE_ENGINE_PROCESS_CHILDREN_H
#define JOSTLE_ENGINE_PROCESS_CHILDREN_H

void process_add_child(int pid);
void process_remove_child(int pid);

#endif
