/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are written beside their place and take it when they are whole, so that a full disk or
 * a killed command leaves the old file or none, and no reader sees half of one. The names beside
 * are unique: commands that share a folder, as those of a CI matrix do, are not in each other's
 * way. What is no ordinary file (/dev/stdout, a named pipe) is written to, and never replaced.
 */
#ifndef JOSTLE_TOOL_BESIDE_H
#define JOSTLE_TOOL_BESIDE_H

#include <limits.h>
#include <stddef.h>

struct beside {
	int fd, error;        /* an errno: the first that was met */
	char place[PATH_MAX]; /* where it shall be; behind symbolic links */
	char path[PATH_MAX];  /* where it is; empty for what is no ordinary file */
};

/* Each after an error is nothing, so that only the end need be asked. */
void beside_open(struct beside *beside, const char *file);
void beside_write(struct beside *beside, const void *bytes, size_t size);
/* Puts the file into its place, or removes it after an error, which is returned; 0 is success. */
int beside_close(struct beside *beside);

/* Writes all of bytes. Returns 0 or an errno. */
int write_all(int fd, const void *bytes, size_t size);

#endif
