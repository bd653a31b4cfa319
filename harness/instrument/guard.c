/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guards of C++ static locals (Itanium C++ ABI 3.3.2). The compiler inlines the first look at the
 * guard as an atomic load, which it instruments; the store that pairs with it is inside the C++
 * library, which is not. So the library's functions are called through these, which tell the order.
 */
#include <dlfcn.h>
#include <stddef.h>

#include "base/insist.h"
#include "instrument/tsan.h"

typedef int (*guard_acquire)(uint64_t *);
typedef void (*guard_end)(uint64_t *);

/* Looked up at the first call of each, which may be in a schedule: dlsym() is trapped and undone.
 */
static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	insist(function != NULL);
	return function;
}

TSAN int __cxa_guard_acquire(uint64_t *guard);
int __cxa_guard_acquire(uint64_t *guard)
{
	static guard_acquire real;
	int run;

	if (!real)
		real = (guard_acquire)(uintptr_t)next("__cxa_guard_acquire");
	run = real(guard);
	if (access_state.on)
		race_acquire(&access_race, engine_current->id, (uintptr_t)guard);
	return run;
}

TSAN void __cxa_guard_release(uint64_t *guard);
void __cxa_guard_release(uint64_t *guard)
{
	static guard_end real;

	if (!real)
		real = (guard_end)(uintptr_t)next("__cxa_guard_release");
	if (access_state.on) {
		race_release_store(&access_race, engine_current->id, (uintptr_t)guard);
		access_refresh();
	}
	real(guard);
}

TSAN void __cxa_guard_abort(uint64_t *guard);
void __cxa_guard_abort(uint64_t *guard)
{
	static guard_end real;

	if (!real)
		real = (guard_end)(uintptr_t)next("__cxa_guard_abort");
	if (access_state.on) {
		race_release_store(&access_race, engine_current->id, (uintptr_t)guard);
		access_refresh();
	}
	real(guard);
}
