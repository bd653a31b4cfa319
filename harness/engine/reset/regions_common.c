/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared anonymous memory that was there before main, as a constructor maps it for the processes
 * to come: a forked schedule writes to the template's. Its bytes are kept beside it and written
 * back before each of them.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/str.h"
#include "base/sys.h"
#include "engine/reset/maps.h"
#include "engine/reset/regions.h"

#define COMMON_MAX   256
#define COMMON_BYTES (256UL << 20)

static struct common {
	uintptr_t start;
	size_t size;
	void *copy;
} common[COMMON_MAX];
static size_t common_count;
static int common_error;

bool regions_is_common(const struct maps_entry *entry)
{
	return entry->shared && str_starts_with(entry->path, "/dev/zero") &&
	       (entry->protection & (PROT_READ | PROT_WRITE)) == (PROT_READ | PROT_WRITE);
}

static void keep(const struct maps_entry *entry, void *context)
{
	(void)context;
	if (!regions_is_common(entry) || common_error)
		return;
	if (common_count == COMMON_MAX)
		common_error = -ENOSPC;
	else
		common[common_count++] =
			(struct common){ .start = entry->start, .size = entry->end - entry->start };
}

int regions_keep_common(void)
{
	size_t total = 0;

	common_count = 0;
	common_error = 0;
	maps_read(keep, NULL);
	for (size_t i = 0; i < common_count && !common_error; i++) {
		struct common *c = &common[i];
		const long copy = sys_mmap(NULL, c->size, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		total += c->size;
		if (sys_failed(copy) || total > COMMON_BYTES)
			return -ENOMEM;
		c->copy = (void *)copy;
		memcpy(c->copy, (const void *)c->start, c->size);
	}
	return common_error;
}

void regions_restore_common(void)
{
	for (size_t i = 0; i < common_count; i++)
		memcpy((void *)common[i].start, common[i].copy, common[i].size);
}
