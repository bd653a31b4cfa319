/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file it is, and which writing of it: what was learned from its bytes holds while this is
 * the same.
 */
#ifndef JOSTLE_TOOL_FILE_STATE_H
#define JOSTLE_TOOL_FILE_STATE_H

#include <stdbool.h>
#include <sys/stat.h>

struct file_state {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written, changed;
};

struct file_state file_state_of(const struct stat *status);
/* Whether one more writing will show: one that follows at once may leave the times as they are. */
bool file_state_settled(const struct file_state *state);
bool file_state_same(const struct file_state *a, const struct file_state *b);

#endif
