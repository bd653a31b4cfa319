/* SPDX-License-Identifier: Apache-2.0 */
/* dlfcn.h: opening libraries, of which the mode alone is the engine's business. */
#include <dlfcn.h>
#include <stddef.h>

#include "differential.h"

/* Whether one is there, what it knows, and whether it is given back. */
static void open_one(const char *file, int mode, const char *name)
{
	void *library = dlopen(file, mode);

	says("dlopen", "%s", library ? "opened" : "refused");
	if (!library) {
		with(", %s", dlerror() ? "which is said" : "silently");
		return;
	}
	with(", %s is %s", name, dlsym(library, name) ? "there" : "missing");
	with(", closed with %d", dlclose(library));
}

static void the_same_twice(void)
{
	void *first = dlopen("libm.so.6", RTLD_NOW), *second = dlopen("libm.so.6", RTLD_LAZY);

	IS_SO(dlopen("libm.so.6"), first && first == second);
	if (first)
		dlclose(first);
	if (second)
		dlclose(second);
}

void libraries(void)
{
	open_one("libm.so.6", RTLD_NOW, "cos");
	open_one("libm.so.6", RTLD_LAZY | RTLD_GLOBAL, "cos");
	open_one("libm.so.6", RTLD_NOW | RTLD_LOCAL, "no_such_function");
	open_one("libm.so.6", RTLD_NOW | RTLD_DEEPBIND, "cos");
	open_one("libm.so.6", 0, "cos");
	open_one("no-such-library.so", RTLD_NOW, "cos");
	open_one("/dev/null", RTLD_NOW, "cos");
	open_one("", RTLD_NOW, "malloc");
	open_one(NULL, RTLD_NOW, "main");
	the_same_twice();
}
