/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects in an instrumented program's address space whose memory accesses are not seen: they
 * were compiled without instrumentation. libc and what belongs to the compiler do not count: what
 * their functions do is known, and they order nothing behind anybody's back.
 */
#ifndef JOSTLE_TOOL_MODULES_H
#define JOSTLE_TOOL_MODULES_H

#include <stddef.h>

#include "record/board.h"
#include "report/pool.h"

#define MODULES_MAX 256

/* A set of paths, sorted; all zero is an empty one. */
struct modules {
	char *paths[MODULES_MAX];
	size_t count;
};

void modules_add(struct modules *modules, const char *path);
void modules_fini(struct modules *modules);

/* "libcrypto.so.3, libz.so.1" of those that are not instrumented, NULL: all are. In the pool. */
const char *modules_uninstrumented(const struct modules *modules, struct pool *pool);

#endif
