/* SPDX-License-Identifier: Apache-2.0 */
/* dlfcn.h: opening libraries, of which the mode alone is the engine's business. */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

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

static void *in_libc(const char *name)
{
	void *library = dlopen("libc.so.6", RTLD_NOW);
	void *found = dlsym(library, name);

	says("dlsym", "%s is %s, closed with %d", name, found ? "there" : "missing",
	     dlclose(library));
	return found;
}

/* What is found in libc itself goes together with what is called by name. */
static void found_in_libc(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	void *(*allocate)(size_t);
	void *(*allocate_again)(void *, size_t);
	void (*give_back)(void *);
	int (*take)(pthread_mutex_t *);

	*(void **)&allocate = in_libc("malloc");
	*(void **)&allocate_again = in_libc("realloc");
	*(void **)&give_back = in_libc("free");
	*(void **)&take = in_libc("pthread_mutex_lock");
	in_libc("no_such_function");
	free(allocate(100));
	give_back(realloc(allocate(100), 200000));
	free(allocate_again(malloc(10), 1000));
	with(", locks with %d", take(&lock));
	with(", is locked: %d", pthread_mutex_trylock(&lock));
	with(", unlocks with %d", pthread_mutex_unlock(&lock));
}

static int look_at_module(struct dl_phdr_info *info, size_t size, void *data)
{
	int *looks = data;

	(void)size;
	return info->dlpi_phnum ? --*looks == 0 ? 7 : 0 : -1;
}

static void modules(int looks)
{
	const int result = dl_iterate_phdr(look_at_module, &looks);

	says("dl_iterate_phdr", "%d, %s left", result, looks > 0 ? "some" : "none");
}

void libraries(void)
{
	for (int looks = 1; looks < 4; looks++)
		modules(looks);
	modules(1000);
	modules(2000);
	found_in_libc();
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
