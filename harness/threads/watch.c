/* SPDX-License-Identifier: Apache-2.0 */
/* Client requests, where Valgrind's headers were there when this was built. */
#include "threads/watch.h"

#include <dlfcn.h>
#include <string.h>

#include "base/str.h"

#if defined(__has_include)
#if __has_include(<valgrind/helgrind.h>) && __has_include(<valgrind/drd.h>)
#include <valgrind/drd.h>
#include <valgrind/helgrind.h>
#define HAVE_VALGRIND 1
#endif
#endif

#define MODULES_MAX 4

static struct {
	uint64_t start, end;
} modules[MODULES_MAX];
static unsigned module_count;

void watch_module(const char *path, uint64_t start, uint64_t end)
{
	const char *name = path;

	for (const char *at = path; *at; at++)
		if (*at == '/')
			name = at + 1;
	if (!str_starts_with(name, "vgpreload_") || module_count == MODULES_MAX)
		return;
	modules[module_count].start = start;
	modules[module_count].end = end;
	module_count++;
}

bool watch_is_detector(const void *site)
{
	const uint64_t pc = (uint64_t)(uintptr_t)site;

	for (unsigned i = 0; i < module_count; i++)
		if (pc >= modules[i].start && pc < modules[i].end)
			return true;
	return false;
}

void watch_ignore(const void *memory, size_t size)
{
#ifdef HAVE_VALGRIND
	VALGRIND_HG_DISABLE_CHECKING(memory, size);
	VALGRIND_DO_CLIENT_REQUEST_STMT(VG_USERREQ__DRD_START_SUPPRESSION, memory, size, 0, 0, 0);
#else
	(void)memory;
	(void)size;
#endif
}

static void (*func_entry)(void *site);
static void (*func_exit)(void);

void watch_enter(const void *site)
{
	if (func_entry)
		func_entry((void *)(uintptr_t)site);
}

void watch_leave(void)
{
	if (func_exit)
		func_exit();
}

static void find_tsan(void)
{
	void *entry = dlsym(RTLD_NEXT, "__tsan_func_entry");
	void *leave = dlsym(RTLD_NEXT, "__tsan_func_exit");

	if (!entry || !leave)
		return;
	memcpy(&func_entry, &entry, sizeof(entry));
	memcpy(&func_exit, &leave, sizeof(leave));
}

bool watch_is_watched(void)
{
	find_tsan();
#ifdef HAVE_VALGRIND
	if (RUNNING_ON_VALGRIND)
		return true;
#endif
	return dlsym(RTLD_DEFAULT, "__tsan_init") != NULL;
}
