/* SPDX-License-Identifier: Apache-2.0 */
/* Between process.c, which keeps the children, and call_process.c, which makes and reaps them. */
#ifndef JOSTLE_ENGINE_PROCESS_CHILDREN_H
#define JOSTLE_ENGINE_PROCESS_CHILDREN_H

void process_add_child(int pid);
/* Forgets it, and says which it was in the schedule, from 1; 0: unknown. */
int process_remove_child(int pid);
int process_child_number(int pid);
/* In a forked process: they are its parent's. */
void process_forget_children(void);

#endif
