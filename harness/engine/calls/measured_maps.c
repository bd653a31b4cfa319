/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of mappings as it is without us; see measured.h. The reset watches some of the program's
 * pages, which splits lines, and pages of ours are files with inodes of their own: which of them
 * there are depends on the reset, and how wide a number is on the run.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/fmt.h"
#include "base/str.h"
#include "engine/calls/measured.h"

#define OURS "/memfd:jostle"
/* Their columns in the kernel's lines are of one width up to the path's. */
#define PATH_COLUMN 73

/* The rest of a line stays as it is: only what is ours, and what lies where, is changed. */
static bool parse(struct measured_maps *maps, const char *line, size_t length,
		  const struct measured_process *process, struct maps_entry *entry)
{
	if (length > 0 && line[length - 1] == '\n')
		length--;
	if (length >= sizeof(maps->text))
		return false;
	memcpy(maps->text, line, length);
	maps->text[length] = '\0';
	if (!maps_parse(maps->text, entry))
		return false;
	if (str_starts_with(entry->path, OURS)) {
		entry->shared = false;
		entry->offset = entry->inode = 0;
		entry->device_major = entry->device_minor = 0;
		entry->path = "";
	}
	if (process->end_of_own)
		entry->end = process->end_of_own(entry->start, entry->end);
	if (process->top && entry->end >> 47 == 0) {
		if (entry->start > process->top)
			entry->start = process->top;
		if (entry->end > process->top)
			entry->end = process->top;
	}
	return true;
}

/* "[stack]" and "[heap]" are anonymous, too: the rest of a split one has no name. */
static bool is_anonymous(const struct maps_entry *entry)
{
	return entry->inode == 0 && (!entry->path[0] || str_equal(entry->path, "[stack]") ||
				     str_equal(entry->path, "[heap]"));
}

static bool goes_on(const struct maps_entry *last, const struct maps_entry *next)
{
	if (last->end != next->start || last->start == last->end ||
	    last->protection != next->protection || last->shared != next->shared)
		return false;
	if (is_anonymous(last) && is_anonymous(next))
		return !last->path[0] || !next->path[0] || str_equal(last->path, next->path);
	return last->inode != 0 && last->inode == next->inode &&
	       last->device_major == next->device_major &&
	       last->device_minor == next->device_minor && str_equal(last->path, next->path) &&
	       last->offset + (last->end - last->start) == next->offset;
}

size_t measured_maps_end(struct measured_maps *maps, char *to, size_t size)
{
	const struct maps_entry *e = &maps->last;
	size_t used;

	if (!maps->pending)
		return 0;
	maps->pending = false;
	used = fmt(to, size, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", e->start, e->end,
		   e->protection & PROT_READ ? 'r' : '-', e->protection & PROT_WRITE ? 'w' : '-',
		   e->protection & PROT_EXEC ? 'x' : '-', e->shared ? 's' : 'p',
		   (unsigned long)e->offset, e->device_major, e->device_minor,
		   (unsigned long)e->inode);
	if (e->path[0]) {
		while (used + 1 < size && used < PATH_COLUMN)
			to[used++] = ' ';
		used += fmt(to + used, size - used, "%s", e->path);
	}
	return used + fmt(to + used, size - used, "\n");
}

size_t measured_maps_line(struct measured_maps *maps, const char *line, size_t length,
			  const struct measured_process *process, char *to, size_t size)
{
	struct maps_entry entry;
	size_t used;

	if (!parse(maps, line, length, process, &entry)) {
		used = measured_maps_end(maps, to, size);
		length = length < size - used ? length : size - used;
		memcpy(to + used, line, length);
		return used + length;
	}
	if (entry.start == entry.end && entry.end != process->top)
		return 0;
	if (maps->pending && goes_on(&maps->last, &entry)) {
		maps->last.end = entry.end;
		if (!maps->last.path[0] && entry.path[0]) {
			fmt(maps->path, sizeof(maps->path), "%s", entry.path);
			maps->last.path = maps->path;
		}
		return 0;
	}
	used = measured_maps_end(maps, to, size);
	maps->last = entry;
	fmt(maps->path, sizeof(maps->path), "%s", entry.path);
	maps->last.path = maps->path;
	maps->pending = true;
	return used;
}
