/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conservative garbage collectors ask the loader for the data of every module, and scan it for what
 * looks like pointers. Ours is full of the program's addresses, some from earlier schedules: what
 * they point to would be kept, and memory there not be used, so that the same schedule would find
 * its objects elsewhere. libc's own data, which ours stands for, names none of them. So our module
 * is shown without what can be written. Who unwinds stacks needs the rest.
 */
#include <link.h>
#include <stdint.h>
#include <string.h>

#include "base/hidden.h"
#include "engine/engine.h"
#include "engine/takeover/real.h"

#define HEADERS_MAX 16

extern HIDDEN const char __ehdr_start[];

struct visit {
	int (*callback)(struct dl_phdr_info *, size_t, void *);
	void *data;
};

/* A callback may keep what it was shown. The same in each schedule. */
static ElfW(Phdr) shown[HEADERS_MAX];

static void hide_data(struct dl_phdr_info *info)
{
	if (info->dlpi_phnum > HEADERS_MAX)
		return;
	memcpy(shown, info->dlpi_phdr, info->dlpi_phnum * sizeof(shown[0]));
	for (unsigned i = 0; i < info->dlpi_phnum; i++)
		if ((shown[i].p_type == PT_LOAD && (shown[i].p_flags & PF_W)) ||
		    shown[i].p_type == PT_GNU_RELRO)
			shown[i].p_type = PT_NULL;
	info->dlpi_phdr = shown;
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct visit *v = data;
	struct dl_phdr_info changed;

	if (info->dlpi_addr != (uintptr_t)__ehdr_start || size > sizeof(changed))
		return v->callback(info, size, v->data);
	memcpy(&changed, info, size);
	hide_data(&changed);
	return v->callback(&changed, size, v->data);
}

INTERPOSE int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	struct visit v = { .callback = callback, .data = data };

	real_init();
	return real.dl_iterate_phdr(visit, &v);
}
