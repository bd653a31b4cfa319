/* SPDX-License-Identifier: Apache-2.0 */
#include "campaign/file_state.h"

#include <time.h>

#define COARSEST_CLOCK_S 2 /* of the file systems in use */

struct file_state file_state_of(const struct stat *status)
{
	return (struct file_state){ .device = status->st_dev,
				    .inode = status->st_ino,
				    .size = status->st_size,
				    .written = status->st_mtim,
				    .changed = status->st_ctim };
}

bool file_state_settled(const struct file_state *state)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - state->written.tv_sec > COARSEST_CLOCK_S &&
	       now.tv_sec - state->changed.tv_sec > COARSEST_CLOCK_S;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool file_state_same(const struct file_state *a, const struct file_state *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       is_same_time(&a->written, &b->written) && is_same_time(&a->changed, &b->changed);
}
