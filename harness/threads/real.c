/* SPDX-License-Identifier: Apache-2.0 */
/* dlsym() gives the default version of a name, which is what a program built today asks for. */
#include "threads/real.h"

#include <dlfcn.h>
#include <stddef.h>

static const char *const names[] = {
#define X(name) #name,
	REAL_LIST(X)
#undef X
};

static void *found[REAL_COUNT]; /* written once each, by whoever comes first: all find the same */

uintptr_t real_find(enum real_index index)
{
	void *function = __atomic_load_n(&found[index], __ATOMIC_RELAXED);

	if (!function) {
		function = dlsym(RTLD_NEXT, names[index]);
		__atomic_store_n(&found[index], function, __ATOMIC_RELAXED);
	}
	return (uintptr_t)function;
}

void real_init(void)
{
	for (unsigned i = 0; i < REAL_COUNT; i++)
		real_find(i);
}
