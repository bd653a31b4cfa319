/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing two pictures of the address space, and going back to the first.
 *
 * Both lists are cut at every border of either, so that within a piece each is one entry or none;
 * neighbouring pieces that differ in the same way between the same two entries are one change by
 * construction, since a border of neither list cuts them.
 */
#include "engine/reset/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/mman.h>

#include "base/str.h"
#include "base/sys.h"
#include "engine/reset/dirty.h"

static bool same_backing(const struct maps_entry *before, const struct maps_entry *now)
{
	if (before->shared != now->shared || before->inode != now->inode ||
	    before->device_major != now->device_major || before->device_minor != now->device_minor)
		return false;
	/* Offsets of anonymous memory mean nothing; those of a file must agree for one address. */
	return before->inode == 0 || before->offset - before->start == now->offset - now->start;
}

static uintptr_t least(uintptr_t a, uintptr_t b)
{
	return a < b ? a : b;
}

int maps_diff(const struct maps_list *before, const struct maps_list *now, maps_changed changed,
	      void *context)
{
	const struct maps_entry *b = before->entries, *b_end = b + before->count;
	const struct maps_entry *n = now->entries, *n_end = n + now->count;
	uintptr_t at = 0;
	int result = 0;

	while (result == 0 && (b < b_end || n < n_end)) {
		const bool in_before = b < b_end && b->start <= at;
		const bool in_now = n < n_end && n->start <= at;
		uintptr_t end = UINTPTR_MAX;

		/* The piece ends at the next border of either list. */
		if (b < b_end)
			end = least(end, in_before ? b->end : b->start);
		if (n < n_end)
			end = least(end, in_now ? n->end : n->start);

		if (in_before && !in_now)
			result = changed(MAPS_LOST, at, end, b, NULL, context);
		else if (!in_before && in_now)
			result = changed(MAPS_EXTRA, at, end, NULL, n, context);
		else if (in_before && in_now && !same_backing(b, n))
			result = changed(MAPS_REPLACED, at, end, b, n, context);
		else if (in_before && in_now && b->protection != n->protection)
			result = changed(MAPS_PROTECTED, at, end, b, n, context);

		at = end;
		if (in_before && b->end == at)
			b++;
		if (in_now && n->end == at)
			n++;
	}
	return result;
}

struct undo {
	const struct maps_list *lists[2];
	const struct maps_range *keep;
	size_t keep_count;
	maps_remapped remapped;
	void *context;
	int error; /* the first one */
};

static void note(struct undo *undo, long result)
{
	if (sys_failed(result) && undo->error == 0)
		undo->error = (int)result;
}

/* Where the first kept range at or after @at begins and ends; [UINTPTR_MAX, UINTPTR_MAX): none. */
static struct maps_range next_kept(const struct undo *undo, uintptr_t at)
{
	struct maps_range nearest = { UINTPTR_MAX, UINTPTR_MAX };
	struct maps_range own[4];
	size_t own_count = 0;

	for (int i = 0; i < 2; i++) {
		const uintptr_t entries = (uintptr_t)undo->lists[i]->entries;
		const uintptr_t paths = (uintptr_t)undo->lists[i]->paths;

		own[own_count++] = (struct maps_range){ entries, entries + MAPS_LIST_BYTES };
		own[own_count++] = (struct maps_range){ paths, paths + MAPS_PATHS_BYTES };
	}
	for (size_t i = 0; i < own_count + undo->keep_count; i++) {
		const struct maps_range *kept =
			i < own_count ? &own[i] : &undo->keep[i - own_count];

		if (kept->end > at && kept->start < nearest.start)
			nearest = *kept;
	}
	return nearest;
}

/* Opens the file of a mapping again if it is still that file; -ESTALE otherwise. */
static long reopen(const struct maps_entry *entry)
{
	const int flags = entry->shared && (entry->protection & PROT_WRITE) ? O_RDWR : O_RDONLY;
	struct statx status;
	long fd;

	fd = dirty_adopted(entry->device_major, entry->device_minor, entry->inode);
	if (fd >= 0)
		return fd;
	if (entry->path[0] != '/')
		return -ESTALE;
	fd = sys_openat(AT_FDCWD, entry->path, flags | O_CLOEXEC, 0);
	if (fd < 0)
		return -ESTALE;
	if (sys_call5(SYS_statx, fd, (long)"", AT_EMPTY_PATH, STATX_INO, (long)&status) == 0 &&
	    status.stx_ino == entry->inode && status.stx_dev_major == entry->device_major &&
	    status.stx_dev_minor == entry->device_minor)
		return fd;
	sys_close((int)fd);
	return -ESTALE;
}

static void map_again(struct undo *undo, uintptr_t start, uintptr_t end,
		      const struct maps_entry *entry)
{
	int flags = MAP_FIXED | (entry->shared ? MAP_SHARED : MAP_PRIVATE);
	uint64_t offset = 0;
	long fd = -1, result;

	/* The kernel's own pages ([vdso], [vvar]) cannot be had twice. */
	if (str_starts_with(entry->path, "[v")) {
		note(undo, -ESTALE);
		return;
	}
	if (entry->inode == 0) {
		flags |= MAP_ANONYMOUS | MAP_NORESERVE;
	} else {
		offset = entry->offset + (start - entry->start);
		fd = reopen(entry);
		if (fd < 0) {
			note(undo, fd);
			return;
		}
	}
	result = sys_mmap((void *)start, end - start, entry->protection, flags, (int)fd,
			  (long)offset);
	note(undo, result);
	if (fd >= 0)
		sys_close((int)fd);
	if (!sys_failed(result) && undo->remapped)
		undo->remapped(start, end, undo->context);
}

static void undo_piece(struct undo *undo, enum maps_change change, uintptr_t start, uintptr_t end,
		       const struct maps_entry *before)
{
	switch (change) {
	case MAPS_EXTRA:
		note(undo, sys_munmap((void *)start, end - start));
		break;
	case MAPS_LOST:
	case MAPS_REPLACED:
		map_again(undo, start, end, before);
		break;
	case MAPS_PROTECTED:
		note(undo, sys_mprotect((void *)start, end - start, before->protection));
		break;
	}
}

/* What lies between the kept ranges. */
static int undo_change(enum maps_change change, uintptr_t start, uintptr_t end,
		       const struct maps_entry *before, const struct maps_entry *now, void *context)
{
	struct undo *undo = context;

	(void)now;
	while (start < end) {
		const struct maps_range kept = next_kept(undo, start);
		const uintptr_t stop = least(end, kept.start);

		if (start < stop)
			undo_piece(undo, change, start, stop, before);
		start = stop == end ? end : kept.end;
	}
	return 0;
}

int maps_undo(const struct maps_list *before, struct maps_list *now, const struct maps_range *keep,
	      size_t keep_count, maps_remapped remapped, void *context)
{
	struct undo undo = {
		.lists = { before, now },
		.keep = keep,
		.keep_count = keep_count,
		.remapped = remapped,
		.context = context,
	};
	const int error = maps_list_read(now);

	if (error != 0)
		return error;
	maps_diff(before, now, undo_change, &undo);
	return undo.error;
}
