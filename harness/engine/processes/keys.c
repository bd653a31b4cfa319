/* SPDX-License-Identifier: Apache-2.0 */
/* See keys.h. */
#include "engine/processes/keys.h"

#include <stddef.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "base/str.h"
#include "engine/access/shadow.h"
#include "engine/calls/call.h"
#include "engine/processes/shared.h"
#include "engine/reset/maps.h"
#include "model/world.h"

#define REGIONS_MAX  512
#define MAPPINGS_MAX 512
#define EARLY_MAX    64
#define PAGE         4096UL
#define ADDRESS_MASK 0xffffffffffffUL /* numbers of overlapping regions lie above */

struct region {
	uint64_t device, inode; /* 0, 0: anonymous */
	uintptr_t base;         /* key of its first byte, without OBJECT_SHARED */
	uintptr_t size;
};

struct mapping {
	uintptr_t start, end;
	uintptr_t base; /* key of start, without OBJECT_SHARED */
};

static struct {
	uint32_t count;
	struct region list[REGIONS_MAX];
} regions SHARED_STATE;

/* Mapped by a constructor, before any call was seen. */
static struct early {
	uintptr_t start, end;
	uint64_t device, inode, offset;
} early[EARLY_MAX];
static uint32_t early_count;

/* Of this process; the newest of those that overlap is the one in force. */
static struct mapping mappings[MAPPINGS_MAX];
static uint32_t mapping_count;
bool keys_used;

bool engine_shared_key(const void *address, uint64_t *key)
{
	if (shared_contains(address)) {
		*key = OBJECT_SHARED | (uintptr_t)address;
		return true;
	}
	for (uint32_t i = mapping_count; i-- > 0;) {
		const struct mapping *m = &mappings[i];

		if ((uintptr_t)address - m->start < m->end - m->start) {
			*key = OBJECT_SHARED | (m->base + ((uintptr_t)address - m->start));
			return true;
		}
	}
	return false;
}

static void *key_of(const void *object)
{
	uint64_t key;

	return engine_shared_key(object, &key) ? (void *)(uintptr_t)key : (void *)(uintptr_t)object;
}

static void *place_of(const void *key)
{
	const uintptr_t plain = (uintptr_t)key & ~OBJECT_SHARED;

	if (shared_contains((const void *)plain))
		return (void *)plain;
	for (uint32_t i = mapping_count; i-- > 0;)
		if (plain - mappings[i].base < mappings[i].end - mappings[i].start)
			return (void *)(mappings[i].start + (plain - mappings[i].base));
	return NULL;
}

static uintptr_t overlapping(uintptr_t base, uintptr_t size)
{
	uintptr_t count = 0;

	for (uint32_t i = 0; i < regions.count; i++)
		count += (regions.list[i].base & ADDRESS_MASK) < base + size &&
			 base < (regions.list[i].base & ADDRESS_MASK) + regions.list[i].size;
	return count;
}

static struct region *region_of(uint64_t device, uint64_t inode, uintptr_t address, uintptr_t size)
{
	struct region *r;

	for (uint32_t i = 0; inode && i < regions.count; i++) {
		r = &regions.list[i];
		if (r->device == device && r->inode == inode) {
			if (r->size < size)
				r->size = size;
			return r;
		}
	}
	if (regions.count == REGIONS_MAX)
		return NULL;
	r = &regions.list[regions.count];
	*r = (struct region){ .device = device,
			      .inode = inode,
			      .base = address | overlapping(address, size) << 48,
			      .size = size };
	regions.count++;
	return r;
}

static void add(uint64_t device, uint64_t inode, uintptr_t address, uintptr_t size,
		uintptr_t offset)
{
	const struct region *r = region_of(device, inode, address - offset, size + offset);

	if (!r || mapping_count == MAPPINGS_MAX) {
		engine_note("more than 512 shared mappings: objects in the others are known by "
			    "their addresses");
		return;
	}
	mappings[mapping_count++] = (struct mapping){ .start = address,
						      .end = address + size,
						      .base = r->base + offset };
	shadow_join(address, size, r->base + offset);
	keys_use();
}

void keys_use(void)
{
	keys_used = true;
	world_keys = key_of;
	world_places = place_of;
}

void keys_mapped(const struct call *c, uintptr_t address)
{
	const uintptr_t size = ((uintptr_t)c->args[1] + PAGE - 1) & ~(PAGE - 1);
	struct shmid_ds segment;
	struct stat st;

	if (c->nr == SYS_shmat) {
		if (sys_call3(SYS_shmctl, c->args[0], IPC_STAT, (long)&segment) >= 0)
			add(UINT64_MAX, (uint64_t)c->args[0] + 1, address,
			    (segment.shm_segsz + PAGE - 1) & ~(PAGE - 1), 0);
		return;
	}
	if (!(c->args[3] & MAP_SHARED)) /* MAP_SHARED_VALIDATE has its bit, too */
		return;
	if (c->args[3] & MAP_ANONYMOUS)
		add(0, 0, address, size, 0);
	else if (sys_call2(SYS_fstat, c->args[4], (long)&st) == 0 && S_ISREG(st.st_mode))
		add(st.st_dev, st.st_ino, address, size, (uintptr_t)c->args[5]);
}

static void add_early(void)
{
	for (uint32_t i = 0; i < early_count; i++) {
		const struct early *e = &early[i];

		add(e->device, e->inode, e->start, e->end - e->start, (uintptr_t)e->offset);
	}
}

/* As st_dev has it, which libc makes with a function of its own. */
static uint64_t device_of(const struct maps_entry *entry)
{
	const uint64_t major = entry->device_major, minor = entry->device_minor;

	return (major & 0xfffff000) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00) << 12 |
	       (minor & 0xff);
}

static void visit(const struct maps_entry *entry, void *context)
{
	struct early e = { .start = entry->start, .end = entry->end };

	(void)context;
	if (!entry->shared || !(entry->protection & PROT_WRITE) || early_count == EARLY_MAX ||
	    str_starts_with(entry->path, "/memfd:jostle"))
		return;
	if (str_starts_with(entry->path, "/SYSV")) {
		e.device = UINT64_MAX;
		e.inode = entry->inode + 1;
	} else if (!str_starts_with(entry->path, "/dev/zero")) {
		if (str_starts_with(entry->path, "/dev/") &&
		    !str_starts_with(entry->path, "/dev/shm/"))
			return;
		e.device = device_of(entry);
		e.inode = entry->inode;
		e.offset = entry->offset;
	}
	early[early_count++] = e;
}

void keys_look(void)
{
	early_count = 0;
	maps_read(visit, NULL);
	add_early();
}

void keys_reset(void)
{
	mapping_count = 0;
	regions.count = 0;
	keys_used = false;
	world_keys = NULL;
	world_places = NULL;
	add_early();
}
